// The body of an item as a tree of allowed elements, whatever it was written in. Safe by construction: what is not on the
// allow-list cannot be represented. Every channel renders from this.
#pragma once

#include <fabu/v1/item.pb.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fabu::sdk {

// Elements that a body may have. Everything else is dropped (script, style, form …: with its content) or unwrapped (its
// children stay).
enum class Tag : std::uint8_t {
  root,
  text,
  paragraph,
  heading,
  unordered_list,
  ordered_list,
  list_item,
  quote,
  code_block,
  rule,
  table,
  table_row,
  header_cell,
  cell,
  line_break,
  strong,
  emphasis,
  underline,
  strike,
  superscript,
  subscript,
  code,
  link,
  image,
};

struct Node {
  Tag tag = Tag::root;
  std::string text;   // of text and code_block: UTF-8; of link: absolute http(s)/mailto URL or a #fragment; of image: its source
  std::string title;  // of image: alternative text; of link: nothing
  std::uint8_t level = 0;                  // of heading: 1-6
  std::uint16_t colspan = 1, rowspan = 1;  // of cells, at most 100
  std::string align;                       // of cells: "", left, center, right
  std::vector<Node> children;
  std::uint32_t start = 1;  // of ordered_list: the number of its first item
};

// Bounds of a document: levels of nesting, root and text included, and nodes. Beyond either there is text only. Of a body that is
// longer than the contract's 1 MiB the rest is left out.
inline constexpr std::size_t kMaxDepth = 64;
inline constexpr std::size_t kMaxNodes = 200'000;
inline constexpr std::size_t kMaxBodyBytes = 1024 * 1024;

// Reads a body. Never fails: what cannot be understood becomes text; bytes that are not UTF-8 become U+FFFD. Thread-safe.
// Text and inline elements lie in a paragraph, heading, list item or cell; rows lie in tables, cells in rows, items in lists.
// Markdown: CommonMark + tables + strikethrough (md4c), raw HTML shown as text; for the sake of Chinese a single ~ is a range and
// never strikes out, emphasis may border on Chinese punctuation, and four spaces indent a paragraph instead of making code of it.
// Plain: blank line = paragraph, other line ends are kept. HTML: gumbo, then the allow-list; HTML that nests so deep that reading
// it would cost quadratic time is read as plain text. Images are kept only with src = "attachment:NAME" (an attachment of the
// item); others leave their alternative text.
Node document(const v1::Body& body);

// HTML with everything escaped; headings are shifted by `heading_shift` levels (the page has its own h1). Link targets get
// rel="noopener nofollow" when external. Images get src="attachments/NAME", percent-encoded.
std::string to_html(const Node& document, int heading_shift = 1);
// Plain text, blocks separated by newlines, cells by tabs. For search, digests and feeds.
std::string to_text(const Node& document);

// Escapes & < > " ' for HTML and XML; control characters that XML forbids are dropped.
std::string escape(std::string_view text);

}  // namespace fabu::sdk
