#include "adapters/sdk/document.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <string>

#include "adapters/sdk/document_nesting.h"

namespace fabu::sdk {
namespace {

Node read(v1::BodyFormat format, const std::string& text) {
  v1::Body body;
  body.set_format(format);
  body.set_text(text);
  return document(body);
}
std::string html(const std::string& text) {
  return to_html(read(v1::BODY_FORMAT_HTML, text));
}
std::string markdown(const std::string& text) {
  return to_html(read(v1::BODY_FORMAT_MARKDOWN, text));
}
std::string plain(const std::string& text) {
  return to_html(read(v1::BODY_FORMAT_PLAIN, text));
}

std::size_t depth(const Node& node) {
  std::size_t deepest = 0;
  for (const Node& child : node.children) deepest = std::max(deepest, depth(child));
  return deepest + 1;
}
std::size_t count(const Node& node) {
  std::size_t nodes = 1;
  for (const Node& child : node.children) nodes += count(child);
  return nodes;
}
std::string repeat(const std::string& text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

TEST(Plain, SeparatesParagraphsAtBlankLinesAndKeepsLineEnds) {
  EXPECT_EQ(plain("一\n二\n\n\n　　三\r\n 四"), "<p>一<br>二</p>\n<p>三<br>四</p>\n");
}

TEST(Plain, ShowsMarkupAsText) {
  EXPECT_EQ(plain("<b>&\"'"), "<p>&lt;b&gt;&amp;&quot;&#39;</p>\n");
}

TEST(Markdown, ReadsBlocks) {
  EXPECT_EQ(
      markdown("# 标题\n\n正文**粗***斜*~~删~~`码`\n\n- 甲\n- 乙\n\n> 引\n\n---\n\n```\na<b\n```\n"),
      "<h2>标题</h2>\n<p>正文<strong>粗</strong><em>斜</em><s>删</s><code>码</code></p>\n<ul><li>甲</li>\n<li>乙</li>\n</ul>\n"
      "<blockquote><p>引</p>\n</blockquote>\n<hr>\n<pre><code>a&lt;b\n</code></pre>\n");
}

TEST(Markdown, ReadsTablesWithHeadAndAlignment) {
  EXPECT_EQ(markdown("| 项目 | 金额 |\n| --- | ---: |\n| 甲 | 38652417.63 |\n"),
            "<table>\n<thead>\n<tr><th scope=\"col\">项目</th><th scope=\"col\" align=\"right\">金额</th></tr>\n</thead>\n"
            "<tbody>\n<tr><td>甲</td><td align=\"right\">38652417.63</td></tr>\n</tbody>\n</table>\n");
}

TEST(Markdown, ShowsRawHtmlAsText) {
  EXPECT_EQ(markdown("<script>x</script>\n\na <img src=x onerror=y> b"),
            "<p>&lt;script&gt;x&lt;/script&gt;</p>\n<p>a &lt;img src=x onerror=y&gt; b</p>\n");
}

TEST(Markdown, KeepsTheNumberThatAListStartsWith) {
  EXPECT_EQ(markdown("3. 丙\n4. 丁\n"), "<ol start=\"3\"><li>丙</li>\n<li>丁</li>\n</ol>\n");
}

TEST(Markdown, TakesASingleTildeForARange) {
  EXPECT_EQ(markdown("工期300~360天，金额5~8万元"), "<p>工期300~360天，金额5~8万元</p>\n");
  EXPECT_EQ(markdown("`a~b` [x](http://a.cn/~u)"),
            "<p><code>a~b</code> <a href=\"http://a.cn/~u\" rel=\"noopener nofollow\">x</a></p>\n");
}

TEST(Markdown, LetsEmphasisBorderOnChinesePunctuation) {
  EXPECT_EQ(markdown("**注意：**请按时**“公示”**结束"), "<p><strong>注意：</strong>请按时<strong>“公示”</strong>结束</p>\n");
}

TEST(Markdown, DoesNotTakeAnIndentForCode) {
  EXPECT_EQ(markdown("甲\n\n    乙\n\n　　丙"), "<p>甲</p>\n<p>乙</p>\n<p>丙</p>\n");
}

TEST(Markdown, JoinsChineseLinesWithoutASpace) {
  EXPECT_EQ(markdown("公共\n资源 a\nb"), "<p>公共资源 a b</p>\n");
}

TEST(Markdown, KeepsOnlySafeLinks) {
  EXPECT_EQ(markdown("[a](javascript:x) [b](https://a.cn/?x=1&y=\"2\") [c](/relative) [d](mailto:a@b.cn) <http://c.cn>"),
            "<p>a <a href=\"https://a.cn/?x=1&amp;y=%222%22\" rel=\"noopener nofollow\">b</a> c <a href=\"mailto:a@b.cn\">d</a> "
            "<a href=\"http://c.cn\" rel=\"noopener nofollow\">http://c.cn</a></p>\n");
}

TEST(Markdown, KeepsImagesOfAttachmentsAlone) {
  EXPECT_EQ(markdown("![图*一*](attachment:%E5%9B%BE.png) ![外](http://a.cn/x.png)![上](attachment:../x)"),
            "<p><img src=\"attachments/%E5%9B%BE.png\" alt=\"图一\"> 外上</p>\n");
}

TEST(Markdown, DecodesEntities) {
  EXPECT_EQ(markdown("&lt;&#x4e2d;&#20013;&hellip;&unknown;&#0;"), "<p>&lt;中中…&amp;unknown;\uFFFD</p>\n");
}

TEST(Html, KeepsWhatIsAllowedAndUnwrapsTheRest) {
  EXPECT_EQ(
      html("<div class=x style='color:red'><p onclick=x>甲<font color=red>乙</font><b>丙</b></p>丁<custom-x>戊</custom-x></div>"),
      "<p>甲乙<strong>丙</strong></p>\n<p>丁戊</p>\n");
}

TEST(Html, DropsDangerousElementsWithTheirContent) {
  EXPECT_EQ(html("a<script>1</script><style>2</style><form><p>3</p></form><svg><a>4</a></svg><math><mi>5</mi></math><noscript>6</"
                 "noscript>"
                 "<template>7</template><textarea>8</textarea>b"),
            "<p>ab</p>\n");
}

TEST(Html, ReadsTablesWithCaptionAndSpans) {
  EXPECT_EQ(html("<table border=1><caption>表1</caption><tr><th>甲<th>乙<tr><td colspan=2 align=CENTER>丙<br>丁<td "
                 "rowspan=999>戊</table>"),
            "<p>表1</p>\n<table>\n<thead>\n<tr><th scope=\"col\">甲</th><th scope=\"col\">乙</th></tr>\n</thead>\n<tbody>\n"
            "<tr><td colspan=\"2\" align=\"center\">丙<br>丁</td><td rowspan=\"100\">戊</td></tr>\n</tbody>\n</table>\n");
}

TEST(Html, KeepsFormattingAroundBlocks) {
  EXPECT_EQ(html("<strong><p>甲</p><p>乙</p></strong>"), "<p><strong>甲</strong></p>\n<p><strong>乙</strong></p>\n");
}

TEST(Html, TakesTwoBreaksForANewParagraph) {
  EXPECT_EQ(html("甲<br>乙<br><br>　　丙<br>"), "<p>甲<br>乙</p>\n<p>丙</p>\n");
}

TEST(Html, RepairsListsAndCells) {
  EXPECT_EQ(html("<ul>甲<li>乙<ul><li>丙</ul></ul><td>丁"),
            "<ul><li>甲</li>\n<li>乙<ul><li>丙</li>\n</ul>\n</li>\n</ul>\n<p>丁</p>\n");
  EXPECT_EQ(html("<table><tr><td><p>甲</p><p>乙</p><td>丙<div>丁</div></table>"),
            "<table>\n<tbody>\n<tr><td><p>甲</p>\n<p>乙</p>\n</td><td>丙<br>丁</td></tr>\n</tbody>\n</table>\n");
}

TEST(Html, ShiftsHeadingsAndStopsAtTheSixth) {
  const Node node = read(v1::BODY_FORMAT_HTML, "<h1>甲</h1><h6>乙</h6>");
  EXPECT_EQ(to_html(node, 2), "<h3>甲</h3>\n<h6>乙</h6>\n");
}

TEST(Document, IsTextAloneInToText) {
  EXPECT_EQ(to_text(read(v1::BODY_FORMAT_MARKDOWN, "# 标题\n\n甲**乙**\n\n| 1 | 2 |\n| --- | --- |\n| 3 | 4 |\n")),
            "标题\n甲乙\n1\t2\n3\t4\n");
}

TEST(Document, ReplacesBytesThatAreNotUtf8AndDropsControls) {
  EXPECT_EQ(plain("a\xff"
                  "b\x01\x7f"
                  "c\xc0\xaf"
                  "\xed\xa0\x80"
                  "d\xef\xbf\xbe"),
            "<p>a\uFFFDbc\uFFFD\uFFFD\uFFFD\uFFFD\uFFFDd</p>\n");
  EXPECT_EQ(escape(std::string("a\0\x1f<\xff", 5)), "a&lt;\uFFFD");
}

TEST(Document, KeepsItsDepth) {
  for (const auto& [format, text] : {std::pair{v1::BODY_FORMAT_HTML, repeat("<blockquote>", 300) + "深"},
                                     std::pair{v1::BODY_FORMAT_HTML, repeat("<ul><li>", 200) + "深"},
                                     std::pair{v1::BODY_FORMAT_HTML, repeat("<table><tr><td>", 100) + "深"},
                                     std::pair{v1::BODY_FORMAT_HTML, repeat("<b><i>", 200) + "深"},
                                     std::pair{v1::BODY_FORMAT_HTML, repeat("<div>", 5000) + "深"},
                                     std::pair{v1::BODY_FORMAT_MARKDOWN, repeat("> ", 500) + "深"},
                                     std::pair{v1::BODY_FORMAT_MARKDOWN, repeat("- ", 500) + "深"}}) {
    const Node node = read(format, text);
    EXPECT_LE(depth(node), kMaxDepth) << text.substr(0, 20);
    EXPECT_NE(to_text(node).find("深"), std::string::npos) << text.substr(0, 20);
  }
}

TEST(Document, KeepsItsNumberOfNodesAndLosesNoText) {
  const Node node = read(v1::BODY_FORMAT_HTML, repeat("<p>x", 150'000) + "<p>尾<table><tr><td>末");
  EXPECT_LE(count(node), kMaxNodes);
  const std::string text = to_text(node);
  EXPECT_EQ(std::count(text.begin(), text.end(), 'x'), 150'000);
  EXPECT_NE(text.find("尾\n末"), std::string::npos);
}

TEST(Document, LeavesOutWhatIsBeyondTheBoundOfABody) {
  EXPECT_LE(to_text(read(v1::BODY_FORMAT_PLAIN, repeat("x", kMaxBodyBytes + 1000))).size(), kMaxBodyBytes + 1);
}

// Inputs that cost HTML5 parsers quadratic time or memory without an end. The bound is far above what a slow machine needs.
TEST(Document, ReadsAMebibyteOfHostileHtmlInBoundedTime) {
  const std::string unclosed_formatting = [] {
    std::string text;
    for (int i = 0; i < 400; ++i) text += "<b x" + std::to_string(i) + ">";
    return text + repeat("<p>", 300'000);
  }();
  for (const std::string& text :
       {repeat("<div>", 200'000), repeat("<b><div></b>", 87'000), repeat("<a>", 300'000), repeat("<table>", 140'000),
        unclosed_formatting, repeat("<div><!--</div>-->", 58'000), repeat("<svg><td>", 110'000),
        repeat("<div><i a=\"</div>\"></i>", 45'000), repeat("</p>", 250'000), repeat("<", 1'000'000),
        repeat("<a href='" + repeat("http://a.cn/", 100) + "'><p>", 800), repeat("<svg><source>", 80'000),
        repeat("<select><option>", 60'000), repeat("<font><p></font>", 60'000)}) {
    const auto begin = std::chrono::steady_clock::now();
    const Node node = read(v1::BODY_FORMAT_HTML, text);
    EXPECT_LE(depth(node), kMaxDepth);
    EXPECT_LE(count(node), kMaxNodes);
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20)) << text.substr(0, 30);
  }
}

TEST(Document, ReadsAMebibyteOfHostileMarkdownInBoundedTime) {
  for (const std::string& text :
       {repeat("*a_", 300'000), repeat("[a](", 250'000), repeat("![", 500'000), repeat("> ", 500'000),
        repeat("|", 500'000) + "\n" + repeat("|-", 250'000), repeat("`", 1'000'000), repeat("&a;", 300'000)}) {
    const auto begin = std::chrono::steady_clock::now();
    const Node node = read(v1::BODY_FORMAT_MARKDOWN, text);
    EXPECT_LE(depth(node), kMaxDepth);
    EXPECT_LE(count(node), kMaxNodes);
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20)) << text.substr(0, 30);
  }
}

TEST(Nesting, CountsOrdinaryMarkupAsItIs) {
  EXPECT_FALSE(nests_deeper_than(repeat("<p>甲<br><img src=x>", 1000), 5));
  EXPECT_FALSE(nests_deeper_than(repeat("<div><p>甲</div>", 1000), 5));
  EXPECT_FALSE(nests_deeper_than("<table>" + repeat("<tr><td>甲<td>乙", 1000) + "</table>", 5));
  EXPECT_FALSE(nests_deeper_than(repeat("<ul><li>甲<li>乙</ul>", 1000), 5));
  EXPECT_TRUE(nests_deeper_than(repeat("<div>", 6), 5));
  EXPECT_TRUE(nests_deeper_than(repeat("<b><div></b>", 10), 5));
}

}  // namespace
}  // namespace fabu::sdk
