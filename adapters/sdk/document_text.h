// What the readers of bodies need to know of characters and addresses.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "adapters/sdk/document.h"

namespace fabu::sdk {

// The character at `at`, which moves past it; U+FFFD for a byte that does not begin a well-formed one (RFC 3629).
char32_t next_character(std::string_view utf8, std::size_t& at);
void append_utf8(std::string& out, char32_t character);

// UTF-8 that XML may hold: bytes that are not UTF-8 become U+FFFD, control characters but tab and line end are dropped, as are
// noncharacters and the marks of byte order. At most kMaxBodyBytes are read.
std::string clean_text(std::string_view bytes);

// Chinese characters and full-width forms, which are written without spaces.
bool is_wide(char32_t character);
bool is_wide(std::string_view starts_with);
// Chinese and typographic punctuation.
bool is_wide_punctuation(char32_t character);
std::string_view last_character(std::string_view utf8);
// Bytes of ideographic and no-break spaces that the text begins with.
std::size_t indent_bytes(std::string_view utf8);

// An address that a link may have: absolute http, https or mailto, or a #fragment, with what is unsafe in it percent-encoded.
// Empty when it is anything else or longer than
// 2,048 bytes.
std::string safe_link(std::string_view url);
// NAME of attachment:NAME, percent-decoded; empty when it is not one or could be a path.
std::string attachment_name(std::string_view source);

// Breaks at the end of a block show nothing.
void drop_trailing_breaks(Node& node);

}  // namespace fabu::sdk
