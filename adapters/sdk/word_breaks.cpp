#include "adapters/sdk/word_breaks.h"

#include <unicode/brkiter.h>
#include <unicode/unistr.h>

#include <memory>
#include <set>
#include <string>

namespace fabu::sdk {
namespace {

// Offsets in UTF-16 of one kind of boundary.
std::set<int32_t> boundaries(const icu::UnicodeString& text, bool words) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::Locale locale("zh", "CN");
  const std::unique_ptr<icu::BreakIterator> breaks(words ? icu::BreakIterator::createWordInstance(locale, status)
                                                         : icu::BreakIterator::createLineInstance(locale, status));
  std::set<int32_t> found;
  if (U_FAILURE(status)) return found;
  breaks->setText(text);
  for (int32_t at = breaks->first(); at != icu::BreakIterator::DONE; at = breaks->next()) found.insert(at);
  return found;
}

}  // namespace

std::vector<std::size_t> word_breaks(std::string_view text) {
  const auto wide = icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<int32_t>(text.size())));
  const std::set<int32_t> lines = boundaries(wide, false);
  std::vector<std::size_t> points;
  std::string before;
  int32_t from = 0;
  for (const int32_t at : boundaries(wide, true)) {
    if (at == 0 || (!lines.contains(at) && at != wide.length())) continue;
    wide.tempSubStringBetween(from, at).toUTF8String(before);
    from = at;
    points.push_back(before.size());
  }
  if (before.size() < text.size()) points.push_back(text.size());
  return points;
}

bool is_lone_ideograph(std::string_view text) {
  return text.size() == 3 && static_cast<unsigned char>(text[0]) >= 0xe4 && static_cast<unsigned char>(text[0]) <= 0xe9;
}

}  // namespace fabu::sdk
