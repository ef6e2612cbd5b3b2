// Builds a document tree in the order of the text, for the readers of HTML, Markdown and plain text. Whatever order it is called
// in, the tree keeps document.h's rules: inline content lies in blocks that may hold it, rows in tables, and the bounds hold.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/sdk/document.h"

namespace fabu::sdk {

// Not thread-safe; for one document.
class DocumentBuilder {
 public:
  DocumentBuilder();

  // A place to close back to. Closing what was closed already does nothing.
  using Mark = std::size_t;

  // Opens a paragraph, heading, list, item, quote, table, row or cell. A paragraph or heading that is open ends first; what may
  // not stand here only ends the paragraph. Ends at close(mark).
  Mark open_block(Node block);
  void close(Mark mark);
  // The paragraph that is open ends here: an element that is not kept but starts a new line.
  void boundary();

  // Inline elements hold what follows until they are popped, over the ends of blocks.
  void push_inline(Node element);
  void pop_inline();

  // White space collapses to one space, and to none between Chinese characters when it was a line end.
  void text(std::string_view utf8);
  void line_break();
  // attachment:NAME as the source, or the alternative text alone.
  void image(std::string_view source, std::string_view alternative);
  void rule();
  void code_block(std::string_view text);

  Node finish();

 private:
  struct Open {
    Node* node;
    bool implied;  // made for content that came without it; gives way to what may not stand in it
  };

  Node& top() { return *blocks_.back().node; }
  void open_implied(Tag tag);
  Node* add(Node& parent, Node child);
  void make_room_for_inline();
  void realise_inlines(std::size_t level);
  void append(std::string_view bytes, std::size_t level);
  void flush_space(std::string_view next);
  void pop_leaf();

  Node root_;
  std::vector<Open> blocks_;     // root first; each is the last child of the one before
  std::vector<Node> wanted_;     // inline elements that are open, without children
  std::vector<Node*> realised_;  // those of them that are in the tree already, in the block on top
  std::size_t nodes_ = 1;
  std::size_t link_bytes_ = 0;  // of addresses in the tree: one link over many blocks is written once for each
  std::string overflow_;        // text past the bound of nodes
  enum class Space { none, space, newline } space_ = Space::none;
  std::size_t space_level_ = 0;  // inline elements that were open where the space is
  bool at_start_ = true;         // nothing in this line yet
  bool after_break_ = false;     // the line began by a break: one more and the paragraph ends
  bool after_wide_ = false;      // the last character was a Chinese one
};

}  // namespace fabu::sdk
