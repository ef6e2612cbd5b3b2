#include "adapters/noticeboard/sheet_title.h"

#include <unicode/brkiter.h>
#include <unicode/unistr.h>

#include <cmath>
#include <limits>
#include <memory>
#include <set>

namespace fabu::noticeboard {
namespace {

// Byte offsets in UTF-8 at which a line may end, the end included: where both a word ends and a line may be broken.
std::vector<std::size_t> break_points(std::string_view title) {
  const icu::UnicodeString text =
      icu::UnicodeString::fromUTF8(icu::StringPiece(title.data(), static_cast<int32_t>(title.size())));
  const auto boundaries = [&text](bool words) {
    UErrorCode status = U_ZERO_ERROR;
    const icu::Locale locale("zh", "CN");
    const std::unique_ptr<icu::BreakIterator> breaks(words ? icu::BreakIterator::createWordInstance(locale, status)
                                                           : icu::BreakIterator::createLineInstance(locale, status));
    std::set<int32_t> found;
    if (U_FAILURE(status)) return found;
    breaks->setText(text);
    for (int32_t at = breaks->first(); at != icu::BreakIterator::DONE; at = breaks->next()) found.insert(at);
    return found;
  };
  const std::set<int32_t> lines = boundaries(false);
  std::vector<std::size_t> points;
  for (const int32_t at : boundaries(true)) {
    if (at == 0 || (!lines.contains(at) && at != text.length())) continue;
    std::string before;
    text.tempSubString(0, at).toUTF8String(before);
    points.push_back(before.size());
  }
  if (points.empty() || points.back() != title.size()) points.push_back(title.size());
  return points;
}

// How far lines are from even; a short last line under longer ones (a funnel) is what a rhombus is not.
double unevenness(const std::vector<double>& widths, double mean) {
  double cost = 0;
  for (const double width : widths) cost += (width - mean) * (width - mean);
  return cost;
}

class Search {
 public:
  Search(std::string_view title, double width, const std::function<double(std::string_view)>& measure)
      : title_(title), points_(break_points(title)), width_(width), measure_(measure) {}

  std::vector<std::string> best() {
    const double whole = measure_(title_);
    constexpr std::size_t kMostLines = 6;
    for (std::size_t count = static_cast<std::size_t>(std::ceil(whole / width_)); count <= kMostLines; ++count) {
      mean_ = whole / static_cast<double>(count);
      best_cost_ = std::numeric_limits<double>::infinity();
      ends_.clear();
      widths_.clear();
      tries_ = 0;
      extend(0, 0, std::max<std::size_t>(count, 1));
      if (!best_.empty()) break;
    }
    std::vector<std::string> lines;
    std::size_t from = 0;
    for (const std::size_t to : best_) {
      lines.emplace_back(title_.substr(from, to - from));
      from = to;
    }
    if (lines.empty()) lines.emplace_back(title_);
    return lines;
  }

 private:
  void extend(std::size_t from, std::size_t first_point, std::size_t left) {
    constexpr int kMostTries = 20'000;  // of a title of 200 characters
    if (left == 1) {
      const double width = measure_(title_.substr(from));
      if (width > width_) return;
      widths_.push_back(width);
      ends_.push_back(title_.size());
      const double cost = unevenness(widths_, mean_);
      if (cost < best_cost_) {
        best_cost_ = cost;
        best_ = ends_;
      }
      widths_.pop_back();
      ends_.pop_back();
      return;
    }
    for (std::size_t p = first_point; p + 1 < points_.size() && ++tries_ < kMostTries; ++p) {
      const double width = measure_(title_.substr(from, points_[p] - from));
      if (width > width_) return;
      if (width < mean_ * 0.45) continue;
      widths_.push_back(width);
      ends_.push_back(points_[p]);
      extend(points_[p], p + 1, left - 1);
      widths_.pop_back();
      ends_.pop_back();
    }
  }

  std::string_view title_;
  std::vector<std::size_t> points_;
  double width_;
  const std::function<double(std::string_view)>& measure_;
  double mean_ = 0;
  double best_cost_ = 0;
  int tries_ = 0;
  std::vector<double> widths_;
  std::vector<std::size_t> ends_, best_;
};

}  // namespace

std::vector<std::string> title_lines(std::string_view title, double width,
                                     const std::function<double(std::string_view)>& measure) {
  return Search(title, width, measure).best();
}

}  // namespace fabu::noticeboard
