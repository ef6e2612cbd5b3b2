// The known word nearest to a mistyped one, for answers that say "did you mean". Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace fabu::domain {

// Edit distance (Levenshtein) in bytes. Cost a.size() × b.size(): give it short words.
std::size_t edit_distance(std::string_view a, std::string_view b);
// The nearest of `known`; empty when none is within 2 edits or a third of the word's length. Of equals, the first.
// Only the first 64 bytes of `word` are looked at.
std::string nearest_word(std::string_view word, const std::vector<std::string>& known);

}  // namespace fabu::domain
