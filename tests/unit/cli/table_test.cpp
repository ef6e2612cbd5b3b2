#include "broker/cli/table.h"

#include <gtest/gtest.h>

#include <sstream>

namespace fabu::cli {
namespace {

TEST(DisplayWidth, CountsEastAsianCharactersTwiceAndCombiningMarksNot) {
  EXPECT_EQ(display_width("abc"), 3u);
  EXPECT_EQ(display_width("采购公告"), 8u);
  EXPECT_EQ(display_width("〔2026〕1号"), 11u);
  EXPECT_EQ(display_width("e\xCC\x81"), 1u);
  EXPECT_EQ(display_width("\xff\xfe"), 2u);
}

TEST(CutToWidth, NeverSplitsACharacterAndMarksWhatIsLeftOut) {
  EXPECT_EQ(cut_to_width("采购公告", 8), "采购公告");
  EXPECT_EQ(cut_to_width("采购公告", 7), "采购公…");
  EXPECT_EQ(cut_to_width("采购公告", 6), "采购…");
}

TEST(Table, AlignsColumnsOfMixedWidth) {
  Table table({"A", "B"});
  table.row({"采购", "1"});
  table.row({"x", "22"});
  std::ostringstream out;
  table.print(out);
  EXPECT_EQ(out.str(), "A     B\n采购  1\nx     22\n");
}

TEST(Table, DoesNotLetCellsSteerTheTerminal) {
  Table table({"A"});
  table.row({"a\x1b[2Jb\nc"});
  std::ostringstream out;
  table.print(out);
  EXPECT_EQ(out.str(), "A\na [2Jb c\n");
}

TEST(ShowEnum, KeepsTheLastWords) {
  EXPECT_EQ(show_enum("DELIVERY_STATE_DEAD", "DELIVERY_STATE_"), "dead");
  EXPECT_EQ(show_enum("CIRCUIT_HALF_OPEN", "CIRCUIT_"), "half-open");
}

TEST(ShowTime, IsOfShanghai) {
  EXPECT_EQ(show_time(0), "-");
  EXPECT_EQ(show_time(1787187601000), "2026-08-20 09:00:01");
}

}  // namespace
}  // namespace fabu::cli
