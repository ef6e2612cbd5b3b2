// How text is cut into words for search, so that any two Chinese characters that stand side by side can be found.
//
// Folding: each code point by NFKC with case folding (full-width forms, compatibility ideographs, capitals), each kept with the
// place in the original that it came from. A run of Han, Kana or Hangul gives its overlapping pairs (中标结果 → 中标 标结 结果)
// and, at its end, its last character alone; letters and digits give words of at most 40 characters, and each of their beginnings
// from two characters on at the same position, so that CZ2026GC finds CZ2026GC0146 without a prefix scan. A comma between groups
// of three digits is not there (1,234 is 1234). Everything else separates.
#pragma once

#include <sqlite3.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace fabu::website {

enum class RunKind : std::uint8_t { ideographs, word };

// Characters of one kind that stand together, folded.
struct Run {
  RunKind kind;
  std::vector<std::string> characters;  // UTF-8, one folded code point each
  std::vector<std::size_t> offsets;     // of each in the original; one more: where the run ends
};

// Invalid UTF-8 separates. Linear in the text.
std::vector<Run> runs_of(std::string_view text);

// The distinct ideographs of a text, separated by spaces: what queries of one character are answered from.
std::string distinct_ideographs(std::string_view text);

// Makes tokenize = 'fabu' known to a connection. Throws DatabaseError.
void register_tokenizer(sqlite3* db);

constexpr std::size_t kLongestWord = 40;

}  // namespace fabu::website
