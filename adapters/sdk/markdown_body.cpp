// Markdown: md4c's events straight into the tree.
#include <md4c.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/sdk/body_readers.h"
#include "adapters/sdk/document_builder.h"
#include "adapters/sdk/document_text.h"

namespace fabu::sdk {
namespace {

// Two marks that clean text cannot contain (noncharacters) and that md4c takes for letters. kTilde stands for a single ~, which
// writes a range here (300~500元) where GitHub's extension would strike out. kJoint stands between Chinese punctuation and
// asterisks: CommonMark's rule on flanking would leave **注意：**请 unemphasised, as it expects a space after punctuation.
constexpr char32_t kTilde = 0xfdd0;
constexpr char32_t kJoint = 0xfdd1;

std::string with_marks(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 64);
  char32_t before = '\n';
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = at;
    const char32_t c = next_character(text, at);
    if (c != '*' && c != '~') {
      out.append(text.substr(begin, at - begin));
      before = c;
      continue;
    }
    while (at < text.size() && text[at] == static_cast<char>(c)) ++at;
    std::size_t ahead = at;
    const char32_t after = at < text.size() ? next_character(text, ahead) : U'\n';
    if (c == '~' && at - begin == 1 && before != '\\') {
      append_utf8(out, kTilde);
    } else {
      if (is_wide_punctuation(before)) append_utf8(out, kJoint);
      out.append(text.substr(begin, at - begin));
      if (is_wide_punctuation(after)) append_utf8(out, kJoint);
    }
    before = c;
  }
  return out;
}

std::string without_marks(std::string_view text) {
  if (text.find('\xef') == std::string_view::npos) return std::string(text);
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = at;
    const char32_t c = next_character(text, at);
    if (c == kTilde) {
      out += '~';
    } else if (c != kJoint) {
      out.append(text.substr(begin, at - begin));
    }
  }
  return out;
}

// The named references that people write; others stay as they are written.
constexpr std::array<std::pair<std::string_view, char32_t>, 34> kEntities{{
    {"&amp;", '&'},      {"&lt;", '<'},       {"&gt;", '>'},       {"&quot;", '"'},     {"&apos;", '\''},    {"&nbsp;", 0xa0},
    {"&ensp;", 0x2002},  {"&emsp;", 0x2003},  {"&copy;", 0xa9},    {"&reg;", 0xae},     {"&trade;", 0x2122}, {"&hellip;", 0x2026},
    {"&mdash;", 0x2014}, {"&ndash;", 0x2013}, {"&ldquo;", 0x201c}, {"&rdquo;", 0x201d}, {"&lsquo;", 0x2018}, {"&rsquo;", 0x2019},
    {"&times;", 0xd7},   {"&divide;", 0xf7},  {"&middot;", 0xb7},  {"&bull;", 0x2022},  {"&yen;", 0xa5},     {"&sect;", 0xa7},
    {"&deg;", 0xb0},     {"&plusmn;", 0xb1},  {"&le;", 0x2264},    {"&ge;", 0x2265},    {"&ne;", 0x2260},    {"&permil;", 0x2030},
    {"&larr;", 0x2190},  {"&rarr;", 0x2192},  {"&laquo;", 0xab},   {"&raquo;", 0xbb},
}};

std::string entity(std::string_view text) {
  for (const auto& [name, character] : kEntities) {
    if (text != name) continue;
    std::string out;
    append_utf8(out, character);
    return out;
  }
  if (text.size() < 4 || text[1] != '#') return std::string(text);
  const bool hex = text[2] == 'x' || text[2] == 'X';
  char32_t value = 0;
  for (const char c : text.substr(hex ? 3 : 2, text.size() - (hex ? 4 : 3))) {
    const int digit = c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
    value = std::min<char32_t>(value * (hex ? 16 : 10) + static_cast<char32_t>(digit), 0x110000);
  }
  std::string out;
  append_utf8(out, value == 0 || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff) ? 0xfffd : value);
  return clean_text(out);
}

std::string attribute(const MD_ATTRIBUTE& attribute) {
  std::string out;
  if (attribute.text == nullptr) return out;
  for (std::size_t i = 0; attribute.substr_offsets[i] < attribute.size; ++i) {
    const std::string_view part(attribute.text + attribute.substr_offsets[i],
                                attribute.substr_offsets[i + 1] - attribute.substr_offsets[i]);
    out += attribute.substr_types[i] == MD_TEXT_ENTITY ? entity(part) : std::string(part);
  }
  return without_marks(out);
}

Node element(Tag tag) {
  Node node;
  node.tag = tag;
  return node;
}

class Reader {
 public:
  int enter_block(MD_BLOCKTYPE type, const void* detail) {
    switch (type) {
      case MD_BLOCK_QUOTE:
        return open(element(Tag::quote));
      case MD_BLOCK_UL:
        return open(element(Tag::unordered_list));
      case MD_BLOCK_OL: {
        Node list = element(Tag::ordered_list);
        list.start = static_cast<const MD_BLOCK_OL_DETAIL*>(detail)->start;
        return open(std::move(list));
      }
      case MD_BLOCK_LI:
        return open(element(Tag::list_item));
      case MD_BLOCK_HR:
        builder_.rule();
        return 0;
      case MD_BLOCK_H: {
        Node heading = element(Tag::heading);
        heading.level = static_cast<std::uint8_t>(static_cast<const MD_BLOCK_H_DETAIL*>(detail)->level);
        return open(std::move(heading));
      }
      case MD_BLOCK_CODE:
        code_.emplace();
        return 0;
      case MD_BLOCK_P:
        return open(element(Tag::paragraph));
      case MD_BLOCK_TABLE:
        return open(element(Tag::table));
      case MD_BLOCK_TR:
        return open(element(Tag::table_row));
      case MD_BLOCK_TH:
      case MD_BLOCK_TD: {
        Node cell = element(type == MD_BLOCK_TH ? Tag::header_cell : Tag::cell);
        cell.align = std::array{"", "left", "center", "right"}[static_cast<const MD_BLOCK_TD_DETAIL*>(detail)->align];
        return open(std::move(cell));
      }
      case MD_BLOCK_DOC:
      case MD_BLOCK_HTML:
      case MD_BLOCK_THEAD:
      case MD_BLOCK_TBODY:
        return 0;
    }
    return 0;
  }

  int leave_block(MD_BLOCKTYPE type) {
    switch (type) {
      case MD_BLOCK_CODE:
        builder_.code_block(code_.value_or(""));
        code_.reset();
        return 0;
      case MD_BLOCK_DOC:
      case MD_BLOCK_HTML:
      case MD_BLOCK_THEAD:
      case MD_BLOCK_TBODY:
      case MD_BLOCK_HR:
        return 0;
      case MD_BLOCK_QUOTE:
      case MD_BLOCK_UL:
      case MD_BLOCK_OL:
      case MD_BLOCK_LI:
      case MD_BLOCK_H:
      case MD_BLOCK_P:
      case MD_BLOCK_TABLE:
      case MD_BLOCK_TR:
      case MD_BLOCK_TH:
      case MD_BLOCK_TD:
        if (marks_.empty()) return 0;
        builder_.close(marks_.back());
        marks_.pop_back();
        return 0;
    }
    return 0;
  }

  int enter_span(MD_SPANTYPE type, const void* detail) {
    if (type == MD_SPAN_IMG) {
      if (images_++ == 0) source_ = attribute(static_cast<const MD_SPAN_IMG_DETAIL*>(detail)->src);
      return 0;
    }
    Node node = element(span_tag(type));
    if (type == MD_SPAN_A) node.text = safe_link(attribute(static_cast<const MD_SPAN_A_DETAIL*>(detail)->href));
    const bool kept = images_ == 0 && !(node.tag == Tag::link && node.text.empty()) && node.tag != Tag::root;
    kept_.push_back(kept);
    if (kept) builder_.push_inline(std::move(node));
    return 0;
  }

  // md4c 0.4.8 may leave a span that it did not enter when delimiters overlap.
  int leave_span(MD_SPANTYPE type) {
    if (type == MD_SPAN_IMG) {
      if (images_ == 0) return 0;
      if (--images_ == 0) builder_.image(source_, std::exchange(alternative_, {}));
      return 0;
    }
    if (kept_.empty()) return 0;
    if (kept_.back()) builder_.pop_inline();
    kept_.pop_back();
    return 0;
  }

  int text(MD_TEXTTYPE type, std::string_view text) {
    if (type == MD_TEXT_BR && images_ == 0) {
      builder_.line_break();
      return 0;
    }
    const bool gap = type == MD_TEXT_BR || type == MD_TEXT_SOFTBR;
    const std::string shown = gap ? "\n" : type == MD_TEXT_ENTITY ? entity(text) : without_marks(text);
    if (code_) {
      *code_ += shown;
    } else if (images_ > 0) {
      alternative_ += gap ? " " : shown;
    } else {
      builder_.text(shown);
    }
    return 0;
  }

  Node finish() { return builder_.finish(); }

 private:
  static Tag span_tag(MD_SPANTYPE type) {
    switch (type) {
      case MD_SPAN_EM:
        return Tag::emphasis;
      case MD_SPAN_STRONG:
        return Tag::strong;
      case MD_SPAN_A:
        return Tag::link;
      case MD_SPAN_CODE:
        return Tag::code;
      case MD_SPAN_DEL:
        return Tag::strike;
      case MD_SPAN_U:
        return Tag::underline;
      case MD_SPAN_IMG:
      case MD_SPAN_LATEXMATH:
      case MD_SPAN_LATEXMATH_DISPLAY:
      case MD_SPAN_WIKILINK:
        return Tag::root;
    }
    return Tag::root;
  }

  int open(Node block) {
    marks_.push_back(builder_.open_block(std::move(block)));
    return 0;
  }

  DocumentBuilder builder_;
  std::vector<DocumentBuilder::Mark> marks_;
  std::vector<bool> kept_;  // spans that are in the tree
  std::optional<std::string> code_;
  unsigned images_ = 0;  // an image's text may hold images
  std::string source_, alternative_;
};

}  // namespace

Node read_markdown(std::string_view text) {
  MD_PARSER parser{};
  parser.flags = MD_FLAG_TABLES | MD_FLAG_STRIKETHROUGH | MD_FLAG_NOHTML | MD_FLAG_NOINDENTEDCODEBLOCKS;
  parser.enter_block = [](MD_BLOCKTYPE type, void* detail, void* self) {
    return static_cast<Reader*>(self)->enter_block(type, detail);
  };
  parser.leave_block = [](MD_BLOCKTYPE type, void*, void* self) { return static_cast<Reader*>(self)->leave_block(type); };
  parser.enter_span = [](MD_SPANTYPE type, void* detail, void* self) {
    return static_cast<Reader*>(self)->enter_span(type, detail);
  };
  parser.leave_span = [](MD_SPANTYPE type, void*, void* self) { return static_cast<Reader*>(self)->leave_span(type); };
  parser.text = [](MD_TEXTTYPE type, const MD_CHAR* bytes, MD_SIZE size, void* self) {
    return static_cast<Reader*>(self)->text(type, {bytes, size});
  };
  const std::string marked = with_marks(text);
  Reader reader;
  // Fails only when memory is out, which throws elsewhere first.
  if (md_parse(marked.data(), static_cast<MD_SIZE>(marked.size()), &parser, &reader) != 0) return read_plain(text);
  return reader.finish();
}

}  // namespace fabu::sdk
