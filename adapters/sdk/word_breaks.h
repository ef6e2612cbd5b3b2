// Where Chinese text may be broken, by ICU's dictionary. Pure.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace fabu::sdk {

// Byte offsets in UTF-8 at which both a word ends and a line may be broken, in order; the end of the text is the last.
std::vector<std::size_t> word_breaks(std::string_view text);

// A name that the dictionary does not have comes as single characters, which stay together: characters that belong to the word
// before them, and characters that stand between words.
inline constexpr std::string_view kSuffixes =
    "路街道巷区县市省镇乡村局委办厅处科室所站院校队组号级类型层期批次年月日的地等者人员案书表率额价费款数";
inline constexpr std::string_view kParticles = "和与及或至在为对于由按从以将向";

// One character of the unified ideographs, and nothing else.
bool is_lone_ideograph(std::string_view text);

}  // namespace fabu::sdk
