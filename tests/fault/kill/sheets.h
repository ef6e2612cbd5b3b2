// Where the hammer's notice board puts its sheets, and which ones are there.
#pragma once

#include <filesystem>
#include <memory>
#include <set>
#include <string>

namespace fabu::hammer {

class Sheets {
 public:
  virtual ~Sheets() = default;
  // Lines of the channel's configuration, indented to stand in its list.
  virtual std::string config() const = 0;
  // The delivery of every sheet that came out, as often as it did.
  virtual std::multiset<std::string> names() = 0;
};

std::unique_ptr<Sheets> spooled_sheets(std::filesystem::path folder);
// Starts a cupsd with one queue. A job that is not printed has no name here.
std::unique_ptr<Sheets> printed_sheets();

}  // namespace fabu::hammer
