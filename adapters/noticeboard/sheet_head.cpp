#include "adapters/noticeboard/sheet_head.h"

#include <algorithm>
#include <memory>

#include "adapters/noticeboard/sheet_title.h"
#include "adapters/sdk/qr.h"

namespace fabu::noticeboard {
namespace {

constexpr double kMillimetre = 72 / 25.4;
constexpr double kMarkSize = 32, kLeastMarkSize = 16;
// 1号; 2号 where three lines do not do, 小2 where four do not.
struct TitleSize {
  double size;
  std::size_t most_lines;
};
constexpr TitleSize kTitleSizes[] = {{26, 3}, {22, 4}, {18, 99}};
constexpr double kQrSide = 24 * kMillimetre;

void red(cairo_t* to) {
  cairo_set_source_rgb(to, 0.85, 0.05, 0.05);
}

Strip blank(double height) {
  Strip strip;
  strip.height = height;
  strip.draw = [](cairo_t*, double, double, double, double) {};
  return strip;
}

Strip coloured(Strip strip) {
  strip.draw = [draw = std::move(strip.draw)](cairo_t* to, double x, double y, double from, double upto) {
    cairo_save(to);
    red(to);
    draw(to, x, y, from, upto);
    cairo_restore(to);
  };
  return strip;
}

Strip red_rule() {
  Strip strip;
  strip.height = 4 * kMillimetre;
  strip.draw = [](cairo_t* to, double x, double y, double, double) {
    cairo_save(to);
    red(to);
    cairo_rectangle(to, x, y + 4 * kMillimetre - 1.5, kTextWidth, 1.5);
    cairo_fill(to);
    cairo_restore(to);
  };
  return strip;
}

// Names of the publishers, each on a line, as large as the longest allows.
void add_mark(const std::string& mark, const Typesetter& typesetter, std::vector<Strip>& strips) {
  const Text text{{mark, Face::song}};
  const double natural = std::max(typesetter.natural_width(text, kMarkSize), 1.0);
  Setting setting;
  setting.align = Align::center;
  setting.width = kTextWidth;
  setting.size = std::clamp(kMarkSize * kTextWidth * 0.98 / natural, kLeastMarkSize, kMarkSize);
  // A short name is spread out, as on letterheads.
  setting.spacing = natural < kTextWidth * 0.7 ? setting.size * 0.12 : 0;
  for (Line& line : typesetter.lines(text, setting))
    strips.push_back(coloured(line_strip(std::move(line), 0, setting.size * 1.35, setting.size)));
}

void add_title(const std::string& title, const Typesetter& typesetter, std::vector<Strip>& strips) {
  std::vector<std::string> lines;
  double size = 0;
  for (const TitleSize& step : kTitleSizes) {
    size = step.size;
    lines = title_lines(title, kTextWidth - size, [&](std::string_view piece) {
      return typesetter.natural_width({{std::string(piece), Face::song}}, size);
    });
    const bool fits = lines.size() > 1 || typesetter.natural_width({{title, Face::song}}, size) <= kTextWidth;
    if (fits && lines.size() <= step.most_lines) break;
  }
  Setting setting;
  setting.size = size;
  setting.width = kTextWidth;
  setting.align = Align::center;
  for (const std::string& line : lines) {
    for (Line& set : typesetter.lines({{line, Face::song}}, setting)) {
      strips.push_back(line_strip(std::move(set), 0, std::max(size * 1.35, kPitch), size));
    }
  }
}

// A note in a box: what the reader must not overlook.
Strip boxed(const std::string& note, const Typesetter& typesetter) {
  constexpr double kSize = 14, kLine = 21, kPad = 7;
  Setting setting;
  setting.size = kSize;
  setting.width = kTextWidth - 2 * kPad;
  auto lines = std::make_shared<std::vector<Line>>(typesetter.lines({{note, Face::kai}}, setting));
  Strip strip;
  strip.height = static_cast<double>(lines->size()) * kLine + 2 * kPad + kPitch / 2;
  strip.draw = [lines](cairo_t* to, double x, double y, double, double) {
    cairo_save(to);
    red(to);
    cairo_set_line_width(to, 1);
    cairo_rectangle(to, x, y, kTextWidth, static_cast<double>(lines->size()) * kLine + 2 * kPad);
    cairo_stroke(to);
    cairo_restore(to);
    for (std::size_t i = 0; i < lines->size(); ++i) {
      Typesetter::draw(to, (*lines)[i], x + kPad, y + kPad + static_cast<double>(i) * kLine + kLine / 2 + kSize * 0.38);
    }
  };
  return strip;
}

void draw_qr(cairo_t* to, const sdk::QrCode& code, double x, double y) {
  const double module = kQrSide / (code.size + 8);
  // Modules that touch are one shape: no hairlines between them, whatever the printer's resolution.
  cairo_save(to);
  cairo_set_antialias(to, CAIRO_ANTIALIAS_NONE);
  for (unsigned row = 0; row < code.size; ++row) {
    for (unsigned column = 0; column < code.size;) {
      unsigned run = 0;
      while (column + run < code.size && code.at(column + run, row)) ++run;
      if (run > 0) cairo_rectangle(to, x + (column + 4) * module, y + (row + 4) * module, run * module, module);
      column += std::max(run, 1u);
    }
  }
  cairo_fill(to);
  cairo_restore(to);
}

}  // namespace

std::vector<Strip> head_strips(const SheetWords& words, const Typesetter& typesetter) {
  std::vector<Strip> strips;
  add_mark(words.mark, typesetter, strips);
  Setting centred;
  centred.size = kBodySize;
  centred.width = kTextWidth;
  centred.align = Align::center;
  if (!words.doc_no.empty()) {
    strips.push_back(blank(kPitch / 2));
    for (Line& line : typesetter.lines({{words.doc_no, Face::fangsong}}, centred))
      strips.push_back(line_strip(std::move(line), 0, kPitch, kBodySize));
  }
  strips.push_back(red_rule());
  strips.push_back(blank(kPitch));
  add_title(words.title, typesetter, strips);
  strips.push_back(blank(kPitch * 0.7));
  for (const std::string& note : words.notes) strips.push_back(boxed(note, typesetter));
  return strips;
}

Strip foot_strip(const SheetWords& words, const Typesetter& typesetter) {
  constexpr double kSize = 12, kLine = 18;
  Setting setting;
  setting.size = kSize;
  setting.width = kTextWidth - kQrSide - 4;
  setting.align = Align::left;
  std::vector<Line> lines;
  for (const auto& [name, value] : words.facts) {
    for (Line& line : typesetter.lines({{name + "：", Face::hei}, {value, Face::fangsong}}, setting))
      lines.push_back(std::move(line));
  }
  for (Line& line : typesetter.lines({{"扫码查看：", Face::hei}, {words.url, Face::fangsong}}, setting))
    lines.push_back(std::move(line));
  Strip strip;
  strip.height = std::max(static_cast<double>(lines.size()) * kLine + 12, kQrSide + 6);
  const auto code = std::make_shared<sdk::QrCode>(sdk::qr_code(words.url));
  strip.draw = [lines = std::move(lines), code, height = strip.height](cairo_t* to, double x, double y, double, double) {
    cairo_rectangle(to, x, y, kTextWidth, 0.35 * kMillimetre);
    cairo_rectangle(to, x, y + height - 0.35 * kMillimetre, kTextWidth, 0.35 * kMillimetre);
    cairo_fill(to);
    double top = y + (height - static_cast<double>(lines.size()) * kLine) / 2;
    for (const Line& line : lines) {
      Typesetter::draw(to, line, x + 4, top + kLine / 2 + kSize * 0.38);
      top += kLine;
    }
    draw_qr(to, *code, x + kTextWidth - kQrSide, y + (height - kQrSide) / 2);
  };
  return strip;
}

}  // namespace fabu::noticeboard
