#include "adapters/website/article_body.h"

#include <algorithm>
#include <deque>
#include <set>

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

std::size_t characters(std::string_view utf8) {
  return static_cast<std::size_t>(std::count_if(utf8.begin(), utf8.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

bool ends_with_any(std::string_view text, std::initializer_list<std::string_view> ends) {
  return std::any_of(ends.begin(), ends.end(), [&](std::string_view end) { return text.ends_with(end); });
}

// Drops what a number in Chinese begins with.
std::string_view after_numerals(std::string_view text) {
  for (bool found = true; found;) {
    found = false;
    for (const std::string_view numeral : {"一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "百"}) {
      found = found || text.starts_with(numeral);
    }
    if (found) text.remove_prefix(3);
  }
  return text;
}

// 1 for 一、, 2 for （一）, where the paragraph is nothing but its heading; otherwise 0.
int numbered_level(std::string_view text) {
  constexpr std::size_t kLongest = 40;
  if (characters(text) > kLongest || text.find("：") != std::string_view::npos || text.find("。") != std::string_view::npos ||
      ends_with_any(text, {"；", "，", "、", "！", "？", ";", ".", ":"})) {
    return 0;
  }
  const bool bracket = text.starts_with("（");
  const std::string_view number = bracket ? text.substr(3) : text;
  const std::string_view rest = after_numerals(number);
  if (rest.size() == number.size()) return 0;
  if (bracket) return rest.starts_with("）") && rest.size() > 3 ? 2 : 0;
  return rest.starts_with("、") && rest.size() > 3 ? 1 : 0;
}

bool is_date(std::string_view text) {
  const auto year = text.find("年"), month = text.find("月");
  if (year == std::string_view::npos || month == std::string_view::npos || year > month || !text.ends_with("日")) return false;
  std::size_t numerals = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t bytes = text[at] >= 0 ? 1 : 3;
    const std::string_view c = text.substr(at, bytes);
    const bool digit =
        bytes == 1 ? c[0] >= '0' && c[0] <= '9' : std::string_view("〇零一二三四五六七八九十").find(c) != std::string_view::npos;
    if (digit) ++numerals;
    if (!digit && c != "年" && c != "月" && c != "日" && c != " ") return false;
    at += bytes;
  }
  return numerals >= 6 && numerals <= 10;
}

// 主送机关: 各有关单位：
bool is_salutation(std::string_view text) {
  constexpr std::size_t kLongest = 80;
  return characters(text) <= kLongest && text.find("。") == std::string_view::npos &&
         ends_with_any(text, {"单位：", "部门：", "机构：", "企业：",   "公司：", "政府：", "委员会：", "局：",
                              "委：",   "办：",   "厅：",   "院：",     "中心：", "处：",   "科：",     "同志：",
                              "人：",   "公众：", "市民：", "供应商：", "群众：", "校："});
}

// The blocks of the body, paragraphs cut at their line breaks: each line is a paragraph to those who type with line ends.
std::vector<const Node*> blocks_of(const Node& document, std::deque<Node>& made) {
  std::vector<const Node*> blocks;
  for (const Node& child : document.children) {
    const auto is_break = [](const Node& n) { return n.tag == Tag::line_break; };
    if (child.tag != Tag::paragraph || std::none_of(child.children.begin(), child.children.end(), is_break)) {
      blocks.push_back(&child);
      continue;
    }
    for (auto from = child.children.begin(); from != child.children.end();) {
      const auto to = std::find_if(from, child.children.end(), is_break);
      Node line;
      line.tag = Tag::paragraph;
      line.children.assign(from, to);
      if (!plain(line).empty() || std::any_of(from, to, [](const Node& n) { return n.tag == Tag::image; })) {
        blocks.push_back(&made.emplace_back(std::move(line)));
      }
      from = to == child.children.end() ? to : to + 1;
    }
  }
  return blocks;
}

bool is_signed(const std::vector<const Node*>& blocks) {
  constexpr std::size_t kLongestName = 40;
  if (blocks.size() < 3) return false;
  const Node &name = *blocks[blocks.size() - 2], &date = *blocks.back();
  if (name.tag != Tag::paragraph || date.tag != Tag::paragraph || !is_date(plain(date))) return false;
  const std::string who = plain(name);
  return !who.empty() && characters(who) <= kLongestName && !ends_with_any(who, {"。", "：", "；", "，"}) &&
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
  std::deque<Node> made;
  const std::vector<const Node*> blocks = blocks_of(document, made);
  std::vector<int> levels(blocks.size(), 0);
  std::set<int> used;
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    const Node& block = *blocks[i];
    if (block.tag == Tag::heading) levels[i] = block.level;
    if (block.tag == Tag::paragraph) {
      const int level = numbered_level(plain(block));
      levels[i] = level == 0 ? 0 : kNumberedLevel + level;
    }
    if (levels[i] != 0) used.insert(levels[i]);
  }
  const std::size_t end = blocks.size() - (is_signed(blocks) ? 2 : 0);
  const auto tables = std::count_if(blocks.begin(), blocks.end(), [](const Node* n) { return n->tag == Tag::table; });

  std::string out;
  int above = 1;  // the page's title
  unsigned table = 0;
  for (std::size_t i = 0; i < end; ++i) {
    const Node& block = *blocks[i];
    if (levels[i] != 0) {
      const auto rank = static_cast<int>(std::distance(used.begin(), used.find(levels[i])));
      above = std::min({2 + rank, above + 1, 6});
      out += html_of(as_heading(block, above), 0);
    } else if (block.tag == Tag::table) {
      out += table_html(block, tables > 1 ? ++table : 0);
    } else if (block.tag == Tag::code_block) {
      out += scrolling_code(block);
    } else if (block.tag == Tag::paragraph && i == 0 && is_salutation(plain(block))) {
      out += paragraph_html(block, "to");
    } else {
      out += html_of(block, 2);
    }
  }
  if (end == blocks.size()) return out;
  out += "<div class=\"signed\"><div>\n";
  for (std::size_t i = end; i < blocks.size(); ++i) out += html_of(*blocks[i], 0);
  return out + "</div></div>\n";
}

}  // namespace fabu::website
