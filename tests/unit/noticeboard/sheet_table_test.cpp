#include "adapters/noticeboard/sheet_table.h"

#include <gtest/gtest.h>

#include <numeric>

namespace fabu::noticeboard {
namespace {

double sum(const std::vector<double>& widths) {
  return std::accumulate(widths.begin(), widths.end(), 0.0);
}

TEST(SheetTable, ColumnsFillTheWidth) {
  EXPECT_NEAR(sum(column_widths({10, 10}, {20, 40}, 100)), 100, 0.01);
  EXPECT_NEAR(sum(column_widths({10, 10, 10}, {20, 400, 900}, 300)), 300, 0.01);
  EXPECT_NEAR(sum(column_widths({80, 80}, {80, 80}, 100)), 100, 0.01);
}

TEST(SheetTable, NarrowColumnsGetWhatTheyWouldLikeAndLongTextTheRest) {
  const auto widths = column_widths({20, 20, 20}, {40, 300, 1200}, 440);
  EXPECT_DOUBLE_EQ(widths[0], 40);
  EXPECT_GT(widths[2], widths[1]);
}

TEST(SheetTable, NoColumnIsBelowItsLeastWidth) {
  const auto widths = column_widths({20, 150, 20}, {1000, 160, 1000}, 300);
  EXPECT_GE(widths[0], 20);
  EXPECT_GE(widths[1], 150);
}

Text text_of(const std::string& html) {
  v1::Body body;
  body.set_format(v1::BODY_FORMAT_HTML);
  body.set_text(html);
  return inline_text(sdk::document(body), Face::fangsong);
}

TEST(SheetTable, InlineTextKeepsStylesAndTurnsBlocksIntoLines) {
  const Text text = text_of("<p>面积m<sup>2</sup></p><p><b>粗</b><u>线</u></p>");
  EXPECT_EQ(plain(text), "面积m2\n粗线");
  EXPECT_EQ(text[1].script, 1);
  EXPECT_TRUE(text[3].strong);
  EXPECT_TRUE(text[4].underline);
}

sdk::Node table_of(const std::string& html) {
  v1::Body body;
  body.set_format(v1::BODY_FORMAT_HTML);
  body.set_text(html);
  return sdk::document(body).children.at(0);
}

TEST(SheetTable, RowsThatACellJoinsAreOneStrip) {
  const Typesetter typesetter;
  EXPECT_EQ(table_strips(table_of("<table><tr><td rowspan=2>甲<td>乙<tr><td>丙<tr><td>丁<td>戊</table>"), 442, typesetter).size(),
            2u);
}

TEST(SheetTable, RowsCarryTheHeadToTheNextPage) {
  const Typesetter typesetter;
  const auto strips = table_strips(table_of("<table><tr><th>甲<th>乙<tr><td>1<td>2<tr><td>3<td>4</table>"), 442, typesetter);
  ASSERT_EQ(strips.size(), 3u);
  EXPECT_EQ(strips[0].head, nullptr);
  EXPECT_TRUE(strips[0].keep_with_next);
  ASSERT_NE(strips[2].head, nullptr);
  EXPECT_EQ(strips[2].head->height, strips[0].height);
}

TEST(SheetTable, SurvivesRaggedAndHugeTables) {
  const Typesetter typesetter;
  EXPECT_FALSE(
      table_strips(table_of("<table><tr><td colspan=100 rowspan=100>甲<tr><td>乙<td>丙</table>"), 442, typesetter).empty());
  std::string wide = "<table><tr>";
  for (int i = 0; i < 200; ++i) wide += "<td>" + std::to_string(i);
  EXPECT_FALSE(table_strips(table_of(wide + "</table>"), 442, typesetter).empty());
  EXPECT_EQ(table_strips(table_of(wide + "<tr><td colspan=2>甲</table>"), 442, typesetter).size(), 2u)
      << "joined cells: not in parts";
}

TEST(SheetTable, ATableThatIsTooWideIsSetInPartsThatRepeatItsFirstColumns) {
  const Typesetter typesetter;
  std::string table = "<table><tr><th>序号<th>标段名称";
  for (int i = 0; i < 10; ++i) table += "<th>统一社会信用代码";
  for (int row = 1; row <= 3; ++row) {
    table += "<tr><td>" + std::to_string(row) + "<td>澄州市东部新城标段";
    for (int i = 0; i < 10; ++i) table += "<td>91349900MA8N0T7P5" + std::to_string(i);
  }
  const auto strips = table_strips(table_of(table + "</table>"), 442, typesetter);
  // Parts of four rows each, and a line between two of them.
  ASSERT_GT(strips.size(), 9u);
  EXPECT_EQ((strips.size() + 1) % 5, 0u);
  for (std::size_t i = 5; i < strips.size(); i += 5) {
    EXPECT_TRUE(strips[i - 1].keep_with_next) << "（续表）";
    EXPECT_EQ(strips[i].head, nullptr);
    EXPECT_TRUE(strips[i].keep_with_next);
  }
}

TEST(SheetTable, SmallTablesAreBetterNotBrokenAndNoRowOfALargeOneIsAlone) {
  const Typesetter typesetter;
  const auto rows = [&](int count) {
    std::string table = "<table><tr><th>甲<th>乙";
    for (int i = 0; i < count; ++i) table += "<tr><td>1<td>2";
    return table_strips(table_of(table + "</table>"), 442, typesetter);
  };
  const auto small = rows(4), large = rows(60);
  for (std::size_t i = 0; i + 1 < small.size(); ++i) EXPECT_TRUE(small[i].whole);
  EXPECT_FALSE(small.back().whole);
  EXPECT_TRUE(large[0].keep_with_next && large[1].keep_with_next && large[large.size() - 2].keep_with_next);
  EXPECT_FALSE(large[2].keep_with_next || large[2].whole || large.back().keep_with_next);
}

}  // namespace
}  // namespace fabu::noticeboard
