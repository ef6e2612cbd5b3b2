// A guard for the HTML parser. The time that HTML5's tree construction takes grows with tags times depth, so a body of 1 MiB made
// of opening tags alone would keep it busy for a minute; this bounds the depth before it starts.
#pragma once

#include <cstddef>
#include <string_view>

namespace fabu::sdk {

// Whether the elements of this HTML may lie deeper than `depth` in one another. Errs to yes: an end tag counts only where HTML5
// (section 13.2.6.4) is sure to close the element for it, so misnested markup counts as deeper than it is. Linear time.
bool nests_deeper_than(std::string_view html, std::size_t depth);

}  // namespace fabu::sdk
