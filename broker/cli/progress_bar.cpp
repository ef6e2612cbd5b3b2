#include "broker/cli/progress_bar.h"

#include <fmt/format.h>

#include <algorithm>
#include <ostream>

namespace fabu::cli {

std::string progress_line(std::size_t done, std::size_t total, std::size_t refused, double per_second) {
  constexpr std::size_t kWidth = 30;
  const std::size_t filled = total == 0 ? 0 : std::min(kWidth, done * kWidth / total);
  std::string line = "[" + std::string(filled, '#') + std::string(kWidth - filled, '-') + "]";
  line += fmt::format("  {}/{}", done, total);
  if (refused != 0) line += fmt::format("  {} refused", refused);
  if (per_second > 0) line += fmt::format("  {:.0f}/s", per_second);
  return line;
}

void ProgressBar::draw(std::size_t done, std::size_t total, std::size_t refused, std::chrono::steady_clock::time_point now) {
  if (!shown_) return;
  if (!started_) started_ = now;
  if (drawn_ && now - *drawn_ < std::chrono::milliseconds(100) && done < total) return;
  drawn_ = now;
  const double seconds = std::chrono::duration<double>(now - *started_).count();
  const double rate = seconds > 0.2 ? static_cast<double>(done) / seconds : 0;
  out_ << '\r' << progress_line(done, total, refused, rate) << "\x1b[K" << std::flush;
  on_screen_ = true;
}

void ProgressBar::erase() {
  if (on_screen_) out_ << "\r\x1b[K" << std::flush;
  on_screen_ = false;
}

}  // namespace fabu::cli
