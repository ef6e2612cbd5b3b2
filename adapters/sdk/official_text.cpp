#include "adapters/sdk/official_text.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace fabu::sdk {
namespace {

constexpr std::array<std::string_view, 11> kNumerals{"一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "百"};
constexpr std::string_view kDateNumerals = "〇零一二三四五六七八九十";
constexpr std::array<std::string_view, 22> kAddressees{
    "单位：", "部门：", "机构：", "企业：", "公司：", "政府：", "委员会：", "局：",   "委：",     "办：",   "厅：",
    "院：",   "中心：", "处：",   "科：",   "同志：", "人：",   "公众：",   "市民：", "供应商：", "群众：", "校："};

// Bytes of the Chinese number that the text begins with.
std::size_t numerals(std::string_view text) {
  std::size_t bytes = 0;
  for (bool found = true; found;) {
    const auto rest = text.substr(bytes);
    const auto numeral = std::find_if(kNumerals.begin(), kNumerals.end(), [&](auto n) { return rest.starts_with(n); });
    found = numeral != kNumerals.end();
    if (found) bytes += numeral->size();
  }
  return bytes;
}

bool has_content(const Node& line) {
  return std::any_of(line.children.begin(), line.children.end(),
                     [](const Node& n) { return n.tag != Tag::text || n.text.find_first_not_of(" \n\t") != std::string::npos; });
}

}  // namespace

std::size_t characters(std::string_view utf8) {
  return static_cast<std::size_t>(std::count_if(utf8.begin(), utf8.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

int numbered_level(std::string_view paragraph) {
  const std::size_t first = numerals(paragraph);
  if (first > 0 && paragraph.substr(first).starts_with("、")) return 1;
  if (!paragraph.starts_with("（")) return 0;
  const auto inner = paragraph.substr(std::string_view("（").size());
  const std::size_t second = numerals(inner);
  return second > 0 && inner.substr(second).starts_with("）") ? 2 : 0;
}

bool is_date(std::string_view paragraph) {
  const std::size_t year = paragraph.find("年"), month = paragraph.find("月");
  if (year == std::string_view::npos || month == std::string_view::npos || year > month || !paragraph.ends_with("日"))
    return false;
  std::size_t numbers = 0;
  for (std::size_t at = 0; at < paragraph.size();) {
    const std::size_t bytes = (paragraph[at] & 0x80) == 0 ? 1 : 3;
    const std::string_view c = paragraph.substr(at, bytes);
    const bool number = bytes == 1 ? c[0] >= '0' && c[0] <= '9' : kDateNumerals.find(c) != std::string_view::npos;
    if (!number && c != "年" && c != "月" && c != "日" && c != " ") return false;
    numbers += number ? 1 : 0;
    at += bytes;
  }
  return numbers >= 6 && numbers <= 10;
}

bool is_salutation(std::string_view paragraph) {
  constexpr std::size_t kLongest = 80;
  if (characters(paragraph) > kLongest || paragraph.find("。") != std::string_view::npos) return false;
  return std::any_of(kAddressees.begin(), kAddressees.end(), [&](auto end) { return paragraph.ends_with(end); });
}

Node lines_apart(Node document) {
  std::vector<Node> blocks;
  for (Node& block : document.children) {
    const auto is_break = [](const Node& n) { return n.tag == Tag::line_break; };
    if (block.tag != Tag::paragraph || std::none_of(block.children.begin(), block.children.end(), is_break)) {
      blocks.push_back(std::move(block));
      continue;
    }
    for (auto from = block.children.begin(); from != block.children.end();) {
      const auto to = std::find_if(from, block.children.end(), is_break);
      Node line;
      line.tag = Tag::paragraph;
      line.children.assign(std::make_move_iterator(from), std::make_move_iterator(to));
      if (has_content(line)) blocks.push_back(std::move(line));
      from = to == block.children.end() ? to : to + 1;
    }
  }
  document.children = std::move(blocks);
  return document;
}

}  // namespace fabu::sdk
