#include "adapters/noticeboard/sheet_title.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

namespace fabu::noticeboard {
namespace {

// Every Chinese character is 1 wide, others half.
double width(std::string_view text) {
  double sum = 0;
  for (const char c : text) sum += (c & 0xc0) == 0x80 ? 0 : static_cast<signed char>(c) >= 0 ? 0.5 : 1;
  return sum;
}

TEST(SheetTitle, StaysOnOneLineWhenItFits) {
  EXPECT_THAT(title_lines("关于做好政务公开工作的通知", 16, width), testing::ElementsAre("关于做好政务公开工作的通知"));
}

TEST(SheetTitle, BreaksBetweenWordsIntoEvenLines) {
  const auto lines = title_lines("澄州市公共资源交易管理局2025年度“三公”经费财政拨款支出决算公开", 17, width);
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_NEAR(width(lines[0]), width(lines[1]), 3);
  EXPECT_EQ(lines[1].find("“三公”") == std::string::npos, lines[0].find("“三公”") != std::string::npos)
      << "a quotation stays whole";
}

TEST(SheetTitle, KeepsBracketsAndNamesWhole) {
  const std::string title =
      "澄州市人民政府关于澄州市东部新城云桥路（清泉路至文昌路）、文昌路（云桥路至滨河大道）及滨河大道（文昌路至高铁站）道路、排水"
      "、"
      "照明、交通安全设施及绿化工程EPC总承包（第三次）招标投标情况及中标候选人公示的补充说明";
  const auto lines = title_lines(title, 23, width);
  EXPECT_EQ(std::accumulate(lines.begin(), lines.end(), std::string()), title);
  ASSERT_LE(lines.size(), 6u);
  for (const std::string& line : lines) {
    EXPECT_EQ(line.find("（") == std::string::npos, line.find("）") == std::string::npos) << line;
    EXPECT_FALSE(line.starts_with("桥路") || line.starts_with("路")) << line;
  }
}

TEST(SheetTitle, LosesNothing) {
  const std::string title = "澄州市东部新城云桥路（清泉路至文昌路）道路排水工程施工中标候选人公示";
  const auto lines = title_lines(title, 12, width);
  EXPECT_EQ(std::accumulate(lines.begin(), lines.end(), std::string()), title);
  for (const std::string& line : lines) EXPECT_LE(width(line), 12);
}

TEST(SheetTitle, GivesUpOnWhatCannotBeBroken) {
  const std::string title(300, 'x');
  EXPECT_THAT(title_lines(title, 20, width), testing::ElementsAre(title));
  EXPECT_THAT(title_lines("", 20, width), testing::ElementsAre(""));
}

TEST(SheetTitle, IsQuickForTheLongestTitle) {
  std::string title;
  for (int i = 0; i < 50; ++i) title += "公共资源";
  EXPECT_FALSE(title_lines(title, 20, width).empty());
}

}  // namespace
}  // namespace fabu::noticeboard
