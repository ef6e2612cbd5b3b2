#include "broker/domain/text_rules.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace fabu::domain {
namespace {

// Decodes one character at `at`, moving it on; 0xFFFFFFFF when it is not UTF-8 (overlong forms and surrogates included).
std::uint32_t decode(std::string_view text, std::size_t& at) {
  constexpr std::uint32_t bad = 0xFFFFFFFF;
  const auto byte = [&](std::size_t i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(text[i])); };
  const auto first = byte(at);
  if (first < 0x80) return ++at, first;
  const std::size_t more = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : 1;
  if (first < 0xC2 || first > 0xF4 || at + more >= text.size()) return bad;
  std::uint32_t c = first & (0x3FU >> more);
  for (std::size_t i = 1; i <= more; ++i) {
    if ((byte(at + i) & 0xC0) != 0x80) return bad;
    c = c << 6 | (byte(at + i) & 0x3F);
  }
  constexpr std::array<std::uint32_t, 4> least{0, 0x80, 0x800, 0x10000};
  if (c < least[more] || c > 0x10FFFF || (c >= 0xD800 && c < 0xE000)) return bad;
  at += more + 1;
  return c;
}

bool forbidden(std::uint32_t c, bool lines) {
  if (c < 0x20) return !(lines && (c == '\n' || c == '\t'));
  if (c >= 0x7F && c < 0xA0) return true;
  return (c >= 0x200B && c <= 0x200F) || (c >= 0x202A && c <= 0x202E) || (c >= 0x2060 && c <= 0x2069) || c == 0xFEFF || c == 0xFFFE || c == 0xFFFF;
}

template <typename Test>
bool all(std::string_view text, std::size_t most, Test test) {
  return !text.empty() && text.size() <= most && std::all_of(text.begin(), text.end(), test);
}

bool alphanumeric(char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }

}  // namespace

bool is_utf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    if (decode(text, at) == 0xFFFFFFFF) return false;
  }
  return true;
}

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

bool has_forbidden_characters(std::string_view text, bool lines) {
  for (std::size_t at = 0; at < text.size();) {
    const auto c = decode(text, at);
    if (c == 0xFFFFFFFF || forbidden(c, lines)) return true;
  }
  return false;
}

bool is_blank(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const auto c = decode(text, at);
    if (c == 0xFFFFFFFF || !(c == ' ' || (c >= 9 && c <= 13) || c == 0xA0 || c == 0x3000)) return false;
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

}  // namespace fabu::domain
