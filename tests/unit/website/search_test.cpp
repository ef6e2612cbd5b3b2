#include "adapters/website/search.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "unit/website/site_fixture.h"

namespace fabu::website {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class WebsiteSearch : public Site {
 protected:
  void SetUp() override {
    start();
    std::vector<v1::Work> works;
    for (std::uint64_t n = 1; n <= 25; ++n) works.push_back(work_of(n, 1, sample_item(n)));
    std::vector<v1::Work> listings;
    for (std::uint64_t n = 26; n <= 30; ++n) {
      v1::Item item = sample_item(n);
      item.set_title("土地使用权挂牌出让公告 Land Use Right " + std::to_string(n));
      item.set_catalogue_entry("TD-LISTING");
      item.set_department("TD02");
      item.set_doc_no("澄自然资告〔2026〕" + std::to_string(n) + "号");
      auto work = work_of(n, 1, item);
      work.mutable_catalogue()->set_name("挂牌出让公告");
      work.mutable_catalogue()->set_department_name("土地和产权交易监管科");
      listings.push_back(work);
    }
    for (const auto& outcome : deliver(works)) ASSERT_TRUE(outcome);
    for (const auto& listing : listings) ASSERT_TRUE(deliver(listing));  // one after the other: the tests ask for their order
    search = std::make_unique<SiteSearch>(options);
  }
  std::unique_ptr<SiteSearch> search;
};

TEST_F(WebsiteSearch, FindsTitlesBodiesAndNumbersNewestFirst) {
  EXPECT_EQ(search->search({.q = "公示"}).total, 30U);  // in every body
  const auto page = search->search({.q = "出让"});
  ASSERT_EQ(page.hits.size(), 5U);
  EXPECT_EQ(page.hits.front().item.item_id, 30U);
  EXPECT_EQ(search->search({.q = "青禾"}).total, 30U);
  EXPECT_EQ(search->search({.q = "CZ2026GC10007"}).total, 1U);
  EXPECT_EQ(search->search({.q = "CZ2026GC"}).total, 30U);
  EXPECT_EQ(search->search({.q = "澄自然资告〔2026〕27号"}).total, 1U);
  EXPECT_EQ(search->search({.q = "11349900MB1K27N4XP/202608-10028"}).total, 1U);
  EXPECT_EQ(search->search({.q = "land use"}).total, 5U);
  EXPECT_EQ(search->search({.q = "让"}).total, 5U);
  EXPECT_EQ(search->search({.q = "不存在的词"}).total, 0U);
  EXPECT_EQ(search->search({.q = ""}).total, 0U);
}

TEST_F(WebsiteSearch, NarrowsByEntryDepartmentAndYearAndCountsThem) {
  const auto all = search->search({.q = "公示"});
  ASSERT_EQ(all.facets.size(), 3U);
  EXPECT_EQ(all.facets[0].values[0].code, "GC-CANDIDATE_PUBLICITY");
  EXPECT_EQ(all.facets[0].values[0].count, 25U);
  EXPECT_EQ(all.facets[0].values[1].name, "挂牌出让公告");
  EXPECT_EQ(search->search({.q = "公示", .entry = "TD-LISTING"}).total, 5U);
  EXPECT_EQ(search->search({.q = "公示", .entry = "TD"}).total, 0U);
  EXPECT_EQ(search->search({.q = "公示", .department = "GC01"}).total, 25U);
  EXPECT_EQ(search->search({.q = "公示", .year = "2026"}).total, 30U);
  EXPECT_EQ(search->search({.q = "公示", .year = "2025"}).total, 0U);
  EXPECT_EQ(search->search({.entry = "TD-LISTING"}).total, 5U);
}

TEST_F(WebsiteSearch, PagesThroughAndStaysInBounds) {
  EXPECT_EQ(search->search({.q = "公示", .page = 3}).hits.size(), 10U);
  EXPECT_EQ(search->search({.q = "公示", .page = 4}).hits.size(), 0U);
  EXPECT_EQ(search->search({.q = "公示", .page = ~0ULL}).hits.size(), 0U);
  EXPECT_EQ(search->search({.q = std::string(100'000, 'x')}).total, 0U);
}

TEST_F(WebsiteSearch, ShowsWhereItFoundThem) {
  const std::string html = search->render_page({.q = "出让"});
  EXPECT_THAT(html, AllOf(HasSubstr("挂牌<mark>出让</mark>公告"), HasSubstr("找到 5 项"), HasSubstr("lang=\"zh-CN\"")));
  const auto json = nlohmann::json::parse(search->render_json({.q = "出让"}));
  EXPECT_EQ(json["total"], 5);
  EXPECT_EQ(json["hits"][0]["url"], "https://ggj.chengzhou.example/items/30/");
  EXPECT_THAT(search->render_page({}), HasSubstr("检索"));
}

TEST_F(WebsiteSearch, FiltersCanBeTakenAwayAlsoWhereTheyLeaveNothing) {
  const std::string none = search->render_page({.q = "出让", .entry = "GC-CANDIDATE_PUBLICITY", .year = "2026"});
  EXPECT_THAT(none, AllOf(HasSubstr("没有找到“出让”"), HasSubstr("信息分类：中标候选人公示"), HasSubstr("发布年份：2026"),
                          HasSubstr("<a href=\"/search?q=%E5%87%BA%E8%AE%A9&amp;year=2026\">"),
                          HasSubstr("<a href=\"/search?q=%E5%87%BA%E8%AE%A9&amp;entry=GC-CANDIDATE_PUBLICITY\">")));
  const std::string some = search->render_page({.q = "公示", .department = "TD02"});
  EXPECT_THAT(some, HasSubstr("发布部门：土地和产权交易监管科"));
  EXPECT_THAT(search->render_page({.q = "公示"}), Not(HasSubstr("已选条件")));
  // Where there is one value only there is nothing to choose.
  EXPECT_THAT(search->render_page({.q = "公示"}), AllOf(HasSubstr("<h2>信息分类</h2>"), Not(HasSubstr("<h2>发布年份</h2>"))));
}

TEST_F(WebsiteSearch, SeesWhatIsPublishedMeanwhile) {
  v1::Item item = sample_item(99);
  item.set_title("新近发布的消息");
  ASSERT_TRUE(deliver(work_of(99, 1, item)));
  EXPECT_EQ(search->search({.q = "新近"}).total, 1U);
}

}  // namespace
}  // namespace fabu::website
