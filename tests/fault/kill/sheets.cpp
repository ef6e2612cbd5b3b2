#include "sheets.h"

#include <stdexcept>
#include <utility>

#include "adapters/noticeboard/cups.h"
#include "peers/cups/cups_server.h"

namespace fabu::hammer {
namespace {

class Spooled final : public Sheets {
 public:
  explicit Spooled(std::filesystem::path folder) : folder_(std::move(folder)) {}
  std::string config() const override { return "    spool: " + folder_.string() + "\n"; }
  std::multiset<std::string> names() override {
    std::multiset<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
      if (entry.path().extension() == ".pdf") names.insert(entry.path().stem());
    }
    return names;
  }

 private:
  std::filesystem::path folder_;
};

class Printed final : public Sheets {
 public:
  Printed() { server_.add_file_queue("board"); }
  std::string config() const override {
    return "    concurrency: 16\n    cups:\n      server: 127.0.0.1:" + std::to_string(server_.port()) + "\n      queue: board\n";
  }
  std::multiset<std::string> names() override {
    const auto jobs = noticeboard::Cups({"127.0.0.1", server_.port(), "board", "fabu"}).jobs();
    if (!jobs) throw std::runtime_error(jobs.error().message());
    std::multiset<std::string> names;
    for (const auto& job : *jobs) names.insert(job.state == noticeboard::JobState::completed ? job.name : "");
    return names;
  }

 private:
  peers::CupsServer server_;
};

}  // namespace

std::unique_ptr<Sheets> spooled_sheets(std::filesystem::path folder) {
  return std::make_unique<Spooled>(std::move(folder));
}
std::unique_ptr<Sheets> printed_sheets() {
  return std::make_unique<Printed>();
}

}  // namespace fabu::hammer
