#include "adapters/noticeboard/sheet_title.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <set>

#include "adapters/sdk/word_breaks.h"

namespace fabu::noticeboard {
namespace {

// Where a line had better not end: inside brackets or book marks, and within a name that the dictionary does not have, which
// comes as single characters (云 桥 路).
std::vector<bool> bad_points(std::string_view title, const std::vector<std::size_t>& points) {
  std::vector<bool> bad(points.size(), false);
  std::size_t from = 0;
  int depth = 0;
  bool lone = false;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const std::string_view piece = title.substr(from, points[i] - from);
    const bool alone = sdk::is_lone_ideograph(piece);
    if (i > 0 && alone && (lone || sdk::kSuffixes.find(piece) != std::string_view::npos)) bad[i - 1] = true;
    lone = alone && sdk::kParticles.find(piece) == std::string_view::npos;
    for (std::size_t at = 0; at + 3 <= piece.size(); ++at) {
      const std::string_view mark = piece.substr(at, 3);
      if (mark == "（" || mark == "《" || mark == "“" || mark == "〔") ++depth;
      if (mark == "）" || mark == "》" || mark == "”" || mark == "〕") --depth;
    }
    if (depth > 0) bad[i] = true;
    from = points[i];
  }
  return bad;
}

// The lines of a title, by dynamic programming over its words: even widths, and no bad points if that can be.
class Search {
 public:
  Search(std::string_view title, double width, const std::function<double(std::string_view)>& measure)
      : title_(title), points_(sdk::word_breaks(title)), bad_(bad_points(title, points_)), width_(width) {
    ends_.push_back(0);
    std::size_t from = 0;
    for (const std::size_t to : points_) {
      ends_.push_back(ends_.back() + measure(title.substr(from, to - from)));
      from = to;
    }
  }

  std::vector<std::string> best() const {
    constexpr std::size_t kMostLines = 8;
    const double whole = ends_.back();
    const auto fewest = std::max<std::size_t>(static_cast<std::size_t>(std::ceil(whole / width_)), 1);
    for (std::size_t count = fewest; count <= kMostLines; ++count) {
      const std::vector<std::size_t> chosen = lines_of(count, whole / static_cast<double>(count));
      if (chosen.empty()) continue;
      std::vector<std::string> lines;
      std::size_t from = 0;
      for (const std::size_t point : chosen) {
        lines.emplace_back(title_.substr(from, points_[point] - from));
        from = points_[point];
      }
      return lines;
    }
    return {std::string(title_)};
  }

 private:
  // The points that end `count` lines; nothing when a line would be too wide.
  std::vector<std::size_t> lines_of(std::size_t count, double mean) const {
    constexpr double kNever = std::numeric_limits<double>::infinity();
    const std::size_t n = points_.size();
    const double penalty = (mean / 3) * (mean / 3);
    // cost[k][j]: of k lines that end with point j - 1; from[k][j]: where the last of them begins
    std::vector<std::vector<double>> cost(count + 1, std::vector<double>(n + 1, kNever));
    std::vector<std::vector<std::size_t>> from(count + 1, std::vector<std::size_t>(n + 1, 0));
    cost[0][0] = 0;
    for (std::size_t k = 1; k <= count; ++k) {
      for (std::size_t j = k; j <= n; ++j) {
        for (std::size_t i = j; i-- > k - 1;) {
          const double width = ends_[j] - ends_[i];
          if (width > width_) break;
          const double here = cost[k - 1][i] + (width - mean) * (width - mean) + (bad_[j - 1] && j < n ? penalty : 0);
          if (here >= cost[k][j]) continue;
          cost[k][j] = here;
          from[k][j] = i;
        }
      }
    }
    if (cost[count][n] == kNever) return {};
    std::vector<std::size_t> chosen(count);
    for (std::size_t k = count, j = n; k > 0; --k) {
      chosen[k - 1] = j - 1;
      j = from[k][j];
    }
    return chosen;
  }

  std::string_view title_;
  std::vector<std::size_t> points_;  // bytes
  std::vector<bool> bad_;
  double width_;
  std::vector<double> ends_;  // widths up to each point, the title's beginning first
};

}  // namespace

std::vector<std::string> title_lines(std::string_view title, double width,
                                     const std::function<double(std::string_view)>& measure) {
  return Search(title, width, measure).best();
}

}  // namespace fabu::noticeboard
