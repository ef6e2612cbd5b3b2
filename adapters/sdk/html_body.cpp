// HTML: gumbo builds the tree as browsers do; only what the allow-list names is taken over from it.
#include <gumbo.h>

#include <algorithm>
#include <array>
#include <csetjmp>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "adapters/sdk/body_readers.h"
#include "adapters/sdk/document_builder.h"
#include "adapters/sdk/document_nesting.h"
#include "adapters/sdk/document_text.h"

namespace fabu::sdk {
namespace {

// Deeper HTML than this is not what an editor writes.
constexpr std::size_t kMaxNesting = 512;
// What the parse of 1 MiB may need; formatting that is left open is copied into every later paragraph, without an end.
constexpr std::size_t kMaxParseBytes = 192 * 1024 * 1024;

// Memory of one parse, freed at once (gumbo's own clean-up recurses as deep as the tree). Past the bound it jumps out of the
// parser, over frames of C alone.
class Arena {
 public:
  std::jmp_buf full;

  static void* allocate(void* self, size_t bytes) { return static_cast<Arena*>(self)->take(bytes); }
  static void release(void*, void*) {}

 private:
  static constexpr std::size_t kBlock = 256 * 1024;

  void* take(std::size_t bytes) {
    bytes = (bytes + 15) & ~std::size_t{15};
    if (bytes > left_) {
      const std::size_t block = std::max(bytes, kBlock);
      if (taken_ + block > kMaxParseBytes) std::longjmp(full, 1);
      taken_ += block;
      blocks_.push_back(std::unique_ptr<char[]>(new char[block]));
      next_ = blocks_.back().get();
      left_ = block;
    }
    void* const place = next_;
    next_ += bytes;
    left_ -= bytes;
    return place;
  }

  std::vector<std::unique_ptr<char[]>> blocks_;
  char* next_ = nullptr;
  std::size_t left_ = 0;
  std::size_t taken_ = 0;
};

const GumboOutput* parse(Arena& arena, std::string_view text) {
  if (setjmp(arena.full) != 0) return nullptr;
  GumboOptions options = kGumboDefaultOptions;
  options.allocator = Arena::allocate;
  options.deallocator = Arena::release;
  options.userdata = &arena;
  options.max_errors = 0;
  return gumbo_parse_with_options(&options, text.data(), text.size());
}

enum class Treatment { unwrap, line, drop, keep_block, keep_inline, special };

struct Rule {
  Treatment treatment;
  Tag tag = Tag::root;
  std::uint8_t level = 0;
};

Rule rule_of(GumboTag tag) {
  using enum Treatment;
  switch (tag) {
    case GUMBO_TAG_P:
      return {keep_block, Tag::paragraph};
    case GUMBO_TAG_H1:
      return {keep_block, Tag::heading, 1};
    case GUMBO_TAG_H2:
      return {keep_block, Tag::heading, 2};
    case GUMBO_TAG_H3:
      return {keep_block, Tag::heading, 3};
    case GUMBO_TAG_H4:
      return {keep_block, Tag::heading, 4};
    case GUMBO_TAG_H5:
      return {keep_block, Tag::heading, 5};
    case GUMBO_TAG_H6:
      return {keep_block, Tag::heading, 6};
    case GUMBO_TAG_UL:
      return {keep_block, Tag::unordered_list};
    case GUMBO_TAG_OL:
      return {keep_block, Tag::ordered_list};
    case GUMBO_TAG_LI:
      return {keep_block, Tag::list_item};
    case GUMBO_TAG_BLOCKQUOTE:
      return {keep_block, Tag::quote};
    case GUMBO_TAG_TABLE:
      return {special, Tag::table};
    case GUMBO_TAG_TR:
      return {keep_block, Tag::table_row};
    case GUMBO_TAG_TH:
      return {keep_block, Tag::header_cell};
    case GUMBO_TAG_TD:
      return {keep_block, Tag::cell};
    case GUMBO_TAG_CAPTION:
      return {drop};  // read before its table
    case GUMBO_TAG_STRONG:
    case GUMBO_TAG_B:
      return {keep_inline, Tag::strong};
    case GUMBO_TAG_EM:
    case GUMBO_TAG_I:
      return {keep_inline, Tag::emphasis};
    case GUMBO_TAG_U:
    case GUMBO_TAG_INS:
      return {keep_inline, Tag::underline};
    case GUMBO_TAG_S:
    case GUMBO_TAG_STRIKE:
    case GUMBO_TAG_DEL:
      return {keep_inline, Tag::strike};
    case GUMBO_TAG_SUP:
      return {keep_inline, Tag::superscript};
    case GUMBO_TAG_SUB:
      return {keep_inline, Tag::subscript};
    case GUMBO_TAG_CODE:
    case GUMBO_TAG_TT:
    case GUMBO_TAG_KBD:
    case GUMBO_TAG_SAMP:
      return {keep_inline, Tag::code};
    case GUMBO_TAG_A:
      return {keep_inline, Tag::link};
    case GUMBO_TAG_BR:
      return {special, Tag::line_break};
    case GUMBO_TAG_HR:
      return {special, Tag::rule};
    case GUMBO_TAG_IMG:
      return {special, Tag::image};
    case GUMBO_TAG_PRE:
    case GUMBO_TAG_LISTING:
      return {special, Tag::code_block};
    case GUMBO_TAG_DIV:
    case GUMBO_TAG_SECTION:
    case GUMBO_TAG_ARTICLE:
    case GUMBO_TAG_ASIDE:
    case GUMBO_TAG_MAIN:
    case GUMBO_TAG_HEADER:
    case GUMBO_TAG_FOOTER:
    case GUMBO_TAG_NAV:
    case GUMBO_TAG_ADDRESS:
    case GUMBO_TAG_CENTER:
    case GUMBO_TAG_FIGURE:
    case GUMBO_TAG_FIGCAPTION:
    case GUMBO_TAG_FIELDSET:
    case GUMBO_TAG_DETAILS:
    case GUMBO_TAG_SUMMARY:
    case GUMBO_TAG_DIR:
    case GUMBO_TAG_DL:
    case GUMBO_TAG_DT:
    case GUMBO_TAG_DD:
      return {line};
    case GUMBO_TAG_HEAD:
    case GUMBO_TAG_TITLE:
    case GUMBO_TAG_BASE:
    case GUMBO_TAG_LINK:
    case GUMBO_TAG_META:
    case GUMBO_TAG_STYLE:
    case GUMBO_TAG_SCRIPT:
    case GUMBO_TAG_NOSCRIPT:
    case GUMBO_TAG_TEMPLATE:
    case GUMBO_TAG_IFRAME:
    case GUMBO_TAG_EMBED:
    case GUMBO_TAG_OBJECT:
    case GUMBO_TAG_APPLET:
    case GUMBO_TAG_PARAM:
    case GUMBO_TAG_FORM:
    case GUMBO_TAG_INPUT:
    case GUMBO_TAG_BUTTON:
    case GUMBO_TAG_SELECT:
    case GUMBO_TAG_OPTION:
    case GUMBO_TAG_TEXTAREA:
    case GUMBO_TAG_KEYGEN:
    case GUMBO_TAG_SVG:
    case GUMBO_TAG_MATH:
    case GUMBO_TAG_CANVAS:
    case GUMBO_TAG_AUDIO:
    case GUMBO_TAG_VIDEO:
    case GUMBO_TAG_SOURCE:
    case GUMBO_TAG_TRACK:
    case GUMBO_TAG_MAP:
    case GUMBO_TAG_AREA:
    case GUMBO_TAG_FRAME:
    case GUMBO_TAG_FRAMESET:
    case GUMBO_TAG_NOFRAMES:
    case GUMBO_TAG_NOEMBED:
    case GUMBO_TAG_XMP:
    case GUMBO_TAG_PLAINTEXT:
    case GUMBO_TAG_MARQUEE:
      return {drop};
    default:
      return {unwrap};  // gumbo knows some 150 tags; those that are not named here lend their children
  }
}

std::string_view attribute(const GumboElement& element, const char* name) {
  const GumboAttribute* const found = gumbo_get_attribute(&element.attributes, name);
  return found == nullptr ? std::string_view() : std::string_view(found->value);
}

std::optional<unsigned long> number(std::string_view text) {
  if (text.empty() || text.size() > 9 || text.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
  return std::strtoul(std::string(text).c_str(), nullptr, 10);
}

std::uint16_t span(const GumboElement& element, const char* name) {
  return static_cast<std::uint16_t>(std::clamp(number(attribute(element, name)).value_or(1), 1UL, 100UL));
}

std::string alignment(const GumboElement& element) {
  const std::string align = [&] {
    std::string lower(attribute(element, "align").substr(0, 10));
    for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    return lower;
  }();
  return align == "left" || align == "center" || align == "right" ? align : std::string();
}

Node node_of(const Rule& rule, const GumboElement& element) {
  Node node;
  node.tag = rule.tag;
  node.level = rule.level;
  if (rule.tag == Tag::cell || rule.tag == Tag::header_cell) {
    node.colspan = span(element, "colspan");
    node.rowspan = span(element, "rowspan");
    node.align = alignment(element);
  }
  if (rule.tag == Tag::ordered_list) node.start = static_cast<std::uint32_t>(number(attribute(element, "start")).value_or(1));
  if (rule.tag == Tag::link) node.text = safe_link(attribute(element, "href"));
  return node;
}

// Walks without recursion: the tree may be deeper than a stack allows.
class Walk {
 public:
  explicit Walk(DocumentBuilder& builder) : builder_(builder) {}

  void all_of(const GumboNode* root) {
    enter_children(root, Leave::nothing, 0);
    while (!frames_.empty()) {
      Frame& frame = frames_.back();
      const GumboVector& children = frame.node->v.element.children;
      if (frame.next < children.length) {
        visit(static_cast<const GumboNode*>(children.data[frame.next++]));
      } else {
        const Frame done = frame;
        frames_.pop_back();
        leave(done);
      }
    }
  }

 private:
  enum class Leave { nothing, block, inline_element, line };
  struct Frame {
    const GumboNode* node;
    unsigned next;
    Leave leave;
    DocumentBuilder::Mark mark;
  };

  void enter_children(const GumboNode* node, Leave leave, DocumentBuilder::Mark mark) {
    frames_.push_back({node, 0, leave, mark});
  }

  void leave(const Frame& frame) {
    switch (frame.leave) {
      case Leave::nothing:
        return;
      case Leave::block:
        return builder_.close(frame.mark);
      case Leave::inline_element:
        return builder_.pop_inline();
      case Leave::line:
        return builder_.boundary();
    }
  }

  void visit(const GumboNode* node) {
    if (node->type == GUMBO_NODE_TEXT || node->type == GUMBO_NODE_WHITESPACE || node->type == GUMBO_NODE_CDATA) {
      builder_.text(clean_text(node->v.text.text));
      return;
    }
    if (node->type != GUMBO_NODE_ELEMENT || node->v.element.tag_namespace != GUMBO_NAMESPACE_HTML) return;
    const Rule rule = rule_of(node->v.element.tag);
    switch (rule.treatment) {
      case Treatment::drop:
        return;
      case Treatment::unwrap:
        return enter_children(node, Leave::nothing, 0);
      case Treatment::line:
        builder_.boundary();
        return enter_children(node, Leave::line, 0);
      case Treatment::keep_block:
        return enter_children(node, Leave::block, builder_.open_block(node_of(rule, node->v.element)));
      case Treatment::keep_inline:
        return enter_inline(rule, node);
      case Treatment::special:
        return special(rule, node);
    }
  }

  void enter_inline(const Rule& rule, const GumboNode* node) {
    Node element = node_of(rule, node->v.element);
    if (rule.tag == Tag::link && element.text.empty()) return enter_children(node, Leave::nothing, 0);
    builder_.push_inline(std::move(element));
    enter_children(node, Leave::inline_element, 0);
  }

  void special(const Rule& rule, const GumboNode* node) {
    const GumboElement& element = node->v.element;
    if (rule.tag == Tag::line_break) {
      builder_.line_break();
    } else if (rule.tag == Tag::rule) {
      builder_.rule();
    } else if (rule.tag == Tag::image) {
      builder_.image(clean_text(attribute(element, "src")), clean_text(attribute(element, "alt")));
    } else if (rule.tag == Tag::code_block) {
      builder_.code_block(raw_text(node));
    } else {
      caption(element);
      enter_children(node, Leave::block, builder_.open_block(node_of(rule, element)));
    }
  }

  void caption(const GumboElement& table) {
    for (unsigned i = 0; i < table.children.length; ++i) {
      const auto* const child = static_cast<const GumboNode*>(table.children.data[i]);
      if (child->type != GUMBO_NODE_ELEMENT || child->v.element.tag != GUMBO_TAG_CAPTION) continue;
      Node paragraph;
      paragraph.tag = Tag::paragraph;
      const auto mark = builder_.open_block(std::move(paragraph));
      builder_.text(raw_text(child));
      builder_.close(mark);
      return;
    }
  }

  // The text of all that may be shown inside.
  static std::string raw_text(const GumboNode* root) {
    std::string out;
    std::vector<const GumboNode*> waiting{root};
    while (!waiting.empty()) {
      const GumboNode* const node = waiting.back();
      waiting.pop_back();
      if (node->type == GUMBO_NODE_TEXT || node->type == GUMBO_NODE_WHITESPACE) out += clean_text(node->v.text.text);
      if (node->type != GUMBO_NODE_ELEMENT) continue;
      const GumboElement& element = node->v.element;
      if (element.tag == GUMBO_TAG_BR) out += '\n';
      if (element.tag_namespace != GUMBO_NAMESPACE_HTML || (node != root && rule_of(element.tag).treatment == Treatment::drop))
        continue;
      for (unsigned i = element.children.length; i > 0; --i)
        waiting.push_back(static_cast<const GumboNode*>(element.children.data[i - 1]));
    }
    return out;
  }

  DocumentBuilder& builder_;
  std::vector<Frame> frames_;
};

}  // namespace

Node read_html(std::string_view text) {
  if (nests_deeper_than(text, kMaxNesting)) return read_plain(text);
  Arena arena;
  const GumboOutput* const output = parse(arena, text);
  if (output == nullptr) return read_plain(text);
  DocumentBuilder builder;
  Walk(builder).all_of(output->root);
  return builder.finish();
}

}  // namespace fabu::sdk
