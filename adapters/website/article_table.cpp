// Tables of a body, and where titles and numbers may be broken.
#include <algorithm>
#include <memory>
#include <set>

#include "adapters/sdk/word_breaks.h"
#include "adapters/website/article_body.h"

namespace fabu::website {
namespace {

using sdk::Node;
using sdk::Tag;

constexpr std::size_t kMostColumns = 60;
constexpr std::size_t kMostHeads = 200;  // cells that are looked at for words: a dictionary takes its time
constexpr std::size_t kManyColumns = 9;  // printed on pages of their own, across

// A head of words alone may be broken between them only.
std::string head_html(const Node& cell) {
  if (cell.children.size() != 1 || cell.children[0].tag != Tag::text) return {};
  std::string html;
  for (const std::string& piece : title_pieces(cell.children[0].text)) {
    html += (html.empty() ? "" : "<wbr>") + sdk::escape(piece);
  }
  return html;
}

std::string inner_html(const Node& cell) {
  Node root;
  root.children = cell.children;
  return sdk::to_html(root, 2);
}

std::string inner_text(const Node& cell) {
  Node root;
  root.children = cell.children;
  return sdk::to_text(root);
}

// The longest line of a text, a Chinese character counting two.
std::size_t width_of(std::string_view text) {
  std::size_t most = 0, now = 0;
  for (const char c : text) {
    if (c == '\n') now = 0;
    if ((c & 0xc0) != 0x80 && c != '\n') now += c >= 0 ? 1 : 2;
    most = std::max(most, now);
  }
  return most;
}

enum class Figure { none, small, money };

// 1,234.50, -5.85%, ¥1180: what a column is aligned by. `small` is a bare number of few digits, such as an ordinal.
Figure figure_of(std::string_view text) {
  constexpr std::size_t kLongest = 18, kSmall = 3;
  for (const std::string_view sign : {"¥", "￥", "-", "−", "+"}) {
    if (text.starts_with(sign)) text.remove_prefix(sign.size());
  }
  if (text.ends_with("%")) text.remove_suffix(1);
  if (text.empty() || text.size() > kLongest || text.find_first_not_of("0123456789.,") != std::string_view::npos) {
    return Figure::none;
  }
  if (text.front() < '0' || text.front() > '9' || std::count(text.begin(), text.end(), '.') > 1) return Figure::none;
  return text.size() > kSmall || text.find('.') != std::string_view::npos ? Figure::money : Figure::small;
}

// 皖1342099900101234, 0560-3000100: what nobody wants to read in two halves.
bool is_code(std::string_view text) {
  constexpr std::size_t kLongest = 24;
  const auto ascii = std::count_if(text.begin(), text.end(), [](char c) { return c > ' '; });
  return text.size() <= kLongest && text.find_first_of(" \n") == std::string_view::npos &&
         static_cast<std::size_t>(ascii) + 6 >= text.size();  // at most two ideographs
}

struct Cell {
  const Node* node;
  std::size_t column;
  std::string text;
};
using Row = std::vector<Cell>;

// HTML's table model: a cell takes the next free place of its row and of the rows that it spans.
std::vector<Row> rows_of(const Node& table) {
  std::vector<Row> rows;
  std::vector<std::size_t> free_from(kMostColumns, 0);  // the first row in which each column is free again
  for (std::size_t r = 0; r < table.children.size(); ++r) {
    Row& row = rows.emplace_back();
    std::size_t column = 0;
    for (const Node& node : table.children[r].children) {
      while (column < kMostColumns && free_from[column] > r) ++column;
      std::string text = inner_text(node);
      while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
      row.push_back({&node, std::min(column, kMostColumns - 1), std::move(text)});
      for (std::size_t n = 0; n < node.colspan && column < kMostColumns; ++n) free_from[column++] = r + node.rowspan;
    }
  }
  return rows;
}

// Columns of nothing but figures, at least one of which is more than an ordinal.
std::set<std::size_t> figure_columns(const std::vector<Row>& rows) {
  std::set<std::size_t> figures, others;
  for (const Row& row : rows) {
    for (const Cell& cell : row) {
      if (cell.node->tag == Tag::header_cell || cell.node->colspan > 1) continue;
      const Figure figure = figure_of(cell.text);
      const bool nothing = cell.text.empty() || cell.text == "—" || cell.text == "-" || cell.text == "/" || cell.text == "——";
      if (figure == Figure::money) figures.insert(cell.column);
      if (figure == Figure::none && !nothing) others.insert(cell.column);
    }
  }
  for (const std::size_t column : others) figures.erase(column);
  return figures;
}

std::string kind_of(const Cell& cell, const std::set<std::size_t>& figures) {
  constexpr std::size_t kShort = 14, kShortHead = 8, kLong = 40;
  const bool head = cell.node->tag == Tag::header_cell;
  const std::size_t width = width_of(cell.text);
  std::string kinds;
  const auto add = [&kinds](const char* kind) { kinds += (kinds.empty() ? "" : " ") + std::string(kind); };
  if (width <= (head ? kShortHead : kShort) || figure_of(cell.text) != Figure::none || is_code(cell.text)) add("short");
  if (width > kLong) add("long");
  if (cell.node->align == "center") add("middle");
  const bool right = cell.node->align.empty() && cell.node->colspan == 1 && figures.contains(cell.column);
  if (cell.node->align == "right" || right) add("figure");
  return kinds;
}

std::string cell_html(const Cell& cell, const char* scope, const std::set<std::size_t>& figures, bool broken_between_words) {
  const bool head = cell.node->tag == Tag::header_cell;
  std::string html = head ? std::string("<th scope=\"") + scope + "\"" : "<td";
  if (cell.node->colspan > 1) html += " colspan=\"" + std::to_string(cell.node->colspan) + "\"";
  if (cell.node->rowspan > 1) html += " rowspan=\"" + std::to_string(cell.node->rowspan) + "\"";
  const std::string kinds = kind_of(cell, figures);
  if (!kinds.empty()) html += " class=\"" + kinds + "\"";
  std::string inner = head && broken_between_words ? head_html(*cell.node) : "";
  if (inner.empty()) inner = inner_html(*cell.node);
  return html + ">" + inner + (head ? "</th>" : "</td>");
}

// What belongs to the word before it, and what stands between words. A name that the dictionary does not have comes as single
// characters, which stay together.

bool is_ideograph(std::string_view text) {
  return text.size() >= 3 && static_cast<unsigned char>(text[0]) >= 0xe4 && static_cast<unsigned char>(text[0]) <= 0xe9;
}

// One ideograph, perhaps with the punctuation that no line may begin with.
bool is_lone_ideograph(std::string_view piece) {
  return is_ideograph(piece) && (piece.size() == 3 || !is_ideograph(piece.substr(3)));
}

// （第三次）, （日历天）: short words in brackets stay whole.
bool is_open_bracket(std::string_view before, std::string_view next) {
  constexpr std::size_t kLongest = 24;  // bytes: eight ideographs
  return before.starts_with("（") && before.find("）") == std::string_view::npos && before.size() + next.size() <= kLongest;
}

}  // namespace

std::string table_html(const Node& table, unsigned number) {
  const std::vector<Row> rows = rows_of(table);
  const std::set<std::size_t> figures = figure_columns(rows);
  const auto is_head = [](const Row& row) {
    return !row.empty() &&
           std::all_of(row.begin(), row.end(), [](const Cell& cell) { return cell.node->tag == Tag::header_cell; });
  };
  const auto body = std::find_if_not(rows.begin(), rows.end(), is_head);
  std::size_t columns = 0;
  for (const Row& row : rows) {
    for (const Cell& cell : row) columns = std::max(columns, cell.column + cell.node->colspan);
  }
  const char* const kind = columns < kManyColumns ? "scroll" : "scroll many";
  std::string out = "<div class=\"" + std::string(kind) + "\" role=\"region\" aria-label=\"表格" +
                    (number == 0 ? "" : " " + std::to_string(number)) + "，可横向滚动\" tabindex=\"0\"><table>\n";
  std::size_t heads = 0;
  const auto section = [&](const char* name, const char* scope, auto from, auto to) {
    if (from == to) return;
    out += "<" + std::string(name) + ">\n";
    for (; from != to; ++from) {
      out += "<tr>";
      for (const Cell& cell : *from) out += cell_html(cell, scope, figures, ++heads <= kMostHeads);
      out += "</tr>\n";
    }
    out += "</" + std::string(name) + ">\n";
  };
  section("thead", "col", rows.begin(), body);
  section("tbody", "row", body, rows.end());
  return out + "</table></div>\n";
}

std::vector<std::string> title_pieces(std::string_view title) {
  std::vector<std::string> pieces;
  bool lone = false;  // the last piece is characters that are no words
  std::size_t from = 0;
  for (const std::size_t to : sdk::word_breaks(title)) {
    std::string piece(title.substr(from, to - from));
    from = to;
    const bool alone = is_lone_ideograph(piece);
    const bool joins = alone && !pieces.empty() && (lone || sdk::kSuffixes.find(piece.substr(0, 3)) != std::string_view::npos);
    lone = alone && piece.size() == 3 && sdk::kParticles.find(piece) == std::string_view::npos;
    if (joins || (!pieces.empty() && is_open_bracket(pieces.back(), piece))) {
      pieces.back() += piece;
    } else {
      pieces.push_back(std::move(piece));
    }
  }
  return pieces;
}

std::vector<std::string> number_pieces(std::string_view number) {
  std::vector<std::string> pieces;
  while (!number.empty()) {
    const std::size_t slash = number.find('/');
    const std::size_t end = slash == std::string_view::npos ? number.size() : slash + 1;
    pieces.emplace_back(number.substr(0, end));
    number.remove_prefix(end);
  }
  return pieces;
}

}  // namespace fabu::website
