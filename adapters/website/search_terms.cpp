#include "adapters/website/search_terms.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "adapters/website/tokenizer.h"

namespace fabu::website {
namespace {

constexpr std::size_t kSnippetReach = 256 * 1024;

using Span = std::pair<std::size_t, std::size_t>;  // bytes of the original, [first, second)

bool continues(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

// How long the character at `at` is; 0 when it is not valid UTF-8 or a control.
std::size_t character(std::string_view text, std::size_t at) {
  const auto lead = static_cast<unsigned char>(text[at]);
  const std::size_t n = lead < 0x80 ? 1 : (lead >> 5U) == 6 ? 2 : (lead >> 4U) == 14 ? 3 : (lead >> 3U) == 30 ? 4 : 0;
  if (n == 0 || at + n > text.size() || (n == 1 && (lead < 0x20 || lead == 0x7F))) return 0;
  for (std::size_t i = 1; i < n; ++i) {
    if (!continues(text[at + i])) return 0;
  }
  return n;
}

std::string joined(const Run& run) {
  std::string text;
  const std::size_t n = run.kind == RunKind::word ? std::min(run.characters.size(), kLongestWord) : run.characters.size();
  for (std::size_t i = 0; i < n; ++i) text += run.characters[i];
  return text;
}

std::string phrase(const std::string& tokens) {
  return "\"" + tokens + "\"";
}

// One stretch without blanks: its runs follow each other in the text, as the tokenizer wrote them. The document has a run's last
// character after its pairs, so a run that is followed by another brings it too; a lone last ideograph begins a pair in the
// document, unknown here, and is asked for on its own.
void add_stretch(const std::vector<Run>& runs, std::vector<std::string>& required, std::vector<Term>& terms) {
  std::string tokens;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const Run& run = runs[i];
    const bool last = i + 1 == runs.size();
    terms.push_back({joined(run), run.kind == RunKind::word});
    if (run.kind == RunKind::word) {
      tokens += joined(run) + " ";
      continue;
    }
    const auto& c = run.characters;
    if (c.size() == 1 && last) {
      required.push_back(phrase(c[0]));
      continue;
    }
    for (std::size_t k = 0; k + 1 < c.size(); ++k) tokens += c[k] + c[k + 1] + " ";
    if (!last) tokens += c.back() + " ";
  }
  if (!tokens.empty()) required.push_back(phrase(tokens));
}

std::vector<Span> occurrences(const Run& run, const Term& term) {
  std::vector<Span> spans;
  if (term.word != (run.kind == RunKind::word)) return spans;
  std::string text;
  std::vector<std::size_t> starts;  // byte in `text` → where each character begins
  for (const std::string& c : run.characters) {
    starts.push_back(text.size());
    text += c;
  }
  starts.push_back(text.size());
  for (std::size_t at = text.find(term.folded); at != std::string::npos; at = text.find(term.folded, at + 1)) {
    if (term.word && at != 0) break;
    const auto first = std::lower_bound(starts.begin(), starts.end(), at);
    const auto last = std::lower_bound(starts.begin(), starts.end(), at + term.folded.size());
    if (first == starts.end() || *first != at || last == starts.end()) continue;
    spans.emplace_back(run.offsets[static_cast<std::size_t>(first - starts.begin())],
                       run.offsets[static_cast<std::size_t>(last - starts.begin())]);
  }
  return spans;
}

// One mark of punctuation, as it stands within 〔2026〕7号 or 1234.50.
bool is_joint(std::string_view gap) {
  if (gap.size() == 1) return std::string_view("./-,:()[]%_#@").find(gap[0]) != std::string_view::npos;
  return gap.size() == 3 && gap != "\u3000" &&
         (gap.starts_with("\xe2") || gap.starts_with("\xe3\x80") || gap.starts_with("\xef"));
}

// Two digits or one ideograph stand in many places where they are no hit.
bool is_weak(const Term& term) {
  return term.word ? term.folded.size() <= 2 : term.folded.size() <= 3;
}

// Where terms occur, in order. Those that touch, or that a mark of punctuation joins, are one; what is no more than one weak term
// of several counts only where nothing better is found.
std::vector<Span> find_terms(std::string_view text, const std::vector<Term>& terms) {
  std::vector<std::pair<Span, bool>> found;  // whether it is weak
  for (const Run& run : runs_of(text)) {
    for (const Term& term : terms) {
      for (const Span& span : occurrences(run, term)) found.emplace_back(span, terms.size() > 1 && is_weak(term));
    }
  }
  std::sort(found.begin(), found.end());
  std::vector<std::pair<Span, bool>> joined;
  for (const auto& [span, weak] : found) {
    const std::size_t end = joined.empty() ? 0 : joined.back().first.second;
    if (!joined.empty() && (span.first <= end || is_joint(text.substr(end, span.first - end)))) {
      joined.back().first.second = std::max(end, span.second);
      joined.back().second = false;
    } else {
      joined.emplace_back(span, weak);
    }
  }
  const bool strong = std::any_of(joined.begin(), joined.end(), [](const auto& one) { return !one.second; });
  std::vector<Span> out;
  for (const auto& [span, weak] : joined) {
    if (!strong || !weak) out.push_back(span);
  }
  return out;
}

std::vector<Piece> pieces(std::string_view text, const std::vector<Span>& spans, std::size_t from, std::size_t to) {
  std::vector<Piece> out;
  std::size_t at = from;
  for (const Span& span : spans) {
    if (span.first < at || span.second > to) continue;
    if (span.first > at) out.push_back({std::string(text.substr(at, span.first - at)), false});
    out.push_back({std::string(text.substr(span.first, span.second - span.first)), true});
    at = span.second;
  }
  if (at < to) out.push_back({std::string(text.substr(at, to - at)), false});
  return out;
}

// Steps over whole characters, forwards or back.
std::size_t forward(std::string_view text, std::size_t at, std::size_t characters) {
  for (; characters > 0 && at < text.size(); --characters) {
    ++at;
    while (at < text.size() && continues(text[at])) ++at;
  }
  return at;
}

std::size_t back(std::string_view text, std::size_t at, std::size_t characters) {
  for (; characters > 0 && at > 0; --characters) {
    --at;
    while (at > 0 && continues(text[at])) --at;
  }
  return at;
}

// Where a snippet begins that shows what stands at `found`: at most so many characters before it, behind a blank or a mark of
// punctuation when there is one, so that no number or word is cut.
std::size_t beginning(std::string_view text, std::size_t found, std::size_t characters) {
  const std::size_t from = back(text, found, characters);
  if (from == 0) return 0;
  std::size_t best = from, least = std::string_view::npos;
  for (const std::string_view mark : {" ", "\n", "\t", "。", "；", "，", "、", "：", "？", "！"}) {
    const std::size_t at = text.find(mark, from);
    if (at >= found || at >= least) continue;
    least = at;
    best = at + mark.size();
  }
  return std::min(best, found);
}

}  // namespace

std::string clean_query(std::string_view query) {
  std::string out;
  std::size_t kept = 0;
  for (std::size_t at = 0; at < query.size() && kept < kLongestQuery;) {
    const std::size_t n = character(query, at);
    if (n == 0) {
      if (!out.empty() && out.back() != ' ') out += ' ';
      ++at;
      continue;
    }
    out += query.substr(at, n);
    at += n;
    ++kept;
  }
  const auto first = out.find_first_not_of(' ');
  if (first == std::string::npos) return {};
  return out.substr(first, out.find_last_not_of(' ') - first + 1);
}

SearchTerms search_terms(std::string_view query, const std::vector<std::string>& filters) {
  SearchTerms result;
  std::vector<std::string> required;
  std::string cleaned = clean_query(query);
  constexpr std::string_view wide_blank = "\u3000";
  for (auto at = cleaned.find(wide_blank); at != std::string::npos; at = cleaned.find(wide_blank)) cleaned.replace(at, 3, " ");
  for (std::size_t at = 0; at < cleaned.size();) {
    const std::size_t end = std::min(cleaned.find(' ', at), cleaned.size());
    add_stretch(runs_of(std::string_view(cleaned).substr(at, end - at)), required, result.terms);
    at = end + 1;
  }
  for (std::size_t i = 0; i < required.size(); ++i) {
    result.expression += (i == 0 ? "{title body facts characters} : (" : " AND ") + required[i];
  }
  if (!required.empty()) result.expression += ")";
  if (required.empty() && !cleaned.empty()) return result;  // only punctuation: finds nothing, whatever the filters
  for (const std::string& filter : filters) {
    result.expression += (result.expression.empty() ? "filters : " : " AND filters : ") + phrase(filter);
  }
  return result;
}

std::vector<Piece> mark_terms(std::string_view text, const std::vector<Term>& terms) {
  return pieces(text, find_terms(text, terms), 0, text.size());
}

std::vector<Piece> snippet(std::string_view text, const std::vector<Term>& terms, std::size_t characters) {
  text = text.substr(0, back(text, forward(text, std::min(text.size(), kSnippetReach), 0), text.size() > kSnippetReach ? 1 : 0));
  std::vector<Term> wanted;  // a single ideograph is everywhere: it does not choose the place
  std::copy_if(terms.begin(), terms.end(), std::back_inserter(wanted),
               [](const Term& t) { return t.folded.size() > 3 || t.word; });
  const auto spans = find_terms(text, wanted.empty() ? terms : wanted);
  // The first of the longest places: all of a number rather than one part of it.
  const auto best = std::max_element(spans.begin(), spans.end(),
                                     [](const Span& a, const Span& b) { return a.second - a.first < b.second - b.first; });
  const std::size_t from = best == spans.end() ? 0 : beginning(text, best->first, characters / 4);
  const std::size_t to = forward(text, from, characters);
  auto out = pieces(text, spans, from, to);
  if (from > 0) out.insert(out.begin(), {"…", false});
  if (to < text.size()) out.push_back({"…", false});
  return out;
}

}  // namespace fabu::website
