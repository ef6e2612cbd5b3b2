#include "adapters/website/search_terms.h"

#include <gtest/gtest.h>

#include <random>

#include "adapters/website/sqlite.h"
#include "adapters/website/tokenizer.h"

namespace fabu::website {
namespace {

std::string marked(const std::vector<Piece>& pieces) {
  std::string out;
  for (const Piece& piece : pieces) out += piece.marked ? "[" + piece.text + "]" : piece.text;
  return out;
}

class Words : public ::testing::Test {
 protected:
  Words() : db_(":memory:", Connection::Mode::read_write) {
    register_tokenizer(db_.raw());
    db_.script("CREATE VIRTUAL TABLE words USING fts5(title, body, facts, characters, filters, columnsize=0, tokenize='fabu')");
  }
  void add(int id, const std::string& body, const std::string& filters = "") {
    db_("INSERT INTO words(rowid,body,characters,filters) VALUES(?,?,?,?)")
        .integer(id)
        .text(body)
        .text(distinct_ideographs(body))
        .text(filters)
        .run();
  }
  std::vector<int> find(const std::string& q, const std::vector<std::string>& filters = {}) {
    const SearchTerms terms = search_terms(q, filters);
    std::vector<int> found;
    if (terms.expression.empty()) return found;
    auto s = db_("SELECT rowid FROM words WHERE words MATCH ? ORDER BY rowid");
    s.text(terms.expression);
    while (s.row()) found.push_back(static_cast<int>(s.integer_at(0)));
    return found;
  }
  Connection db_;
};

using Found = std::vector<int>;

TEST_F(Words, FindsEveryPairOfCharactersThatStandSideBySide) {
  add(1, "澄州市云桥路道路排水工程施工中标候选人公示");
  add(2, "土地挂牌出让公告");
  const std::string text = "澄州市云桥路道路排水工程施工中标候选人公示";
  for (std::size_t at = 0; at + 6 <= text.size(); at += 3) EXPECT_EQ(find(text.substr(at, 6)), Found{1}) << text.substr(at, 6);
  EXPECT_EQ(find("公告"), Found{2});
  EXPECT_EQ(find("告示"), Found{});
  EXPECT_EQ(find(text), Found{1});
}

TEST_F(Words, FindsASingleCharacterWhereverItStands) {
  add(1, "中标");
  add(2, "排水工程");
  EXPECT_EQ(find("标"), Found{1});
  EXPECT_EQ(find("中"), Found{1});
  EXPECT_EQ(find("程"), Found{2});
}

TEST_F(Words, FindsNumbersByTheirBeginningAndMixedWordsAcrossTheirParts) {
  add(1, "项目编号CZ2026GC0146-01，文号澄公管规〔2026〕1号，第3标段，金额1,234,567.89元");
  add(2, "项目编号CZ2025ZC0001");
  EXPECT_EQ(find("CZ2026GC"), Found{1});
  EXPECT_EQ(find("cz2026gc0146"), Found{1});
  EXPECT_EQ(find("ＣＺ２０２６ＧＣ０１４６－０１"), Found{1});
  EXPECT_EQ(find("cz20"), (Found{1, 2}));
  EXPECT_EQ(find("澄公管规〔2026〕1号"), Found{1});
  EXPECT_EQ(find("澄公管规[2026]1号"), Found{1});
  EXPECT_EQ(find("第3标段"), Found{1});
  EXPECT_EQ(find("1234567.89"), Found{1});
  EXPECT_EQ(find("1,234,567"), Found{1});
  EXPECT_EQ(find("金额 编号"), Found{1});
  EXPECT_EQ(find("金额 不存在"), Found{});
}

TEST_F(Words, FiltersByWholeCodesOnly) {
  add(1, "公告", "ze47437a");
  EXPECT_EQ(find("公告", {"ze47437a"}), Found{1});
  EXPECT_EQ(find("公告", {"ze47"}), Found{1});  // a beginning: which is why filter tokens end in z
  EXPECT_EQ(find("公告", {"ze47z"}), Found{});
}

TEST_F(Words, NoQueryIsASyntaxError) {
  add(1, "公告");
  const std::string pieces[] = {"\"",   "*",   "(",     ")",      "AND",
                                "OR",   "NOT", "NEAR(", "^",      ":",
                                "-",    "{",   "}",     "+",      "公告",
                                "公",   "a",   "'",     ";",      "--",
                                "\\",   "%",   "\xff",  "\xe5",   std::string(1, '\0'),
                                "\n",   " ",   "　",    "title:", "filters : x",
                                "🙂", "ﬀ"};
  std::mt19937 random(20260820);
  for (int i = 0; i < 5000; ++i) {
    std::string q;
    for (int n = std::uniform_int_distribution<int>(0, 9)(random); n > 0; --n) {
      q += pieces[std::uniform_int_distribution<std::size_t>(0, std::size(pieces) - 1)(random)];
    }
    EXPECT_NO_THROW(find(q)) << q;
  }
}

TEST(Query, IsBoundedAndCleaned) {
  EXPECT_EQ(clean_query("  中标\t\n候选 "), "中标 候选");
  EXPECT_EQ(clean_query(std::string(500, 'a')).size(), kLongestQuery);
  EXPECT_EQ(clean_query("\xff\xfe"), "");
  EXPECT_EQ(search_terms("。，！", {}).expression, "");
}

TEST(Marks, ShowWhereTheTermsAre) {
  const auto terms = search_terms("中标 cz2026", {}).terms;
  EXPECT_EQ(marked(mark_terms("中标候选人（CZ2026GC01）与ＣＺ2026", terms)), "[中标]候选人（[CZ2026]GC01）与[ＣＺ2026]");
  EXPECT_EQ(marked(mark_terms("无关", terms)), "无关");
}

TEST(Marks, TakeNumbersWithTheirPunctuationAsOne) {
  const auto terms = search_terms("41986532.18", {}).terms;
  EXPECT_EQ(marked(mark_terms("8月18日，控制价41986532.18元", terms)), "8月18日，控制价[41986532.18]元");
  EXPECT_EQ(marked(mark_terms("澄公管规〔2026〕1号，共1件", search_terms("澄公管规〔2026〕1号", {}).terms)),
            "[澄公管规〔2026〕1号]，共1件");
  EXPECT_EQ(marked(mark_terms("共7件", search_terms("7号", {}).terms)), "共[7]件") << "better than nothing";
}

TEST(Marks, ASnippetShowsAllOfANumberAndBeginsWithAWholeWord) {
  const std::string text =
      "于2026年8月18日在交易中心开标。项目编号CZ2026GC0146，资金来源：市级财政资金；招标控制价：41986532.18元；评标办法";
  const std::string shown = marked(snippet(text, search_terms("41986532.18", {}).terms, 40));
  EXPECT_TRUE(shown.starts_with("…招标控制价：[41986532.18]元") ||
              shown.starts_with("…市级财政资金；招标控制价：[41986532.18]元"))
      << shown;
}

TEST(Marks, ASnippetStandsAroundTheFirstPlace) {
  std::string text;
  for (int i = 0; i < 200; ++i) text += "前";
  text += "中标";
  for (int i = 0; i < 200; ++i) text += "后";
  const std::string shown = marked(snippet(text, search_terms("中标", {}).terms, 40));
  EXPECT_NE(shown.find("[中标]"), std::string::npos);
  EXPECT_TRUE(shown.starts_with("…前"));
  EXPECT_TRUE(shown.ends_with("后…"));
  EXPECT_LT(shown.size(), 160U);
}

}  // namespace
}  // namespace fabu::website
