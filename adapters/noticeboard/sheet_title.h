// Breaks a title into lines as GB/T 9704-2012 section 7.3.1 asks: words whole, lines even, arranged as a trapezoid or rhombus.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace fabu::noticeboard {

// The lines of the title, as few as fit into `width` by `measure` (which tells the width of a piece). Words (ICU's dictionary of
// Chinese) are not broken unless one alone is too wide. Pure.
std::vector<std::string> title_lines(std::string_view title, double width,
                                     const std::function<double(std::string_view)>& measure);

}  // namespace fabu::noticeboard
