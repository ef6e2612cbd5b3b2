#include "adapters/noticeboard/sheet_table.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>
#include <optional>

#include "adapters/noticeboard/sheet_title.h"
#include "adapters/sdk/official_text.h"

namespace fabu::noticeboard {
namespace {

constexpr double kPadX = 4, kPadY = 3.5;  // inside a cell, pt
constexpr double kRule = 0.71;            // 0.25 mm
constexpr double kLeastSize = 8;
constexpr double kWholeHeight = 225.0 / 3 * 72 / 25.4;  // a table that is no higher is not broken
constexpr std::size_t kMostColumns = 60;

struct Cell {
  std::size_t row, column, rows, columns;
  Text text;
  Align align;
  bool header;
  std::vector<Line> lines;
};

struct Grid {
  std::vector<Cell> cells;
  std::size_t rows = 0, columns = 0;
  std::size_t head_rows = 0;
};

bool is_number(const std::string& text) {
  return !text.empty() && text.find_first_not_of("0123456789.,-+%—") == std::string::npos;
}

bool is_long(const std::string& text) {
  return text.size() > 3 * 8;
}

Align written_alignment(const sdk::Node& cell) {
  return cell.align == "left"     ? Align::left
         : cell.align == "right"  ? Align::right
         : cell.align == "center" ? Align::center
                                  : Align::justify;
}

// Where the author did not say: heads, numbers and short words are centred; a column with any longer text begins at the left. An
// indent that was made of spaces shows a rank, which only the left edge can.
void align_columns(Grid& grid) {
  std::vector<bool> left(grid.columns, false);
  for (const Cell& cell : grid.cells) {
    const std::string text = plain(cell.text);
    if (!cell.header && cell.columns == 1 && (is_long(text) || text.rfind("\u3000", 0) == 0)) left[cell.column] = true;
  }
  for (Cell& cell : grid.cells) {
    if (cell.align != Align::justify) continue;
    const bool centred = cell.header || is_number(plain(cell.text)) || !left[cell.column];
    cell.align = centred ? Align::center : Align::left;
  }
}

// Heads of columns read badly when 质量承诺 or （万元） is broken: short ones, and short units in brackets, stay whole.
Text head_text(const Text& text) {
  const std::string all = plain(text);
  const auto kept_whole = [](Text part) {
    for (Span& span : part) span.whole = true;
    return part;
  };
  if (sdk::characters(all) <= 4) return kept_whole(text);
  const std::size_t open = all.rfind("（"), close = all.rfind("）");
  const std::size_t end = close == std::string::npos ? close : close + std::string_view("）").size();
  if (open == std::string::npos || end != all.size() || sdk::characters(all.substr(open)) > 6) return text;
  Text out = slice(text, 0, open);
  for (Span& span : kept_whole(slice(text, open, end))) out.push_back(std::move(span));
  return out;
}

// Short words and codes (合格, 皖1342099900101234) stay whole.
Text cell_text(Text text) {
  constexpr std::size_t kShort = 5, kLongestCode = 24;
  const std::string all = plain(text);
  const auto ascii = static_cast<std::size_t>(std::count_if(all.begin(), all.end(), [](char c) { return c > ' '; }));
  const bool code = all.size() <= kLongestCode && ascii + 6 >= all.size();  // of two ideographs at most
  if (all.find('\n') != std::string::npos || (sdk::characters(all) > kShort && !code)) return text;
  for (Span& span : text) span.whole = true;
  return text;
}

// HTML's table model: a cell takes the next free place of its row and of the rows that it spans.
Grid grid_of(const sdk::Node& table) {
  Grid grid;
  std::vector<std::size_t> taken_until;  // for each column the first row that is free again
  grid.rows = table.children.size();
  bool head = true;
  for (std::size_t r = 0; r < table.children.size(); ++r) {
    std::size_t column = 0;
    bool all_headers = !table.children[r].children.empty();
    for (const sdk::Node& node : table.children[r].children) {
      while (column < taken_until.size() && taken_until[column] > r) ++column;
      if (column >= kMostColumns) break;
      const std::size_t columns = std::min<std::size_t>(node.colspan, kMostColumns - column);
      const std::size_t rows = std::min<std::size_t>(node.rowspan, grid.rows - r);
      const bool header = node.tag == sdk::Tag::header_cell;
      all_headers = all_headers && header;
      Text text = header ? head_text(inline_text(node, Face::hei)) : cell_text(inline_text(node, Face::fangsong));
      grid.cells.push_back({r, column, rows, columns, std::move(text), written_alignment(node), header, {}});
      if (taken_until.size() < column + columns) taken_until.resize(column + columns, 0);
      for (std::size_t c = column; c < column + columns; ++c) taken_until[c] = r + rows;
      column += columns;
    }
    head = head && all_headers;
    if (head) grid.head_rows = r + 1;
  }
  grid.columns = taken_until.size();
  if (grid.head_rows == grid.rows) grid.head_rows = 0;
  align_columns(grid);
  return grid;
}

struct Fit {
  double size;
  std::vector<double> widths;
};

// How many characters of a text stand on a line at least: words of two are all that Chinese asks for, but a column of them is a
// column that nobody reads.
constexpr double kEasy = 4, kBare = 2;

struct Widths {
  std::vector<double> least, natural;
};

Widths widths_at(const Grid& grid, double size, double characters_in_line, const Typesetter& typesetter) {
  const double narrowest = kBare * size + 2 * kPadX;
  Widths widths{std::vector<double>(grid.columns, narrowest), std::vector<double>(grid.columns, narrowest)};
  for (const Cell& cell : grid.cells) {
    const double whole = typesetter.natural_width(cell.text, size);
    const double words = typesetter.least_width(cell.text, size);
    const double least = cell.header ? words : std::max(words, std::min(whole, characters_in_line * size));
    // A head may take two lines where what stands below it is shorter.
    const double liked = cell.header ? std::max(words, whole / 2 + size) : whole;
    for (std::size_t c = cell.column; c < cell.column + cell.columns; ++c) {
      const auto share = static_cast<double>(cell.columns);
      widths.least[c] = std::max(widths.least[c], (least + 2 * kPadX + 0.5) / share);
      widths.natural[c] = std::max(widths.natural[c], (std::min(liked, whole) + 2 * kPadX + 0.5) / share);
    }
  }
  return widths;
}

double sum_of(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0);
}

// The widths at one size; nothing when a word would have to be broken, or a line to hold fewer characters.
std::optional<Fit> fit_at(const Grid& grid, double size, double characters_in_line, double width, const Typesetter& typesetter) {
  const Widths widths = widths_at(grid, size, characters_in_line, typesetter);
  if (sum_of(widths.least) > width && size > kLeastSize) return std::nullopt;
  return Fit{size, column_widths(widths.least, widths.natural, width)};
}

// The largest size at which nothing is broken; heads may be, before the type gets too small to read from a step away. Nothing
// when that does not do either.
std::optional<Fit> easy_fit(Grid& grid, double width, const Typesetter& typesetter) {
  for (const double size : {12.0, 10.5, 9.5}) {
    if (auto found = fit_at(grid, size, kEasy, width, typesetter)) return found;
  }
  for (Cell& cell : grid.cells) {
    for (Span& span : cell.text) span.whole = false;
  }
  for (const double size : {10.5, 9.0}) {
    if (auto found = fit_at(grid, size, kEasy, width, typesetter)) return found;
  }
  return std::nullopt;
}

Fit any_fit(const Grid& grid, double width, const Typesetter& typesetter) {
  for (const double size : {10.5, 9.0}) {
    if (auto found = fit_at(grid, size, kBare, width, typesetter)) return *found;
  }
  return *fit_at(grid, kLeastSize, kBare, width, typesetter);
}

// The columns of each part of a table that is too wide: the first column, and the second where that is an ordinal, are repeated
// in all of them. Nothing when the table has joined cells or would not be helped.
std::vector<std::vector<std::size_t>> parts_of(const Grid& grid, double width, const Typesetter& typesetter) {
  constexpr double kPartSize = 10.5, kRoomy = 8;
  constexpr std::size_t kLongestOrdinal = 4;
  const auto joined = [](const Cell& cell) { return cell.rows != 1 || cell.columns != 1; };
  if (grid.cells.size() != grid.rows * grid.columns || std::any_of(grid.cells.begin(), grid.cells.end(), joined)) return {};
  const std::vector<double> least = widths_at(grid, kPartSize, kRoomy, typesetter).least;
  const bool ordinal = std::all_of(grid.cells.begin(), grid.cells.end(), [](const Cell& cell) {
    return cell.column != 0 || cell.header || (is_number(plain(cell.text)) && plain(cell.text).size() <= kLongestOrdinal);
  });
  const std::size_t keys = ordinal && grid.columns > 2 ? 2 : 1;
  const double key_width = std::accumulate(least.begin(), least.begin() + static_cast<std::ptrdiff_t>(keys), 0.0);
  const double room = width - key_width;
  const double wanted = sum_of(least) - key_width;
  if (room < width / 3 || *std::max_element(least.begin() + static_cast<std::ptrdiff_t>(keys), least.end()) > room) return {};
  const double even = wanted / std::ceil(wanted / room);  // so that the last part is not much narrower than the others
  std::vector<std::vector<std::size_t>> parts;
  double used = 0;
  for (std::size_t c = keys; c < grid.columns; ++c) {
    if (parts.empty() || used + least[c] > room || used + least[c] / 2 > even) {
      parts.emplace_back(keys);
      std::iota(parts.back().begin(), parts.back().end(), std::size_t{0});
      used = 0;
    }
    parts.back().push_back(c);
    used += least[c];
  }
  return parts.size() > 1 ? parts : std::vector<std::vector<std::size_t>>{};
}

sdk::Node part_of(const sdk::Node& table, const std::vector<std::size_t>& columns) {
  sdk::Node part = table;
  for (std::size_t r = 0; r < table.children.size(); ++r) {
    part.children[r].children.clear();
    for (const std::size_t c : columns) part.children[r].children.push_back(table.children[r].children[c]);
  }
  return part;
}

// Heads are broken between words into even lines.
void break_head(Cell& cell, double size, double width, const Typesetter& typesetter) {
  const std::string all = plain(cell.text);
  if (all.find('\n') != std::string::npos || typesetter.natural_width(cell.text, size) <= width) return;
  const auto lines = title_lines(all, width, [&](std::string_view piece) {
    return typesetter.natural_width({{std::string(piece), Face::hei}}, size);
  });
  if (lines.size() < 2) return;
  Text broken;
  std::size_t from = 0;
  for (const std::string& line : lines) {
    if (from > 0) broken.push_back({"\n", Face::hei});
    for (Span& span : slice(cell.text, from, from + line.size())) broken.push_back(std::move(span));
    from += line.size();
  }
  cell.text = std::move(broken);
}

// The rows of one strip, with all that is needed to draw them.
struct Band {
  std::vector<Cell> cells;
  std::vector<double> tops;   // of its rows, and its height
  std::vector<double> lefts;  // of all columns, and the width
  std::size_t first_row;
  double size, pitch;
  bool opens;  // draws the table's upper rule
};

void draw_cell(cairo_t* to, const Band& band, const Cell& cell, double x, double y, double from, double upto) {
  const double left = band.lefts[cell.column], right = band.lefts[cell.column + cell.columns];
  const double top = band.tops[cell.row - band.first_row], bottom = band.tops[cell.row - band.first_row + cell.rows];
  const double shown_top = std::max(top, from), shown_bottom = std::min(bottom, upto);
  if (shown_bottom <= shown_top) return;
  cairo_rectangle(to, x + left, y + shown_top - from, right - left, shown_bottom - shown_top);
  if (cell.header) {
    cairo_save(to);
    cairo_set_source_rgb(to, 0.94, 0.94, 0.94);
    cairo_fill_preserve(to);
    cairo_restore(to);
  }
  cairo_set_line_width(to, kRule);
  cairo_stroke(to);
  const double text_height = band.pitch * static_cast<double>(cell.lines.size());
  const bool whole = top >= from - 0.01 && bottom <= upto + 0.01;
  double line_top = whole ? top + (bottom - top - text_height) / 2 : top + kPadY;
  for (const Line& line : cell.lines) {
    const double middle = line_top + band.pitch / 2;
    if (middle >= from && middle < upto) {
      Typesetter::draw(to, line, x + left + kPadX, y + line_top - from + band.pitch / 2 + band.size * 0.38);
    }
    line_top += band.pitch;
  }
}

Strip strip_of(std::shared_ptr<const Band> band) {
  Strip strip;
  strip.height = band->tops.back();
  strip.divide = band->pitch;
  strip.offset = kPadY;
  strip.draw = [band](cairo_t* to, double x, double y, double from, double upto) {
    for (const Cell& cell : band->cells) draw_cell(to, *band, cell, x, y, from, upto);
  };
  return strip;
}

// Heights of rows: what the cells of one row need first, then what cells over several rows still lack goes to their last row.
std::vector<double> row_heights(const Grid& grid, double pitch) {
  std::vector<double> heights(grid.rows, pitch + 2 * kPadY);
  for (const bool spanning : {false, true}) {
    for (const Cell& cell : grid.cells) {
      if ((cell.rows > 1) != spanning) continue;
      const double needed = pitch * static_cast<double>(cell.lines.size()) + 2 * kPadY;
      double had = 0;
      for (std::size_t r = cell.row; r < cell.row + cell.rows; ++r) had += heights[r];
      if (had < needed) heights[cell.row + cell.rows - 1] += needed - had;
    }
  }
  return heights;
}

// The first row after `row` that no cell joins to it.
std::size_t band_end(const Grid& grid, std::size_t row, std::size_t at_least) {
  std::size_t end = std::max(row + 1, at_least);
  for (const Cell& cell : grid.cells) {
    if (cell.row >= row && cell.row < end) end = std::max(end, cell.row + cell.rows);
  }
  return end;
}

void add_text(const sdk::Node& node, Span style, Text& out) {
  using sdk::Tag;
  const auto new_line = [&out, &style] {
    if (!out.empty() && !out.back().text.empty() && out.back().text.back() != '\n') out.push_back({"\n", style.face});
  };
  if (node.tag == Tag::text || node.tag == Tag::code_block) {
    style.text = node.text;
    out.push_back(style);
    return;
  }
  if (node.tag == Tag::image) {
    style.text = "〔图：" + (node.title.empty() ? node.text.substr(node.text.find(':') + 1) : node.title) + "〕";
    out.push_back(style);
    return;
  }
  if (node.tag == Tag::line_break) return new_line();
  if (node.tag == Tag::strong) style.strong = true;
  if (node.tag == Tag::emphasis) style.face = Face::kai;
  if (node.tag == Tag::underline) style.underline = true;
  if (node.tag == Tag::strike) style.strike = true;
  if (node.tag == Tag::superscript) style.script = 1;
  if (node.tag == Tag::subscript) style.script = -1;
  const bool block =
      node.tag == Tag::paragraph || node.tag == Tag::list_item || node.tag == Tag::heading || node.tag == Tag::table_row;
  if (block) new_line();
  for (std::size_t i = 0; i < node.children.size(); ++i) {
    if (i > 0 && node.tag == Tag::table_row) out.push_back({"　", style.face});
    add_text(node.children[i], style, out);
  }
  if (block) new_line();
}

}  // namespace

Text inline_text(const sdk::Node& node, Face face) {
  Span style;
  style.face = face;
  Text out;
  for (const sdk::Node& child : node.children) add_text(child, style, out);
  while (!out.empty() && out.back().text == "\n") out.pop_back();
  return out;
}

std::vector<double> column_widths(const std::vector<double>& least, const std::vector<double>& natural, double width) {
  const double least_sum = std::accumulate(least.begin(), least.end(), 0.0);
  const double natural_sum = std::accumulate(natural.begin(), natural.end(), 0.0);
  std::vector<double> widths(least.size());
  if (least_sum >= width || natural_sum <= width) {
    for (std::size_t i = 0; i < least.size(); ++i) {
      widths[i] = least_sum >= width ? least[i] * width / least_sum
                                     : natural[i] + (width - natural_sum) / static_cast<double>(least.size());
    }
    return widths;
  }
  // Narrow columns get what they would like; wide ones share the rest by the root of what they would like.
  double low = 0, high = width;
  for (int step = 0; step < 50; ++step) {
    const double share = (low + high) / 2;
    for (std::size_t i = 0; i < least.size(); ++i)
      widths[i] = std::max(least[i], std::min(natural[i], share * std::sqrt(natural[i])));
    (std::accumulate(widths.begin(), widths.end(), 0.0) > width ? high : low) = share;
  }
  return widths;
}

namespace {

// A table that is not high stays on one page; of a higher one no row is alone at a page's end or beginning.
void keep_rows(std::vector<Strip>& rows, bool has_head) {
  double height = 0;
  for (const Strip& row : rows) height += row.height;
  const std::size_t first = has_head ? 1 : 0;
  for (std::size_t i = 0; i + 1 < rows.size(); ++i) {
    if (height <= kWholeHeight) rows[i].whole = true;
    if (i == first || i + 2 == rows.size()) rows[i].keep_with_next = true;
  }
}

std::vector<Strip> grid_strips(Grid& grid, const Fit& chosen, const Typesetter& typesetter) {
  const double pitch = chosen.size * 1.4;
  std::vector<double> lefts(grid.columns + 1, 0.0);
  for (std::size_t c = 0; c < grid.columns; ++c) lefts[c + 1] = lefts[c] + chosen.widths[c];
  for (Cell& cell : grid.cells) {
    Setting setting;
    setting.size = chosen.size;
    setting.width = lefts[cell.column + cell.columns] - lefts[cell.column] - 2 * kPadX;
    setting.align = cell.align;
    if (cell.header) break_head(cell, setting.size, setting.width, typesetter);
    cell.lines = typesetter.lines(cell.text, setting);
  }
  const std::vector<double> heights = row_heights(grid, pitch);

  std::vector<Strip> strips;
  std::shared_ptr<const Strip> head;
  std::size_t next_cell = 0;
  for (std::size_t row = 0; row < grid.rows;) {
    const std::size_t end = band_end(grid, row, row == 0 ? grid.head_rows : 0);
    auto band = std::make_shared<Band>(Band{{}, {0.0}, lefts, row, chosen.size, pitch, row == 0});
    for (std::size_t r = row; r < end; ++r) band->tops.push_back(band->tops.back() + heights[r]);
    for (; next_cell < grid.cells.size() && grid.cells[next_cell].row < end; ++next_cell)
      band->cells.push_back(grid.cells[next_cell]);
    Strip strip = strip_of(band);
    strip.head = head;
    if (row == 0 && grid.head_rows > 0) {
      head = std::make_shared<const Strip>(strip);
      strip.keep_with_next = true;
    }
    strips.push_back(std::move(strip));
    row = end;
  }
  keep_rows(strips, head != nullptr);
  return strips;
}

// Between the parts of a table that is too wide.
Strip continued(const Typesetter& typesetter, double width) {
  constexpr double kSize = 10.5, kHeight = 24;
  Setting setting;
  setting.size = kSize;
  setting.width = width;
  setting.align = Align::center;
  Strip strip;
  strip.height = kHeight;
  strip.keep_with_next = true;
  strip.draw = [lines = typesetter.lines({{"（续表）", Face::hei}}, setting)](cairo_t* to, double x, double y, double, double) {
    for (const Line& line : lines) Typesetter::draw(to, line, x, y + kHeight / 2 + kSize * 0.38);
  };
  return strip;
}

}  // namespace

std::vector<Strip> table_strips(const sdk::Node& table, double width, const Typesetter& typesetter) {
  Grid grid = grid_of(table);
  if (grid.columns == 0) return {};
  if (const auto easy = easy_fit(grid, width, typesetter)) return grid_strips(grid, *easy, typesetter);
  std::vector<Strip> strips;
  for (const auto& columns : parts_of(grid, width, typesetter)) {
    Grid part = grid_of(part_of(table, columns));
    const auto easy = easy_fit(part, width, typesetter);
    if (!strips.empty()) strips.push_back(continued(typesetter, width));
    for (Strip& strip : grid_strips(part, easy ? *easy : any_fit(part, width, typesetter), typesetter)) {
      strips.push_back(std::move(strip));
    }
  }
  return strips.empty() ? grid_strips(grid, any_fit(grid, width, typesetter), typesetter) : strips;
}

}  // namespace fabu::noticeboard
