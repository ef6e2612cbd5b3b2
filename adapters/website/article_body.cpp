#include "adapters/website/article_body.h"

#include <algorithm>
#include <set>

#include "adapters/sdk/official_text.h"

namespace fabu::website {
namespace {

using sdk::Node;
using sdk::Tag;

// Of paragraphs that are headings by their numbering, below whatever headings the body has besides.
constexpr int kNumberedLevel = 10;

std::string html_of(Node node, int heading_shift) {
  Node root;
  root.children.push_back(std::move(node));
  return sdk::to_html(root, heading_shift);
}

std::string plain(const Node& node) {
  Node root;
  root.children.push_back(node);
  std::string text = sdk::to_text(root);
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  return text.substr(std::min(text.find_first_not_of(" \n"), text.size()));
}

bool ends_with_any(std::string_view text, std::initializer_list<std::string_view> ends) {
  return std::any_of(ends.begin(), ends.end(), [&](std::string_view end) { return text.ends_with(end); });
}

// 1 for 一、, 2 for （一）, where the paragraph is nothing but its heading; otherwise 0.
int heading_level(std::string_view text) {
  constexpr std::size_t kLongest = 40;
  if (sdk::characters(text) > kLongest || text.find("：") != std::string_view::npos ||
      text.find("。") != std::string_view::npos || ends_with_any(text, {"；", "，", "、", "！", "？", ";", ".", ":"})) {
    return 0;
  }
  const int level = sdk::numbered_level(text);
  const std::string_view behind = level == 1 ? "、" : "）";
  return level > 0 && !text.ends_with(behind) ? level : 0;
}

bool is_signed(const std::vector<Node>& blocks) {
  constexpr std::size_t kLongestName = 40;
  if (blocks.size() < 3) return false;
  const Node &name = blocks[blocks.size() - 2], &date = blocks.back();
  if (name.tag != Tag::paragraph || date.tag != Tag::paragraph || !sdk::is_date(plain(date))) return false;
  const std::string who = plain(name);
  return !who.empty() && sdk::characters(who) <= kLongestName && !ends_with_any(who, {"。", "：", "；", "，"}) &&
         who.find("：") == std::string::npos;
}

Node as_heading(const Node& node, int level) {
  Node heading = node;
  heading.tag = Tag::heading;
  heading.level = static_cast<std::uint8_t>(level);
  // Bold all over says what the heading says already.
  if (heading.children.size() == 1 && heading.children[0].tag == Tag::strong) {
    std::vector<Node> inner = std::move(heading.children[0].children);
    heading.children = std::move(inner);
  }
  return heading;
}

std::string paragraph_html(const Node& node, const char* kind) {
  std::string html = html_of(node, 0);
  return "<p class=\"" + std::string(kind) + "\"" + html.substr(2);
}

std::string scrolling_code(const Node& node) {
  return "<pre tabindex=\"0\"" + html_of(node, 0).substr(4);
}

}  // namespace

std::string article_html(const Node& document) {
  const Node apart = sdk::lines_apart(document);
  const std::vector<Node>& blocks = apart.children;
  std::vector<int> levels(blocks.size(), 0);
  std::set<int> used;
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    const Node& block = blocks[i];
    if (block.tag == Tag::heading) levels[i] = block.level;
    if (block.tag == Tag::paragraph) {
      const int level = heading_level(plain(block));
      levels[i] = level == 0 ? 0 : kNumberedLevel + level;
    }
    if (levels[i] != 0) used.insert(levels[i]);
  }
  const std::size_t end = blocks.size() - (is_signed(blocks) ? 2 : 0);
  const auto tables = std::count_if(blocks.begin(), blocks.end(), [](const Node& n) { return n.tag == Tag::table; });

  std::string out;
  int above = 1;  // the page's title
  unsigned table = 0;
  for (std::size_t i = 0; i < end; ++i) {
    const Node& block = blocks[i];
    if (levels[i] != 0) {
      const auto rank = static_cast<int>(std::distance(used.begin(), used.find(levels[i])));
      above = std::min({2 + rank, above + 1, 6});
      out += html_of(as_heading(block, above), 0);
    } else if (block.tag == Tag::table) {
      out += table_html(block, tables > 1 ? ++table : 0);
    } else if (block.tag == Tag::code_block) {
      out += scrolling_code(block);
    } else if (block.tag == Tag::paragraph && i == 0 && sdk::is_salutation(plain(block))) {
      out += paragraph_html(block, "to");
    } else {
      out += html_of(block, 2);
    }
  }
  if (end == blocks.size()) return out;
  out += "<div class=\"signed\"><div>\n";
  for (std::size_t i = end; i < blocks.size(); ++i) out += html_of(blocks[i], 0);
  return out + "</div></div>\n";
}

}  // namespace fabu::website
