// Breaks a title into lines as GB/T 9704-2012 section 7.3.1 asks: words whole, lines even, arranged as a trapezoid or rhombus.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace fabu::noticeboard {

// The lines of the title, as few as fit into `width` by `measure` (which tells the width of a piece; that of a line is taken to
// be the sum of its words'). Words (ICU's dictionary of Chinese) are not broken, and what stands in brackets only when it must
// be; the title as it is when a word alone is too wide or eight lines are not enough. Pure.
std::vector<std::string> title_lines(std::string_view title, double width,
                                     const std::function<double(std::string_view)>& measure);

}  // namespace fabu::noticeboard
