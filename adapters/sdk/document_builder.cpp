#include "adapters/sdk/document_builder.h"

#include <algorithm>
#include <utility>

#include "adapters/sdk/document_text.h"

namespace fabu::sdk {
namespace {

// Room for what a block needs inside: list > item, table > row > cell, a paragraph, inline elements and the text itself.
constexpr std::size_t kMaxBlocks = 46;
constexpr std::size_t kMaxInlines = 12;
constexpr std::size_t kMaxLinkBytes = 4 * 1024 * 1024;
static_assert(kMaxBlocks + 3 + 1 + kMaxInlines + 1 < kMaxDepth);

bool is_leaf(Tag tag) {
  return tag == Tag::paragraph || tag == Tag::heading;
}
bool is_list(Tag tag) {
  return tag == Tag::unordered_list || tag == Tag::ordered_list;
}
bool holds_inline(Tag tag) {
  return tag != Tag::root && tag != Tag::quote && tag != Tag::table && tag != Tag::table_row && !is_list(tag);
}
bool is_cell(Tag tag) {
  return tag == Tag::cell || tag == Tag::header_cell;
}

// Where a block may stand.
bool may_hold(Tag parent, Tag child) {
  if (child == Tag::list_item) return is_list(parent);
  if (child == Tag::table_row) return parent == Tag::table;
  if (is_cell(child)) return parent == Tag::table_row;
  return parent == Tag::root || parent == Tag::quote || parent == Tag::list_item || is_cell(parent);
}

Node element(Tag tag) {
  Node node;
  node.tag = tag;
  return node;
}

}  // namespace

DocumentBuilder::DocumentBuilder() {
  blocks_.push_back({&root_, false});
}

Node* DocumentBuilder::add(Node& parent, Node child) {
  ++nodes_;
  parent.children.push_back(std::move(child));
  return &parent.children.back();
}

void DocumentBuilder::open_implied(Tag tag) {
  blocks_.push_back({add(top(), element(tag)), true});
}

void DocumentBuilder::pop_leaf() {
  space_ = Space::none;
  at_start_ = true;
  after_break_ = false;
  after_wide_ = false;
  realised_.clear();
  if (is_leaf(top().tag)) blocks_.pop_back();
}

void DocumentBuilder::boundary() {
  // A block that started after inline content of its own parent separates it as well: the parent goes on in a new paragraph.
  const bool inline_before = !is_leaf(top().tag) && !at_start_;
  pop_leaf();
  if (inline_before && holds_inline(top().tag) && !top().children.empty() && nodes_ + 2 < kMaxNodes)
    add(top(), element(Tag::line_break));
  if (!overflow_.empty() && overflow_.back() != '\n') overflow_ += '\n';
}

DocumentBuilder::Mark DocumentBuilder::open_block(Node block) {
  if (is_leaf(top().tag) || nodes_ + 2 >= kMaxNodes) {
    boundary();
  } else {
    pop_leaf();
  }
  while (blocks_.back().implied && !may_hold(top().tag, block.tag)) blocks_.pop_back();
  const Mark mark = blocks_.size();
  const bool inner = block.tag == Tag::table_row || block.tag == Tag::list_item || is_cell(block.tag);
  if (nodes_ + 2 >= kMaxNodes || mark >= kMaxBlocks + (inner ? 3 : 0)) return mark;
  if (is_list(top().tag) && may_hold(Tag::list_item, block.tag)) open_implied(Tag::list_item);
  if (!may_hold(top().tag, block.tag)) return mark;
  block.children.clear();
  blocks_.push_back({add(top(), std::move(block)), false});
  return mark;
}

void DocumentBuilder::close(Mark mark) {
  if (blocks_.size() <= mark) {
    boundary();
    return;
  }
  pop_leaf();
  while (blocks_.size() > mark && blocks_.size() > 1) blocks_.pop_back();
  if (!overflow_.empty() && overflow_.back() != '\n') overflow_ += '\n';
}

void DocumentBuilder::push_inline(Node node) {
  node.children.clear();
  wanted_.push_back(std::move(node));
}

void DocumentBuilder::pop_inline() {
  if (wanted_.empty()) return;
  wanted_.pop_back();
  space_level_ = std::min(space_level_, wanted_.size());
  if (realised_.size() > wanted_.size()) realised_.resize(wanted_.size());
}

void DocumentBuilder::make_room_for_inline() {
  if (nodes_ + 4 >= kMaxNodes) return;
  if (is_list(top().tag)) open_implied(Tag::list_item);
  if (top().tag == Tag::table) open_implied(Tag::table_row);
  if (top().tag == Tag::table_row) open_implied(Tag::cell);
  if (top().tag == Tag::root || top().tag == Tag::quote) open_implied(Tag::paragraph);
}

void DocumentBuilder::realise_inlines(std::size_t level) {
  make_room_for_inline();
  while (realised_.size() < level && realised_.size() < kMaxInlines && nodes_ + 2 < kMaxNodes) {
    const Node& next = wanted_[realised_.size()];
    if (next.tag == Tag::link && (link_bytes_ += next.text.size()) > kMaxLinkBytes) return;
    Node& parent = realised_.empty() ? top() : *realised_.back();
    realised_.push_back(add(parent, next));
  }
}

void DocumentBuilder::append(std::string_view bytes, std::size_t level) {
  realise_inlines(level);
  Node& parent = realised_.empty() ? top() : *realised_.back();
  if (!parent.children.empty() && parent.children.back().tag == Tag::text) {
    parent.children.back().text += bytes;
  } else if (nodes_ + 2 < kMaxNodes && holds_inline(parent.tag)) {
    Node node = element(Tag::text);
    node.text = bytes;
    add(parent, std::move(node));
  } else {
    overflow_ += bytes;
  }
  at_start_ = false;
  after_break_ = false;
}

void DocumentBuilder::flush_space(std::string_view next) {
  const Space space = std::exchange(space_, Space::none);
  if (space == Space::none || at_start_) return;
  if (space == Space::newline && after_wide_ && is_wide(next)) return;
  append(" ", space_level_);
}

void DocumentBuilder::text(std::string_view utf8) {
  std::size_t i = 0;
  while (i < utf8.size()) {
    const char c = utf8[i];
    if (c == '\n' || c == '\r' || c == ' ' || c == '\t' || c == '\f') {
      if (space_ == Space::none) space_level_ = wanted_.size();
      if (space_ != Space::newline) space_ = c == '\n' || c == '\r' ? Space::newline : Space::space;
      ++i;
      continue;
    }
    // An indent written as characters is the paper's business, except in tables, where it is all that shows a hierarchy.
    if (at_start_ && !is_cell(top().tag)) {
      const std::size_t indent = indent_bytes(utf8.substr(i));
      if (indent > 0) {
        i += indent;
        continue;
      }
    }
    const std::size_t end = utf8.find_first_of(" \n\r\t\f", i);
    const std::string_view word = utf8.substr(i, end == std::string_view::npos ? end : end - i);
    flush_space(word);
    append(word, wanted_.size());
    after_wide_ = is_wide(last_character(word));
    i += word.size();
  }
}

void DocumentBuilder::line_break() {
  if (at_start_) {
    if (after_break_ && is_leaf(top().tag)) boundary();
    return;
  }
  space_ = Space::none;
  realise_inlines(wanted_.size());
  Node& parent = realised_.empty() ? top() : *realised_.back();
  if (nodes_ + 2 < kMaxNodes && holds_inline(parent.tag)) add(parent, element(Tag::line_break));
  at_start_ = true;
  after_break_ = true;
}

void DocumentBuilder::image(std::string_view source, std::string_view alternative) {
  const std::string name = attachment_name(source);
  if (name.empty() || nodes_ + kMaxInlines + 4 >= kMaxNodes) {
    text(alternative);
    return;
  }
  flush_space("");
  realise_inlines(wanted_.size());
  Node& parent = realised_.empty() ? top() : *realised_.back();
  if (!holds_inline(parent.tag)) return;
  Node node = element(Tag::image);
  node.text = "attachment:" + name;
  node.title = alternative;
  add(parent, std::move(node));
  at_start_ = false;
  after_wide_ = false;
}

void DocumentBuilder::rule() {
  open_block(element(Tag::rule));
  if (top().tag == Tag::rule) blocks_.pop_back();
}

void DocumentBuilder::code_block(std::string_view code) {
  Node node = element(Tag::code_block);
  node.text = code;
  open_block(std::move(node));
  if (top().tag == Tag::code_block) {
    blocks_.pop_back();
  } else {
    text(code);
    boundary();
  }
}

Node DocumentBuilder::finish() {
  if (!overflow_.empty()) {
    Node text = element(Tag::text);
    text.text = std::move(overflow_);
    Node paragraph = element(Tag::paragraph);
    paragraph.children.push_back(std::move(text));
    root_.children.push_back(std::move(paragraph));
  }
  drop_trailing_breaks(root_);
  blocks_.clear();
  return std::move(root_);
}

}  // namespace fabu::sdk
