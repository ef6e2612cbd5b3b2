#include "adapters/website/article_body.h"

#include <gmock/gmock.h>

namespace fabu::website {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

std::string html(const std::string& text, v1::BodyFormat format = v1::BODY_FORMAT_MARKDOWN) {
  v1::Body body;
  body.set_format(format);
  body.set_text(text);
  return article_html(sdk::document(body));
}

TEST(ArticleBody, HeadingsBeginBelowThePagesTitleAndSkipNoLevel) {
  EXPECT_EQ(html("### 甲\n\n正文\n\n##### 乙\n\n# 丙\n"), "<h2>甲</h2>\n<p>正文</p>\n<h3>乙</h3>\n<h2>丙</h2>\n");
}

TEST(ArticleBody, ParagraphsNumberedAsHeadingsAreHeadings) {
  EXPECT_EQ(html("**一、总体情况**\n\n（一）收入情况\n\n十二、其他"),
            "<h2>一、总体情况</h2>\n<h3>（一）收入情况</h3>\n<h2>十二、其他</h2>\n");
  // Sentences are not.
  EXPECT_THAT(html("一、投标人应当具备资质。\n\n二、联系电话：0560-1\n\n（三）报送材料；\n\n一般说明"), Not(HasSubstr("<h")));
}

TEST(ArticleBody, EachLineOfPlainTextIsAParagraph) {
  EXPECT_EQ(html("各有关单位：\n现将安排通知如下：\n一、时间\n上午九时", v1::BODY_FORMAT_PLAIN),
            "<p class=\"to\">各有关单位：</p>\n<p>现将安排通知如下：</p>\n<h2>一、时间</h2>\n<p>上午九时</p>\n");
}

TEST(ArticleBody, TheSignatureStandsApart) {
  const std::string end = "<div class=\"signed\"><div>\n<p>澄州市某局</p>\n<p>2026年8月20日</p>\n</div></div>\n";
  EXPECT_THAT(html("正文。\n\n澄州市某局\n\n2026年8月20日"), ::testing::EndsWith(end));
  EXPECT_THAT(html("正文。\n\n澄州市某局\n2026年8月20日", v1::BODY_FORMAT_PLAIN), ::testing::EndsWith(end));
  EXPECT_THAT(html("正文。\n\n澄州市某局\n\n二〇二六年八月二十日"), HasSubstr("class=\"signed\""));
  EXPECT_THAT(html("正文。\n\n公示期：\n\n2026年8月20日"), Not(HasSubstr("signed")));
  EXPECT_THAT(html("正文。\n\n澄州市某局\n\n2026年8月20日起施行"), Not(HasSubstr("signed")));
}

TEST(ArticleBody, TablesScrollInTheirOwnBoxAndAreToldApart) {
  const std::string table = "| 序号 | 名称 |\n|---|---|\n| 1 | 甲 |\n";
  EXPECT_THAT(html(table),
              HasSubstr("<div class=\"scroll\" role=\"region\" aria-label=\"表格，可横向滚动\" tabindex=\"0\"><table>\n"
                        "<thead>\n<tr><th scope=\"col\" class=\"short\">序号</th>"));
  EXPECT_THAT(html(table + "\n正文\n\n" + table), AllOf(HasSubstr("表格 1，"), HasSubstr("表格 2，")));
}

TEST(ArticleBody, ColumnsOfFiguresStandFlushRightUnlessTheAuthorSaysOtherwise) {
  const std::string shown = html(
      "| 序号 | 报价（元） | 说明 | 下浮率 |\n|---|---|---|:---|\n| 1 | 38,652,417.63 | 12.5 | 1.5% |\n| 2 | — | 见附件 | 2.5% "
      "|\n");
  EXPECT_THAT(shown,
              AllOf(HasSubstr("<td class=\"short figure\">38,652,417.63</td>"), HasSubstr("<td class=\"short figure\">—</td>"),
                    HasSubstr("<th scope=\"col\" class=\"figure\">报价<wbr>（元）</th>"), HasSubstr("<td class=\"short\">1</td>"),
                    HasSubstr("<td class=\"short\">12.5</td>"), HasSubstr("<td class=\"short\">1.5%</td>")));
}

TEST(ArticleBody, CellsThatSpanKeepTheColumnsRight) {
  const std::string shown = html(
      "<table><tr><th rowspan=2>标段</th><th colspan=2>报价</th></tr><tr><th>一</th><th>二</th></tr>"
      "<tr><td>甲</td><td>1234.5</td><td>无</td></tr></table>",
      v1::BODY_FORMAT_HTML);
  EXPECT_THAT(shown, AllOf(HasSubstr("<th scope=\"col\" rowspan=\"2\" class=\"short\">标段</th>"),
                           HasSubstr("<th scope=\"col\" colspan=\"2\""),
                           HasSubstr("<td class=\"short figure\">1234.5</td><td class=\"short\">无</td>")));
}

TEST(ArticleBody, LongCellsGetRoomAndCodesStayWhole) {
  std::string words;
  for (int i = 0; i < 30; ++i) words += "字";
  EXPECT_THAT(
      html("| 甲 | 乙 | 丙 |\n|---|---|---|\n| " + words + " | 皖1342099900101234 | 澄州青禾建设有限公司 |\n"),
      AllOf(HasSubstr("<td class=\"long\">字"), HasSubstr("<td class=\"short\">皖1342099900101234"), HasSubstr("<td>澄州青禾")));
}

TEST(ArticleBody, StaysSafe) {
  const std::string shown = html("| <script>alert(1)</script> |\n|---|\n| <img src=x onerror=1> |\n\n    <b>\n\n一、<i>x</i>\n");
  EXPECT_THAT(shown, AllOf(Not(HasSubstr("<script")), Not(HasSubstr("<img")), Not(HasSubstr("<i>"))));
  for (const std::string& odd :
       {std::string(), std::string("\n\n"), std::string("一、"), std::string("（"), std::string("| |\n|-|\n")}) {
    for (const auto format : {v1::BODY_FORMAT_MARKDOWN, v1::BODY_FORMAT_HTML, v1::BODY_FORMAT_PLAIN}) html(odd, format);
  }
}

TEST(TitlePieces, AreWordsAndLoseNothing) {
  const std::string title = "澄州市东部新城云桥路（清泉路至文昌路）道路排水工程（第三次）";
  std::string together;
  for (const std::string& piece : title_pieces(title)) together += piece;
  EXPECT_EQ(together, title);
  EXPECT_THAT(title_pieces(title),
              AllOf(::testing::Contains("云桥路"), ::testing::Contains("（第三次）"), Not(::testing::Contains("路"))));
  EXPECT_THAT(title_pieces(""), ElementsAre());
  EXPECT_THAT(number_pieces("11349900MB1K27N4XP/202608-00011"), ElementsAre("11349900MB1K27N4XP/", "202608-00011"));
}

}  // namespace
}  // namespace fabu::website
