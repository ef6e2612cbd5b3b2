// What text may contain, and how it is counted. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace fabu::domain {

bool is_utf8(std::string_view text);
// Characters (code points) of valid UTF-8.
std::size_t characters(std::string_view text);
// Control characters (other than line feed and tab when `lines`), line and paragraph separators, bidirectional controls,
// zero-width characters, tags and noncharacters: what makes a text look other than it is. True for what is not UTF-8.
bool has_forbidden_characters(std::string_view text, bool lines);
bool is_blank(std::string_view text);  // nothing but white space, U+3000 included
// Fit to be quoted in a message: at most `most` characters, ? for what is forbidden in a line or not UTF-8.
std::string quoted(std::string_view text, std::size_t most);

// 统一社会信用代码, GB 32100-2015: 18 characters, check character right.
bool is_uscc(std::string_view text);
// A code: 1 to 32 of [A-Za-z0-9_-].
bool is_code(std::string_view text);
// 索引号 in any of the forms in use: 1 to 64 of [0-9A-Za-z/_-].
bool is_index_no(std::string_view text);
// 发文字号 (GB/T 9704-2012 section 7.2.5). One with six-corner brackets is 机关代字〔year〕number号: a year of four digits, a
// number without leading zeros. One without them may be of another form (国家发展改革委令第10号).
bool is_doc_no(std::string_view text);
// A media type: type/subtype (RFC 6838), without parameters.
bool is_media_type(std::string_view text);
// A language tag's shape (BCP 47): 2 to 8 letters, then groups of 1 to 8 letters or digits after hyphens.
bool is_language(std::string_view text);

}  // namespace fabu::domain
