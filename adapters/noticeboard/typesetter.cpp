#include "adapters/noticeboard/typesetter.h"

#include <algorithm>
#include <cmath>

#include "adapters/sdk/official_text.h"

namespace fabu::noticeboard {
namespace {

// What official documents ask for first, then what Debian has: Noto Serif for 宋 and 仿宋, Noto Sans for 黑, AR PL UKai for 楷.
const char* chinese_family(Face face) {
  switch (face) {
    case Face::song:
      return "FZXiaoBiaoSong-B05,FZXiaoBiaoSong-B05S,方正小标宋简体,Noto Serif CJK SC,Source Han Serif SC,SimSun";
    case Face::fangsong:
      return "FangSong_GB2312,仿宋_GB2312,FangSong,仿宋,STFangsong,Noto Serif CJK SC,Source Han Serif SC,SimSun";
    case Face::hei:
      return "SimHei,黑体,Noto Sans CJK SC,Source Han Sans SC,WenQuanYi Micro Hei";
    case Face::kai:
      return "KaiTi_GB2312,楷体_GB2312,KaiTi,楷体,AR PL UKai CN,Noto Serif CJK SC";
  }
  return "";
}

const char* latin_family(Face face) {
  return face == Face::hei ? "Noto Sans CJK SC" : "Times New Roman,Liberation Serif,Tinos,Nimbus Roman,Noto Serif CJK SC";
}

// 小标宋 is a heavy display face; where another stands in for it, its bold does.
PangoWeight weight(const Span& span) {
  return span.strong || span.face == Face::song ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL;
}

void insert(PangoAttrList* list, PangoAttribute* attribute, std::size_t from, std::size_t to) {
  attribute->start_index = static_cast<guint>(from);
  attribute->end_index = static_cast<guint>(to);
  pango_attr_list_insert(list, attribute);
}

bool is_latin(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

// Runs of printable ASCII that hold a letter or digit take the Latin face; lone ASCII punctuation between Chinese does as well.
void add_latin_runs(PangoAttrList* list, const Span& span, std::size_t base) {
  const std::string& text = span.text;
  for (std::size_t at = 0; at < text.size();) {
    if (static_cast<signed char>(text[at]) <= 0x20) {
      ++at;
      continue;
    }
    std::size_t end = at;
    while (end < text.size() && static_cast<signed char>(text[end]) >= 0x20) ++end;
    if (std::any_of(text.begin() + static_cast<std::ptrdiff_t>(at), text.begin() + static_cast<std::ptrdiff_t>(end), is_latin)) {
      insert(list, pango_attr_family_new(latin_family(span.face)), base + at, base + end);
    }
    at = end;
  }
}

void add_span(PangoAttrList* list, const Span& span, std::size_t base) {
  const std::size_t end = base + span.text.size();
  insert(list, pango_attr_family_new(chinese_family(span.face)), base, end);
  insert(list, pango_attr_weight_new(weight(span)), base, end);
  if (span.underline) insert(list, pango_attr_underline_new(PANGO_UNDERLINE_SINGLE), base, end);
  if (span.whole) insert(list, pango_attr_allow_breaks_new(FALSE), base, end);
  if (span.strike) insert(list, pango_attr_strikethrough_new(TRUE), base, end);
  if (span.script != 0) {
    insert(list, pango_attr_scale_new(0.65), base, end);
  }
  add_latin_runs(list, span, base);
}

// Pango 1.50 raises Latin runs among Chinese ones by the difference of their ideographic baselines (0.14 em with Noto and a
// Times); Chinese typesetting puts both on one baseline, so the offsets are set anew.
void put_on_baseline(PangoLayout* layout, const Text& text, double size) {
  PangoLayoutLine* const line = pango_layout_get_line(layout, 0);
  if (line == nullptr) return;
  for (GSList* at = line->runs; at != nullptr; at = at->next) {
    auto* const run = static_cast<PangoGlyphItem*>(at->data);
    std::size_t base = 0;
    int script = 0;
    for (const Span& span : text) {
      const auto offset = static_cast<std::size_t>(run->item->offset);
      if (offset >= base && offset < base + span.text.size()) script = span.script;
      base += span.text.size();
    }
    run->y_offset = static_cast<int>(script * (script > 0 ? 0.33 : 0.12) * size * PANGO_SCALE);
  }
}

double width_of(PangoLayout* layout) {
  PangoRectangle logical;
  pango_layout_get_extents(layout, nullptr, &logical);
  return static_cast<double>(logical.width) / PANGO_SCALE;
}

}  // namespace

std::string plain(const Text& text) {
  std::string out;
  for (const Span& span : text) out += span.text;
  return out;
}

Text slice(const Text& text, std::size_t from, std::size_t to) {
  Text out;
  std::size_t base = 0;
  for (const Span& span : text) {
    const std::size_t begin = std::max(from, base);
    const std::size_t end = std::min(to, base + span.text.size());
    if (begin < end) {
      Span part = span;
      part.text = span.text.substr(begin - base, end - begin);
      out.push_back(std::move(part));
    }
    base += span.text.size();
  }
  return out;
}

Typesetter::Typesetter() : context_(pango_font_map_create_context(pango_cairo_font_map_get_default())) {
  pango_cairo_context_set_resolution(context_.get(), 72);
  pango_context_set_language(context_.get(), pango_language_from_string("zh-cn"));
  pango_context_set_round_glyph_positions(context_.get(), FALSE);
  cairo_font_options_t* const options = cairo_font_options_create();
  cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
  cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
  pango_cairo_context_set_font_options(context_.get(), options);
  cairo_font_options_destroy(options);
}

std::shared_ptr<PangoLayout> Typesetter::layout(const Text& text, const Setting& setting) const {
  std::shared_ptr<PangoLayout> out(pango_layout_new(context_.get()), Unref{});
  const std::string all = plain(text);
  PangoAttrList* const list = pango_attr_list_new();
  insert(list, pango_attr_size_new(static_cast<int>(std::lround(setting.size * PANGO_SCALE))), 0, all.size());
  if (setting.spacing != 0) {
    insert(list, pango_attr_letter_spacing_new(static_cast<int>(std::lround(setting.spacing * PANGO_SCALE))), 0, all.size());
  }
  std::size_t base = 0;
  for (const Span& span : text) {
    add_span(list, span, base);
    base += span.text.size();
  }
  pango_layout_set_attributes(out.get(), list);
  pango_attr_list_unref(list);
  pango_layout_set_text(out.get(), all.data(), static_cast<int>(all.size()));
  return out;
}

std::vector<Line> Typesetter::lines(const Text& text, const Setting& setting) const {
  const std::shared_ptr<PangoLayout> whole = layout(text, setting);
  pango_layout_set_width(whole.get(), static_cast<int>(setting.width * PANGO_SCALE));
  pango_layout_set_wrap(whole.get(), PANGO_WRAP_WORD_CHAR);
  pango_layout_set_indent(whole.get(), static_cast<int>(setting.first_indent * PANGO_SCALE));
  const std::string all = plain(text);
  std::vector<Line> out;
  for (GSList* at = pango_layout_get_lines_readonly(whole.get()); at != nullptr; at = at->next) {
    const auto* const broken = static_cast<const PangoLayoutLine*>(at->data);
    std::size_t from = static_cast<std::size_t>(broken->start_index);
    std::size_t to = from + static_cast<std::size_t>(broken->length);
    while (to > from && all[to - 1] == ' ') --to;
    if (!out.empty()) {
      while (from < to && all[from] == ' ') ++from;
    }
    const Text part = slice(text, from, to);
    const bool ends = at->next == nullptr || (to < all.size() && all[to] == '\n');
    const double indent = out.empty() ? setting.first_indent : 0;
    Setting own = setting;
    Line line;
    line.layout = layout(part, own);
    line.width = width_of(line.layout.get());
    const double slack = setting.width - indent - line.width;
    const std::size_t gaps = sdk::characters(std::string_view(all).substr(from, to - from));
    // What is left over goes between the characters, unless the line is nearly empty.
    if (setting.align == Align::justify && !ends && gaps > 8 && slack < setting.size * 2 && slack > -setting.size) {
      own.spacing += slack / static_cast<double>(gaps - 1);
      line.layout = layout(part, own);
      line.width = setting.width - indent;
    }
    put_on_baseline(line.layout.get(), part, setting.size);
    line.x = setting.align == Align::center ? slack / 2 + indent : setting.align == Align::right ? slack + indent : indent;
    out.push_back(std::move(line));
  }
  return out;
}

double Typesetter::natural_width(const Text& text, double size) const {
  Setting setting;
  setting.size = size;
  return width_of(layout(text, setting).get());
}

double Typesetter::least_width(const Text& text, double size) const {
  Setting setting;
  setting.size = size;
  const std::shared_ptr<PangoLayout> narrow = layout(text, setting);
  pango_layout_set_wrap(narrow.get(), PANGO_WRAP_WORD);
  pango_layout_set_width(narrow.get(), 0);
  return width_of(narrow.get());
}

void Typesetter::draw(cairo_t* to, const Line& line, double x, double baseline) {
  if (line.layout == nullptr) return;
  cairo_move_to(to, x + line.x, baseline);
  pango_cairo_show_layout_line(to, pango_layout_get_line_readonly(line.layout.get(), 0));
}

}  // namespace fabu::noticeboard
