// Aligned columns for people: East Asian characters take two places on a terminal.
#pragma once

#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

namespace fabu::cli {

// Places on a terminal: 2 for East Asian wide and fullwidth characters (Unicode TR 11), 0 for combining marks and control
// characters, 1 for the rest. Bytes that are not UTF-8 count 1 each.
std::size_t display_width(std::string_view utf8);
// Cut to at most `width` places, ending in … when something is left out.
std::string cut_to_width(std::string_view utf8, std::size_t width);

class Table {
 public:
  explicit Table(std::vector<std::string> headings) : rows_{std::move(headings)} {}
  void row(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  bool empty() const { return rows_.size() == 1; }
  // Columns two spaces apart, no trailing blanks; control characters in cells are shown as spaces, since cells hold what others
  // wrote and must not steer the terminal.
  void print(std::ostream&) const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

// "2026-08-20 09:00:01" in Asia/Shanghai; "-" for 0.
std::string show_time(std::int64_t unix_ms);
// "DELIVERY_STATE_DEAD" → "dead": the last words of an enum's name after its prefix, in lower case with dashes.
std::string show_enum(std::string_view name, std::string_view prefix);

}  // namespace fabu::cli
