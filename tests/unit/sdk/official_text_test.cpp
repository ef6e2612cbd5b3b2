#include "adapters/sdk/official_text.h"

#include <gmock/gmock.h>

#include "adapters/sdk/word_breaks.h"

namespace fabu::sdk {
namespace {

TEST(OfficialText, KnowsNumberedLevelsByWhatTheyBeginWith) {
  EXPECT_EQ(numbered_level("一、项目概况"), 1);
  EXPECT_EQ(numbered_level("二十一、附则"), 1);
  EXPECT_EQ(numbered_level("（三）监督"), 2);
  for (const auto* none : {"", "一", "一些情况", "（附件）", "（）", "1、第一", "（三", "三）"})
    EXPECT_EQ(numbered_level(none), 0) << none;
}

TEST(OfficialText, KnowsDatesInBothNumerals) {
  for (const auto* date : {"2026年8月20日", "2026年 8月20日", "二〇二六年八月二十日", "二零二六年十二月三十一日"})
    EXPECT_TRUE(is_date(date)) << date;
  for (const auto* none : {"", "2026年8月", "8月20日", "2026年8月20日止", "自2026年8月20日", "月2026年20日", "年月日"})
    EXPECT_FALSE(is_date(none)) << none;
}

TEST(OfficialText, KnowsWhoANoticeIsAddressedTo) {
  EXPECT_TRUE(is_salutation("各有关单位："));
  EXPECT_TRUE(is_salutation("市直各部门，各县（区）人民政府："));
  EXPECT_FALSE(is_salutation("联系方式："));
  EXPECT_FALSE(is_salutation("现通知如下。各单位："));
}

TEST(OfficialText, MakesEachTypedLineAParagraphAndLosesNothing) {
  v1::Body body;
  body.set_format(v1::BODY_FORMAT_HTML);
  body.set_text("<p>甲<br><br> <br><strong>乙</strong><br>丙</p><ul><li>丁</li></ul>");
  const Node apart = lines_apart(document(body));
  ASSERT_EQ(apart.children.size(), 4U);
  EXPECT_EQ(apart.children[1].children.at(0).tag, Tag::strong);
  EXPECT_EQ(apart.children[3].tag, Tag::unordered_list);
}

TEST(WordBreaks, LieBetweenWordsAndEndWithTheText) {
  const std::string_view text = "采购项目更正公告";
  const auto breaks = word_breaks(text);
  EXPECT_EQ(breaks.back(), text.size());
  EXPECT_EQ(breaks.front(), std::string_view("采购").size());
  EXPECT_TRUE(word_breaks("").empty());
  EXPECT_TRUE(is_lone_ideograph("桥"));
  EXPECT_FALSE(is_lone_ideograph("桥路"));
  EXPECT_FALSE(is_lone_ideograph("。"));
}

}  // namespace
}  // namespace fabu::sdk
