#include "adapters/sdk/document_text.h"

namespace fabu::sdk {
namespace {

bool starts_with_ignoring_case(std::string_view text, std::string_view lower) {
  if (text.size() < lower.size()) return false;
  for (std::size_t i = 0; i < lower.size(); ++i) {
    const char c = text[i] >= 'A' && text[i] <= 'Z' ? static_cast<char>(text[i] + 32) : text[i];
    if (c != lower[i]) return false;
  }
  return true;
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int high = text[i] == '%' && i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
    const int low = high >= 0 ? hex_value(text[i + 2]) : -1;
    if (low < 0) {
      out += text[i];
    } else {
      out += static_cast<char>(high * 16 + low);
      i += 2;
    }
  }
  return out;
}

// Browsers skip white space and control characters around an address, and tabs and line ends within it.
std::string as_browsers_read(std::string_view url) {
  while (!url.empty() && static_cast<unsigned char>(url.front()) <= 0x20) url.remove_prefix(1);
  while (!url.empty() && static_cast<unsigned char>(url.back()) <= 0x20) url.remove_suffix(1);
  std::string out;
  for (const char c : url) {
    if (c != '\t' && c != '\n' && c != '\r') out += c;
  }
  return out;
}

std::string encoded(std::string_view url) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : url) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x20 || byte == 0x7f || std::string_view("\"'<>\\^`{|}").find(c) != std::string_view::npos) {
      out += '%';
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    } else {
      out += c;
    }
  }
  return out;
}

bool is_dropped(char32_t c) {
  if (c == '\t' || c == '\n' || c == '\r') return false;
  return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0xfeff || (c >= 0xfdd0 && c <= 0xfdef) || (c & 0xfffe) == 0xfffe;
}

}  // namespace

char32_t next_character(std::string_view s, std::size_t& at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(s[i]); };
  const unsigned char lead = byte(at);
  if (lead < 0x80) return s[at++];
  const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || at + length > s.size()) {
    ++at;
    return 0xfffd;
  }
  char32_t value = lead & (0xff >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(at + i) & 0xc0) != 0x80) {
      ++at;
      return 0xfffd;
    }
    value = value << 6 | (byte(at + i) & 0x3f);
  }
  const bool overlong = (length == 3 && value < 0x800) || (length == 4 && value < 0x10000);
  if (overlong || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff)) {
    ++at;
    return 0xfffd;
  }
  at += length;
  return value;
}

void append_utf8(std::string& out, char32_t c) {
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xc0 | c >> 6);
    out += static_cast<char>(0x80 | (c & 0x3f));
  } else if (c < 0x10000) {
    out += static_cast<char>(0xe0 | c >> 12);
    out += static_cast<char>(0x80 | (c >> 6 & 0x3f));
    out += static_cast<char>(0x80 | (c & 0x3f));
  } else {
    out += static_cast<char>(0xf0 | c >> 18);
    out += static_cast<char>(0x80 | (c >> 12 & 0x3f));
    out += static_cast<char>(0x80 | (c >> 6 & 0x3f));
    out += static_cast<char>(0x80 | (c & 0x3f));
  }
}

std::string clean_text(std::string_view bytes) {
  bytes = bytes.substr(0, kMaxBodyBytes);
  std::string out;
  out.reserve(bytes.size());
  for (std::size_t at = 0; at < bytes.size();) {
    const char32_t c = next_character(bytes, at);
    if (!is_dropped(c)) append_utf8(out, c);
  }
  return out;
}

bool is_wide(char32_t c) {
  return (c >= 0x2e80 && c <= 0x9fff) || (c >= 0xf900 && c <= 0xfaff) || (c >= 0xff01 && c <= 0xff60) ||
         (c >= 0x20000 && c <= 0x3ffff) || c == 0x2014 || (c >= 0x2018 && c <= 0x201d) || c == 0x2026;
}

bool is_wide(std::string_view starts_with) {
  if (starts_with.empty()) return false;
  std::size_t at = 0;
  return is_wide(next_character(starts_with, at));
}

bool is_wide_punctuation(char32_t c) {
  return (c >= 0x3001 && c <= 0x3003) || (c >= 0x3008 && c <= 0x3011) || (c >= 0x3014 && c <= 0x301f) ||
         (c >= 0x2010 && c <= 0x2027) || (c >= 0xff01 && c <= 0xff0f) || (c >= 0xff1a && c <= 0xff20) ||
         (c >= 0xff3b && c <= 0xff40) || (c >= 0xff5b && c <= 0xff65);
}

std::string_view last_character(std::string_view utf8) {
  std::size_t at = utf8.size();
  while (at > 0) {
    --at;
    if ((static_cast<unsigned char>(utf8[at]) & 0xc0) != 0x80) break;
  }
  return utf8.substr(at);
}

std::size_t indent_bytes(std::string_view utf8) {
  std::size_t bytes = 0;
  while (true) {
    if (utf8.substr(bytes, 3) == "\u3000") {
      bytes += 3;
    } else if (utf8.substr(bytes, 2) == "\u00a0") {
      bytes += 2;
    } else {
      return bytes;
    }
  }
}

void drop_trailing_breaks(Node& node) {
  while (!node.children.empty() && node.children.back().tag == Tag::line_break) node.children.pop_back();
  for (Node& child : node.children) drop_trailing_breaks(child);
}

std::string safe_link(std::string_view url) {
  const std::string read = as_browsers_read(url);
  if (read.size() > 2048) return {};
  if (read.size() > 1 && read.front() == '#') return encoded(read);
  for (const std::string_view scheme : {"https://", "http://", "mailto:"}) {
    if (!starts_with_ignoring_case(read, scheme) || read.size() == scheme.size()) continue;
    const char first = read[scheme.size()];
    if (first == '/' || first == '\\' || first == '?' || first == '#') return {};
    return encoded(std::string(scheme) + read.substr(scheme.size()));
  }
  return {};
}

std::string attachment_name(std::string_view source) {
  const std::string read = as_browsers_read(source);
  constexpr std::string_view kScheme = "attachment:";
  if (!starts_with_ignoring_case(read, kScheme)) return {};
  std::string name = percent_decoded(std::string_view(read).substr(kScheme.size()));
  if (name.empty() || name.size() > 800 || name == "." || name == ".." || name != clean_text(name)) return {};
  return name.find_first_of("/\\\t\n\r") == std::string::npos ? name : std::string();
}

}  // namespace fabu::sdk
