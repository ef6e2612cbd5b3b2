#include "adapters/noticeboard/sheet_body.h"

#include <algorithm>

#include "adapters/noticeboard/sheet_table.h"

namespace fabu::noticeboard {
namespace {

using sdk::Tag;

constexpr std::string_view kNumerals[] = {"一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "百"};

std::size_t numerals(std::string_view text) {
  std::size_t bytes = 0;
  for (bool found = true; found;) {
    found = false;
    for (const std::string_view numeral : kNumerals) {
      if (text.substr(bytes, numeral.size()) == numeral) {
        bytes += numeral.size();
        found = true;
      }
    }
  }
  return bytes;
}

std::size_t digits(std::string_view text) {
  std::size_t n = 0;
  while (n < text.size() && text[n] >= '0' && text[n] <= '9') ++n;
  return n;
}

std::size_t characters(std::string_view utf8) {
  return static_cast<std::size_t>(std::count_if(utf8.begin(), utf8.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

// A heading's part of a paragraph: all of it when it is one, else its first sentence, else the strong words that it begins with.
std::size_t heading_bytes(const Text& text, int level) {
  const std::string all = plain(text);
  const std::size_t stop = all.find("。");
  if (stop == std::string::npos && characters(all) <= 40 && all.find("：") == std::string::npos) return all.size();
  std::size_t strong = 0;
  for (const Span& span : text) {
    if (!span.strong) break;
    strong += span.text.size();
  }
  if (strong > 0) return strong;
  if (level == 2 && stop != std::string::npos && characters(std::string_view(all).substr(0, stop)) <= 30)
    return stop + std::string_view("。").size();
  return 0;
}

Text with_levels(Text text) {
  const int level = level_of(plain(text));
  if (level == 0) return text;
  const std::size_t bytes = heading_bytes(text, level);
  Text out = slice(text, 0, bytes);
  for (Span& span : out) {
    span.face = level == 1 ? Face::hei : Face::kai;
    span.strong = false;  // the face says it
  }
  for (Span& span : slice(text, bytes, plain(text).size())) out.push_back(std::move(span));
  return out;
}

// 单位、日期 at the end: a short name without a stop, and a date.
bool ends_signed(const sdk::Node& root) {
  if (root.children.size() < 3) return false;
  const sdk::Node& name = root.children[root.children.size() - 2];
  const sdk::Node& date = root.children.back();
  if (name.tag != Tag::paragraph || date.tag != Tag::paragraph) return false;
  const std::string who = plain(inline_text(name, Face::fangsong));
  return is_date(plain(inline_text(date, Face::fangsong))) && characters(who) <= 40 && who.find("。") == std::string::npos &&
         who.find("：") == std::string::npos;
}

}  // namespace

int level_of(std::string_view paragraph) {
  const std::size_t first = numerals(paragraph);
  if (first > 0 && paragraph.substr(first, 3) == "、") return 1;
  if (paragraph.substr(0, 3) != "（") return 0;
  const std::size_t second = numerals(paragraph.substr(3));
  return second > 0 && paragraph.substr(3 + second, 3) == "）" ? 2 : 0;
}

bool is_date(std::string_view paragraph) {
  std::size_t at = digits(paragraph);
  if (at != 4 || paragraph.substr(at, 3) != "年") return false;
  at += 3;
  const std::size_t month = digits(paragraph.substr(at));
  if (month == 0 || month > 2 || paragraph.substr(at + month, 3) != "月") return false;
  at += month + 3;
  const std::size_t day = digits(paragraph.substr(at));
  return day > 0 && day <= 2 && paragraph.substr(at + day) == "日";
}

Strip line_strip(Line line, double left, double height, double size) {
  Strip strip;
  strip.height = height;
  strip.draw = [line = std::move(line), left, height, size](cairo_t* to, double x, double y, double, double) {
    Typesetter::draw(to, line, x + left, y + height / 2 + size * 0.38);
  };
  return strip;
}

void BodySetter::lines(std::vector<Line> lines, double left, bool heading) {
  const std::size_t count = lines.size();
  for (std::size_t i = 0; i < count; ++i) {
    Strip strip = line_strip(std::move(lines[i]), left, kPitch, kBodySize);
    // Two lines of a paragraph at least on either page.
    strip.keep_with_next = heading || (count > 1 && (i == 0 || i + 2 == count));
    strips_.push_back(std::move(strip));
  }
}

void BodySetter::paragraph(const Text& text, double left, bool heading) {
  if (plain(text).empty()) return;
  Setting setting;
  setting.size = kBodySize;
  setting.spacing = kGrid;
  setting.width = kTextWidth - left;
  setting.first_indent = 2 * (kBodySize + kGrid);
  lines(typesetter_.lines(text, setting), left, heading);
}

void BodySetter::space(double height) {
  Strip strip;
  strip.height = height;
  strip.space = true;
  strip.draw = [](cairo_t*, double, double, double, double) {};
  strips_.push_back(std::move(strip));
}

void BodySetter::signature(const Text& name, const Text& date) {
  Setting setting;
  setting.size = kBodySize;
  setting.spacing = kGrid;
  setting.align = Align::right;
  const double character = kBodySize + kGrid;
  const std::size_t body_lines = std::min<std::size_t>(2, strips_.size());
  const std::size_t before = strips_.size();
  space(kPitch);
  setting.width = kTextWidth - 4 * character;
  std::vector<Line> below = typesetter_.lines(date, setting);
  setting.width = kTextWidth - 2 * character;
  std::vector<Line> above = typesetter_.lines(name, setting);
  // The name stands over the middle of the date where there is room for it.
  if (above.size() == 1 && below.size() == 1 && above[0].width < kTextWidth - 2 * character) {
    const double middle = below[0].x + below[0].width / 2;
    above[0].x = std::min(middle - above[0].width / 2, kTextWidth - 2 * character - above[0].width);
  }
  for (Line& line : above) strips_.push_back(line_strip(std::move(line), 0, kPitch, kBodySize));
  for (Line& line : below) strips_.push_back(line_strip(std::move(line), 0, kPitch, kBodySize));
  together_ = strips_.size() - before + body_lines;
}

void BodySetter::children(const sdk::Node& node, double left) {
  for (const sdk::Node& child : node.children) block(child, left);
}

void BodySetter::list(const sdk::Node& node, double left) {
  std::size_t number = node.start;
  const bool numbered = node.tag == Tag::ordered_list;
  for (const sdk::Node& item : node.children) {
    sdk::Node words;
    std::vector<const sdk::Node*> blocks;
    for (const sdk::Node& child : item.children) {
      const bool is_block = child.tag == Tag::unordered_list || child.tag == Tag::ordered_list || child.tag == Tag::table ||
                            child.tag == Tag::quote || child.tag == Tag::code_block ||
                            (child.tag == Tag::paragraph && !words.children.empty());
      if (is_block) {
        blocks.push_back(&child);
      } else {
        words.children.push_back(child);
      }
    }
    Text text{{numbered ? std::to_string(number++) + "." : "·", Face::fangsong}};
    for (Span& span : inline_text(words, Face::fangsong)) text.push_back(std::move(span));
    paragraph(text, left);
    for (const sdk::Node* inner : blocks) block(*inner, std::min(left + 2 * kBodySize, kTextWidth / 3));
  }
}

void BodySetter::block(const sdk::Node& node, double left) {
  switch (node.tag) {
    case Tag::heading: {
      Text text = inline_text(node, node.level <= 2 ? Face::hei : Face::kai);
      for (Span& span : text) span.strong = false;
      return paragraph(text, left, true);
    }
    case Tag::table: {
      // A heading, or a line such as 单位：万元, stays with the table that it is about.
      if (!strips_.empty()) strips_.back().keep_with_next = true;
      space(kPitch / 5);
      strips_.back().keep_with_next = true;
      for (Strip& strip : table_strips(node, kTextWidth, typesetter_)) strips_.push_back(std::move(strip));
      return space(kPitch / 5);
    }
    case Tag::unordered_list:
    case Tag::ordered_list:
      return list(node, left);
    case Tag::quote:
      return children(node, std::min(left + 2 * kBodySize, kTextWidth / 3));
    case Tag::rule:
      return space(kPitch / 2);
    case Tag::paragraph: {
      Text text = with_levels(inline_text(node, Face::fangsong));
      const std::string words = plain(text);
      return paragraph(text, left, level_of(words) > 0 && !text.empty() && text.size() == 1 && text[0].face != Face::fangsong);
    }
    case Tag::code_block:
      return paragraph({{node.text, Face::fangsong}}, left);
    case Tag::root:
    case Tag::list_item:
      return children(node, left);
    case Tag::table_row:
    case Tag::header_cell:
    case Tag::cell:
    case Tag::text:
    case Tag::line_break:
    case Tag::strong:
    case Tag::emphasis:
    case Tag::underline:
    case Tag::strike:
    case Tag::superscript:
    case Tag::subscript:
    case Tag::code:
    case Tag::link:
    case Tag::image: {
      sdk::Node holder;
      holder.children.push_back(node);
      return paragraph(inline_text(holder, Face::fangsong), left);
    }
  }
}

void BodySetter::document(const sdk::Node& root) {
  const std::size_t count = root.children.size() - (ends_signed(root) ? 2 : 0);
  for (std::size_t i = 0; i < count; ++i) block(root.children[i], 0);
}

bool BodySetter::sign(const sdk::Node& root) {
  if (!ends_signed(root)) return false;
  const auto last = root.children.rbegin();
  signature(inline_text(*(last + 1), Face::fangsong), inline_text(*last, Face::fangsong));
  return true;
}

}  // namespace fabu::noticeboard
