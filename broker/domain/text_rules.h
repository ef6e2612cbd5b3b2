// What text may contain, and how it is counted. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace fabu::domain {

bool is_utf8(std::string_view text);
// Characters (code points) of valid UTF-8.
std::size_t characters(std::string_view text);
// Control characters (other than line feed and tab when `lines`), bidirectional overrides, zero-width joiners at will, U+FFFE/FFFF:
// things that make a text look other than it is. Expects valid UTF-8.
bool has_forbidden_characters(std::string_view text, bool lines);
bool is_blank(std::string_view text);  // nothing but white space, U+3000 included

// 统一社会信用代码, GB 32100-2015: 18 characters, check character right.
bool is_uscc(std::string_view text);
// A code: 1 to 32 of [A-Za-z0-9_-].
bool is_code(std::string_view text);
// 索引号 in any of the forms in use: 1 to 64 of [0-9A-Za-z/_-].
bool is_index_no(std::string_view text);

}  // namespace fabu::domain
