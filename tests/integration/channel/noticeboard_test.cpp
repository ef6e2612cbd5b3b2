// The notice board joins the conformance suite: into a folder, and through a real cupsd.
#include "adapters/noticeboard/channel.h"

#include <algorithm>
#include <boost/asio/thread_pool.hpp>
#include <filesystem>
#include <fstream>
#include <memory>

#include "integration/channel/conformance.h"
#include "peers/cups/cups_server.h"
#include "temp_folder.h"

namespace fabu::noticeboard {
namespace {

namespace fs = std::filesystem;

class BoardUnderTest : public sdk::ChannelUnderTest {
 public:
  std::string name() const override { return "board"; }
  sdk::Channel& make() override {
    channel_ = std::make_unique<NoticeboardChannel>(options(), pool_, clock_);
    return *channel_;
  }

 protected:
  virtual NoticeboardOptions options() const = 0;
  NoticeboardOptions common() const {
    NoticeboardOptions made;
    made.name = name();
    made.sheet.base_url = "https://ggj.chengzhou.example";
    made.poll = Millis{20};
    return made;
  }
  // Of the item, going by the delivery's id.
  bool is_of(std::uint64_t item_id, const std::string& delivery_id) const {
    return delivery_id.starts_with(std::to_string(item_id) + "-") && delivery_id.ends_with("-" + name());
  }

 private:
  SystemClock clock_;
  boost::asio::thread_pool pool_{2};
  std::unique_ptr<NoticeboardChannel> channel_;
};

class SpoolUnderTest final : public BoardUnderTest {
 public:
  bool tamper(const v1::Receipt& receipt) override {
    std::ofstream(file(receipt), std::ios::app) << "%";
    return true;
  }
  bool remove(const v1::Receipt& receipt) override { return fs::remove(file(receipt)); }
  std::size_t count_effects(std::uint64_t item_id) override {
    const fs::directory_iterator sheets(folder_.path()), end;
    return static_cast<std::size_t>(
        std::count_if(sheets, end, [&](const auto& sheet) { return is_of(item_id, sheet.path().stem().string()); }));
  }

 private:
  NoticeboardOptions options() const override {
    NoticeboardOptions made = common();
    made.spool = folder_.path();
    return made;
  }
  static fs::path file(const v1::Receipt& receipt) { return receipt.locator().substr(std::string("file://").size()); }

  TempFolder folder_;
};

// One server for all: each object has a queue of its own.
class PrinterUnderTest final : public BoardUnderTest {
 public:
  PrinterUnderTest() : queue_("board" + std::to_string(++queues)) { server().add_file_queue(queue_); }

  // Paper cannot be changed from here, and nobody takes it down but a person.
  bool tamper(const v1::Receipt&) override { return false; }
  bool remove(const v1::Receipt&) override { return false; }
  std::size_t count_effects(std::uint64_t item_id) override {
    const auto jobs = Cups(queue()).jobs();
    if (!jobs) throw std::runtime_error(jobs.error().ShortDebugString());
    return static_cast<std::size_t>(
        std::count_if(jobs->begin(), jobs->end(), [&](const Job& job) { return is_of(item_id, job.name); }));
  }

 private:
  static peers::CupsServer& server() {
    static peers::CupsServer running;
    return running;
  }
  CupsQueue queue() const { return {"127.0.0.1", server().port(), queue_, "fabu"}; }
  NoticeboardOptions options() const override {
    NoticeboardOptions made = common();
    made.cups = queue();
    return made;
  }

  inline static int queues = 0;
  std::string queue_;
};

}  // namespace
}  // namespace fabu::noticeboard

namespace fabu::sdk {

INSTANTIATE_TEST_SUITE_P(Noticeboard, ChannelConformance,
                         testing::Values(ChannelFactory{"spool", [] { return std::make_unique<noticeboard::SpoolUnderTest>(); }},
                                         ChannelFactory{"cups",
                                                        [] { return std::make_unique<noticeboard::PrinterUnderTest>(); }}),
                         channel_name);

}  // namespace fabu::sdk
