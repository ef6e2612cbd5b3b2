// A line on a terminal that says how far a long run is.
#pragma once

#include <chrono>
#include <cstddef>
#include <iosfwd>
#include <optional>
#include <string>

namespace fabu::cli {

// Not thread-safe. Draws at most ten times a second; erase() before printing anything else on the same terminal.
class ProgressBar {
 public:
  ProgressBar(std::ostream& out, bool shown) : out_(out), shown_(shown) {}
  void draw(std::size_t done, std::size_t total, std::size_t refused, std::chrono::steady_clock::time_point now);
  void erase();

 private:
  std::ostream& out_;
  bool shown_;
  std::optional<std::chrono::steady_clock::time_point> started_, drawn_;
  bool on_screen_ = false;
};

// "[######----------------]  45/100  3 refused  120/s"
std::string progress_line(std::size_t done, std::size_t total, std::size_t refused, double per_second);

}  // namespace fabu::cli
