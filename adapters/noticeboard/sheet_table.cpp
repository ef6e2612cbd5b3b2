#include "adapters/noticeboard/sheet_table.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>
#include <optional>

namespace fabu::noticeboard {
namespace {

constexpr double kPadX = 4, kPadY = 3.5;  // inside a cell, pt
constexpr double kRule = 0.71;            // 0.25 mm
constexpr double kLeastSize = 8;
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

std::size_t characters(std::string_view utf8) {
  return static_cast<std::size_t>(std::count_if(utf8.begin(), utf8.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

// Heads of columns read badly when 质量承诺 or （万元） is broken: short ones, and short units in brackets, stay whole.
Text head_text(const Text& text) {
  const std::string all = plain(text);
  const auto kept_whole = [](Text part) {
    for (Span& span : part) span.whole = true;
    return part;
  };
  if (characters(all) <= 4) return kept_whole(text);
  const std::size_t open = all.rfind("（"), close = all.rfind("）");
  const std::size_t end = close == std::string::npos ? close : close + std::string_view("）").size();
  if (open == std::string::npos || end != all.size() || characters(all.substr(open)) > 6) return text;
  Text out = slice(text, 0, open);
  for (Span& span : kept_whole(slice(text, open, end))) out.push_back(std::move(span));
  return out;
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
      Text text = header ? head_text(inline_text(node, Face::hei)) : inline_text(node, Face::fangsong);
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

// The widths at one size; nothing when a word would have to be broken.
std::optional<Fit> fit_at(const Grid& grid, double size, double width, const Typesetter& typesetter) {
  std::vector<double> least(grid.columns, 2 * size + 2 * kPadX), natural(grid.columns, 2 * size + 2 * kPadX);
  for (const Cell& cell : grid.cells) {
    const double narrow = (typesetter.least_width(cell.text, size) + 2 * kPadX + 0.5) / static_cast<double>(cell.columns);
    const double wide = (typesetter.natural_width(cell.text, size) + 2 * kPadX + 0.5) / static_cast<double>(cell.columns);
    for (std::size_t c = cell.column; c < cell.column + cell.columns; ++c) {
      least[c] = std::max(least[c], narrow);
      natural[c] = std::max(natural[c], wide);
    }
  }
  const bool fits = std::accumulate(least.begin(), least.end(), 0.0) <= width;
  if (!fits && size > kLeastSize) return std::nullopt;
  return Fit{size, column_widths(least, natural, width)};
}

// The largest size at which nothing is broken; heads may be, before the type gets too small to read from a step away.
Fit fit(Grid& grid, double width, const Typesetter& typesetter) {
  for (const double size : {12.0, 10.5, 9.5}) {
    if (auto found = fit_at(grid, size, width, typesetter)) return *found;
  }
  for (Cell& cell : grid.cells) {
    for (Span& span : cell.text) span.whole = false;
  }
  for (const double size : {10.5, 9.0}) {
    if (auto found = fit_at(grid, size, width, typesetter)) return *found;
  }
  return *fit_at(grid, kLeastSize, width, typesetter);
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

std::vector<Strip> table_strips(const sdk::Node& table, double width, const Typesetter& typesetter) {
  Grid grid = grid_of(table);
  if (grid.columns == 0) return {};
  const Fit chosen = fit(grid, width, typesetter);
  const double pitch = chosen.size * 1.4;
  std::vector<double> lefts(grid.columns + 1, 0.0);
  for (std::size_t c = 0; c < grid.columns; ++c) lefts[c + 1] = lefts[c] + chosen.widths[c];
  for (Cell& cell : grid.cells) {
    Setting setting;
    setting.size = chosen.size;
    setting.width = lefts[cell.column + cell.columns] - lefts[cell.column] - 2 * kPadX;
    setting.align = cell.align;
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
  return strips;
}

}  // namespace fabu::noticeboard
