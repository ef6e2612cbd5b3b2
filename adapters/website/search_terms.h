// What a reader typed, as an FTS5 query that cannot be malformed, and as terms to mark in what was found.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace fabu::website {

// Folded strings of one kind of characters. A word matches at the beginning of a word, ideographs anywhere.
struct Term {
  std::string folded;
  bool word = false;
};

struct SearchTerms {
  std::string expression;  // FTS5; empty = nothing to look for
  std::vector<Term> terms;
};

constexpr std::size_t kLongestQuery = 100;  // characters; the rest is not looked at

// The first kLongestQuery characters of a query, valid UTF-8, without control characters and outer blanks.
std::string clean_query(std::string_view query);

// Blanks separate what must each be found; within them, what stands together must be found together, in order. A single
// ideograph is looked up in the item's set of characters. Filters are tokens of filter_token(), each required.
SearchTerms search_terms(std::string_view query, const std::vector<std::string>& filters);

// A piece of text, marked or not.
struct Piece {
  std::string text;
  bool marked = false;
};

// The whole text with every occurrence of a term marked.
std::vector<Piece> mark_terms(std::string_view text, const std::vector<Term>& terms);
// About `characters` characters around the first place where a term occurs, with the occurrences marked; the beginning of the
// text when none does. Looks at the first 256 KiB.
std::vector<Piece> snippet(std::string_view text, const std::vector<Term>& terms, std::size_t characters);

}  // namespace fabu::website
