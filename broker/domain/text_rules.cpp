#include "broker/domain/text_rules.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace fabu::domain {
namespace {

constexpr std::uint32_t kBad = 0xFFFFFFFF;

// Decodes one character at `at`, moving it on; kBad, and stays, when it is not UTF-8 (overlong forms and surrogates included).
std::uint32_t decode(std::string_view text, std::size_t& at) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(text[i])); };
  const auto first = byte(at);
  if (first < 0x80) return ++at, first;
  const std::size_t more = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : 1;
  if (first < 0xC2 || first > 0xF4 || at + more >= text.size()) return kBad;
  std::uint32_t c = first & (0x3FU >> more);
  for (std::size_t i = 1; i <= more; ++i) {
    if ((byte(at + i) & 0xC0) != 0x80) return kBad;
    c = c << 6 | (byte(at + i) & 0x3F);
  }
  constexpr std::array<std::uint32_t, 4> least{0, 0x80, 0x800, 0x10000};
  if (c < least[more] || c > 0x10FFFF || (c >= 0xD800 && c < 0xE000)) return kBad;
  at += more + 1;
  return c;
}

struct Range {
  std::uint32_t first, last;
};

// By Unicode block; zero-width and bidirectional controls after UTR 36 section 2.
constexpr std::array kForbidden{
    Range{0x7F, 0x9F},        // delete and C1
    Range{0x061C, 0x061C},    // Arabic letter mark
    Range{0x180E, 0x180E},    // Mongolian vowel separator
    Range{0x200B, 0x200F},    // zero-width space and joiners, marks of direction
    Range{0x2028, 0x202E},    // separators of lines and paragraphs, embeddings and overrides
    Range{0x2060, 0x206F},    // word joiner, invisible operators, isolates
    Range{0xFDD0, 0xFDEF},    // noncharacters
    Range{0xFEFF, 0xFEFF},    // byte order mark
    Range{0xFFF9, 0xFFFB},    // interlinear annotations
    Range{0xE0000, 0xE007F},  // tags
};

bool forbidden(std::uint32_t c, bool lines) {
  if (c < 0x20) return !(lines && (c == '\n' || c == '\t'));
  if (c < 0x7F || (c >= 0x2070 && c < 0xFDD0)) return false;  // nearly all text
  if ((c & 0xFFFE) == 0xFFFE) return true;                    // the last two of each plane
  return std::any_of(kForbidden.begin(), kForbidden.end(), [c](Range range) { return c >= range.first && c <= range.last; });
}

template <typename Test>
bool all(std::string_view text, std::size_t most, Test test) {
  return !text.empty() && text.size() <= most && std::all_of(text.begin(), text.end(), test);
}

bool digit(char c) {
  return c >= '0' && c <= '9';
}
bool letter(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}
bool alphanumeric(char c) {
  return digit(c) || letter(c);
}

}  // namespace

bool is_utf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    if (decode(text, at) == kBad) return false;
  }
  return true;
}

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

bool has_forbidden_characters(std::string_view text, bool lines) {
  for (std::size_t at = 0; at < text.size();) {
    const auto c = decode(text, at);
    if (c == kBad || forbidden(c, lines)) return true;
  }
  return false;
}

std::string quoted(std::string_view text, std::size_t most) {
  std::string out;
  for (std::size_t at = 0, count = 0; at < text.size(); ++count) {
    if (count == most) return out + "…";
    const std::size_t from = at;
    const auto c = decode(text, at);
    if (c == kBad) ++at;
    out += c == kBad || forbidden(c, false) ? "?" : text.substr(from, at - from);
  }
  return out;
}

bool is_blank(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const auto c = decode(text, at);
    if (c == kBad || !(c == ' ' || (c >= 9 && c <= 13) || c == 0xA0 || c == 0x3000)) return false;
  }
  return true;
}

bool is_uscc(std::string_view text) {
  static constexpr std::string_view set = "0123456789ABCDEFGHJKLMNPQRTUWXY";
  if (text.size() != 18) return false;
  unsigned sum = 0, weight = 1;
  for (std::size_t i = 0; i < 17; ++i, weight = weight * 3 % 31) {
    const auto value = set.find(text[i]);
    if (value == std::string_view::npos) return false;
    sum += static_cast<unsigned>(value) * weight;
  }
  return text[17] == set[(31 - sum % 31) % 31];
}

bool is_code(std::string_view text) {
  return all(text, 32, [](char c) { return alphanumeric(c) || c == '_' || c == '-'; });
}

bool is_index_no(std::string_view text) {
  return all(text, 64, [](char c) { return alphanumeric(c) || c == '_' || c == '-' || c == '/'; });
}

bool is_doc_no(std::string_view text) {
  static constexpr std::string_view open = "〔", close = "〕", end = "号";
  const auto left = text.find(open), right = text.find(close);
  if (left == std::string_view::npos && right == std::string_view::npos) return true;
  if (left == 0 || left == std::string_view::npos || right == std::string_view::npos || right < left) return false;
  const auto year = text.substr(left + open.size(), right - left - open.size());
  const auto rest = text.substr(right + close.size());
  if (year.size() != 4 || !all(year, 4, digit) || rest.size() <= end.size() || rest.substr(rest.size() - end.size()) != end)
    return false;
  return rest.front() != '0' && all(rest.substr(0, rest.size() - end.size()), 8, digit);
}

bool is_media_type(std::string_view text) {
  const auto slash = text.find('/');
  if (slash == std::string_view::npos) return false;
  const auto name = [](std::string_view part) {
    return all(part, 63,
               [](char c) { return alphanumeric(c) || std::string_view("!#$&-^_.+").find(c) != std::string_view::npos; }) &&
           alphanumeric(part.front());
  };
  return name(text.substr(0, slash)) && name(text.substr(slash + 1));
}

bool is_language(std::string_view text) {
  const auto end = std::min(text.find('-'), text.size());
  if (end < 2 || !all(text.substr(0, end), 8, letter)) return false;
  for (std::size_t at = end; at < text.size();) {
    const auto next = std::min(text.find('-', at + 1), text.size());
    if (!all(text.substr(at + 1, next - at - 1), 8, alphanumeric)) return false;
    at = next;
  }
  return true;
}

}  // namespace fabu::domain
