#include "adapters/noticeboard/sheet_body.h"

#include <algorithm>

#include "adapters/noticeboard/sheet_table.h"
#include "adapters/sdk/official_text.h"

namespace fabu::noticeboard {
namespace {

using sdk::Tag;

// A heading's part of a paragraph: all of it when it is one, else its first sentence, else the strong words that it begins with.
std::size_t heading_bytes(const Text& text, int level) {
  const std::string all = plain(text);
  const std::size_t stop = all.find("。");
  if (stop == std::string::npos && sdk::characters(all) <= 40 && all.find("：") == std::string::npos) return all.size();
  std::size_t strong = 0;
  for (const Span& span : text) {
    if (!span.strong) break;
    strong += span.text.size();
  }
  if (strong > 0) return strong;
  if (level == 2 && stop != std::string::npos && sdk::characters(std::string_view(all).substr(0, stop)) <= 30)
    return stop + std::string_view("。").size();
  return 0;
}

Text with_levels(Text text) {
  const int level = sdk::numbered_level(plain(text));
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
  return sdk::is_date(plain(inline_text(date, Face::fangsong))) && sdk::characters(who) <= 40 &&
         who.find("。") == std::string::npos && who.find("：") == std::string::npos;
}

constexpr std::string_view kBlank = "______";

Text shorter_blanks(Text text, double ratio) {
  for (Span& span : text) {
    std::string out;
    for (std::size_t at = 0; at < span.text.size();) {
      const std::size_t end = std::min(span.text.find_first_not_of('_', at), span.text.size());
      const std::size_t run = end - at;
      if (run == 0) {
        out += span.text[at++];
        continue;
      }
      const auto shorter = static_cast<std::size_t>(static_cast<double>(run) * ratio);
      out.append(run < kBlank.size() ? run : std::max(shorter, kBlank.size()), '_');
      at = end;
    }
    span.text = std::move(out);
  }
  return text;
}

}  // namespace

Strip line_strip(Line line, double left, double height, double size) {
  Strip strip;
  strip.height = height;
  strip.draw = [line = std::move(line), left, size](cairo_t* to, double x, double y, double from, double upto) {
    Typesetter::draw(to, line, x + left, y + (upto - from) / 2 + size * 0.38);
  };
  return strip;
}

void BodySetter::lines(std::vector<Line> lines, double left, bool heading) {
  const std::size_t count = lines.size();
  for (std::size_t i = 0; i < count; ++i) {
    Strip strip = line_strip(std::move(lines[i]), left, kPitch, kBodySize);
    strip.line = true;
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
  std::vector<Line> set = typesetter_.lines(text, setting);
  // Blanks to be filled in by hand give way where a line is saved by it.
  if (set.size() > 1 && plain(text).find(kBlank) != std::string::npos) {
    for (const double ratio : {0.85, 0.7, 0.55}) {
      std::vector<Line> fewer = typesetter_.lines(shorter_blanks(text, ratio), setting);
      if (fewer.size() >= set.size()) continue;
      set = std::move(fewer);
      break;
    }
  }
  lines(std::move(set), left, heading);
}

// Without the two characters: 主送机关, and lines that are set as they were typed.
void BodySetter::flush(const Text& text, double left) {
  if (plain(text).empty()) return;
  Setting setting;
  setting.size = kBodySize;
  setting.spacing = kGrid;
  setting.width = kTextWidth - left;
  lines(typesetter_.lines(text, setting), left, false);
}

void BodySetter::labelled(const Text& label, const Text& text, double more) {
  Setting setting;
  setting.size = kBodySize;
  setting.spacing = kGrid;
  setting.width = kTextWidth;
  std::vector<Line> before = typesetter_.lines(label, setting);
  if (before.empty()) return paragraph(text);
  const double left = 2 * (kBodySize + kGrid) + more, beside = left + before[0].width;
  setting.width = kTextWidth - beside;
  std::vector<Line> after = typesetter_.lines(text, setting);
  if (after.empty()) return;
  const std::size_t first = strips_.size();
  lines(std::move(after), beside, false);
  strips_[first].draw = [draw = std::move(strips_[first].draw), line = std::move(before[0]), left](
                            cairo_t* to, double x, double y, double from, double upto) {
    Typesetter::draw(to, line, x + left, y + (upto - from) / 2 + kBodySize * 0.38);
    draw(to, x, y, from, upto);
  };
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
  for (std::vector<Line>* part : {&above, &below}) {
    for (Line& line : *part) {
      strips_.push_back(line_strip(std::move(line), 0, kPitch, kBodySize));
      strips_.back().line = true;
    }
  }
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
      return paragraph(text, left,
                       sdk::numbered_level(words) > 0 && !text.empty() && text.size() == 1 && text[0].face != Face::fangsong);
    }
    case Tag::code_block:
      return flush({{node.text, Face::fangsong}}, std::max(left, 2 * (kBodySize + kGrid)));
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
  for (std::size_t i = 0; i < count; ++i) {
    const sdk::Node& node = root.children[i];
    if (i == 0 && node.tag == Tag::paragraph) {
      const Text text = inline_text(node, Face::fangsong);
      if (sdk::is_salutation(plain(text))) {
        flush(text, 0);
        continue;
      }
    }
    block(node, 0);
  }
}

bool BodySetter::sign(const sdk::Node& root) {
  if (!ends_signed(root)) return false;
  const auto last = root.children.rbegin();
  signature(inline_text(*(last + 1), Face::fangsong), inline_text(*last, Face::fangsong));
  return true;
}

}  // namespace fabu::noticeboard
