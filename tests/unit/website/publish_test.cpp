#include <gmock/gmock.h>

#include <future>

#include <nlohmann/json.hpp>

#include "unit/website/site_fixture.h"

namespace fabu::website {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class Website : public Site {};

TEST_F(Website, PublishesAPageThatItsListsAndFeedsLeadTo) {
  start();
  v1::Item item = sample_item(7);
  *item.add_attachments() = attachments.add("评标报告 (公开版).pdf", "%PDF-1.7");
  const auto receipt = deliver(work_of(7, 1, item));
  ASSERT_TRUE(receipt) << receipt.error().message();
  EXPECT_EQ(receipt->locator(), "https://ggj.chengzhou.example/items/7/");
  EXPECT_EQ(receipt->content_digest(), sha256(page("items/7/index.html")).raw());
  EXPECT_EQ(receipt->delivery_id(), "7-1-website");
  EXPECT_EQ(receipt->channel(), "website");
  const std::string html = page("items/7/index.html");
  EXPECT_THAT(html, AllOf(HasSubstr("<meta name=\"PubDate\" content=\"2026-08-20 09:00\">"),
                          HasSubstr("<meta name=\"SiteIDCode\" content=\"3499000012\">"),
                          HasSubstr("<meta name=\"ColumnName\" content=\"中标候选人公示\">"),
                          HasSubstr("11349900MB1K27N4XP/202608-10007"), HasSubstr("application/ld+json"), HasSubstr("SHA-256"),
                          HasSubstr("<html lang=\"zh-CN\">")));
  EXPECT_EQ(page("items/7/attachments/评标报告 (公开版).pdf"), "%PDF-1.7");
  for (const char* list : {"index.html", "feed.atom", "feed.json", "sitemap-1.xml",
                           "lists/entry/GC-CANDIDATE_PUBLICITY/index.html", "lists/entry/GC-CANDIDATE_PUBLICITY/1/index.html",
                           "lists/department/GC01/index.html", "lists/month/2026-08/index.html"}) {
    EXPECT_THAT(page(list), HasSubstr("/items/7/")) << list;
  }
  EXPECT_THAT(dead_links(options.folder), IsEmpty());
}

TEST_F(Website, NeverShowsWhoIsResponsible) {
  start();
  ASSERT_TRUE(deliver(work_of(1, 1, sample_item(1))));
  for (const auto& [path, bytes] : everything()) EXPECT_THAT(bytes, Not(HasSubstr("经办人甲乙丙"))) << path;
}

TEST_F(Website, PublishingTheSameDeliveryAgainChangesNothing) {
  start();
  const auto work = work_of(1, 1, sample_item(1));
  const auto first = deliver(work);
  const auto before = everything();
  const auto written = channel->files_written();
  clock.pass(86'400);
  const auto second = deliver(work);
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->SerializeAsString(), second->SerializeAsString());
  EXPECT_EQ(everything(), before);
  EXPECT_EQ(channel->files_written(), written);
}

TEST_F(Website, APageThatWasDamagedIsFoundOutAndWrittenAgain) {
  start();
  const auto work = work_of(1, 1, sample_item(1));
  const auto receipt = deliver(work);
  ASSERT_TRUE(receipt);
  EXPECT_EQ(await(channel->observe(*receipt))->state(), v1::OBSERVATION_STATE_PRESENT);
  EXPECT_TRUE(await(channel->find(work, ""))->has_value());
  std::ofstream(options.folder / "items/1/index.html") << "tampered";
  EXPECT_EQ(await(channel->observe(*receipt))->state(), v1::OBSERVATION_STATE_CHANGED);
  EXPECT_FALSE(await(channel->find(work, ""))->has_value());
  fs::remove(options.folder / "items/1/index.html");
  EXPECT_EQ(await(channel->observe(*receipt))->state(), v1::OBSERVATION_STATE_GONE);
  clock.pass(60);
  const auto again = deliver(work);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->content_digest(), receipt->content_digest());
  EXPECT_EQ(await(channel->observe(*receipt))->state(), v1::OBSERVATION_STATE_PRESENT);
}

TEST_F(Website, AFolderThatLostItsPagesGetsItsListsBackAtTheNextStart) {
  start();
  const auto work = work_of(1, 1, sample_item(1));
  ASSERT_TRUE(deliver(work));
  const auto before = everything();
  stop();
  fs::remove_all(options.folder);
  start();
  EXPECT_THAT(page("lists/entry/GC-CANDIDATE_PUBLICITY/index.html"), HasSubstr("/items/1/"));
  ASSERT_TRUE(deliver(work));  // the operator replays the deliveries
  EXPECT_EQ(everything(), before);
}

TEST_F(Website, ObservesOverHttpWhenItCan) {
  options.fetch = [](std::string url) -> asio::awaitable<sdk::Outcome<Fetched>> {
    if (url.ends_with("/items/9/")) co_return sdk::failure(v1::FAILURE_CLASS_UNAVAILABLE, "http.connect", "refused");
    co_return Fetched{200, "other bytes"};
  };
  start();
  auto receipt = deliver(work_of(1, 1, sample_item(1)));
  ASSERT_TRUE(receipt);
  EXPECT_EQ(await(channel->observe(*receipt))->state(), v1::OBSERVATION_STATE_CHANGED);
  receipt->set_locator("https://ggj.chengzhou.example/items/9/");
  EXPECT_FALSE(await(channel->observe(*receipt)));
}

TEST_F(Website, ACorrectionReplacesWithANoteAndKeepsTheOldEditionReachable) {
  start();
  v1::Item item = sample_item(3);
  *item.add_attachments() = attachments.add("公告.pdf", "old bytes");
  *item.add_attachments() = attachments.add("附表.xlsx", "table");
  ASSERT_TRUE(deliver(work_of(3, 1, item)));
  clock.pass(3'600);
  v1::Item corrected = item;
  corrected.set_title("云桥路道路排水工程施工中标候选人公示（更正）");
  corrected.clear_attachments();
  *corrected.add_attachments() = attachments.add("公告.pdf", "new bytes");
  const auto receipt = deliver(work_of(3, 2, corrected));
  ASSERT_TRUE(receipt) << receipt.error().message();
  const std::string now = page("items/3/index.html"), old = page("items/3/editions/1/index.html");
  EXPECT_THAT(now, AllOf(HasSubstr("更正说明"), HasSubstr("报价有误，现予更正"), HasSubstr("/items/3/editions/1/"),
                         HasSubstr("<meta name=\"PubDate\" content=\"2026-08-20 09:00\">"), HasSubstr("2026-08-20 10:00")));
  EXPECT_THAT(old, AllOf(HasSubstr("此版本已被更正"), HasSubstr("href=\"/items/3/\""), HasSubstr("noindex"), HasSubstr("第3号")));
  EXPECT_EQ(page("items/3/attachments/公告.pdf"), "new bytes");
  EXPECT_EQ(page("items/3/editions/1/attachments/公告.pdf"), "old bytes");
  EXPECT_EQ(page("items/3/editions/1/attachments/附表.xlsx"), "table");
  EXPECT_FALSE(there("items/3/attachments/附表.xlsx"));
  EXPECT_THAT(page("lists/entry/GC-CANDIDATE_PUBLICITY/1/index.html"),
              AllOf(HasSubstr("（更正）"), HasSubstr("已更正"), Not(HasSubstr("第3号"))));
  EXPECT_THAT(page("feed.atom"), AllOf(HasSubstr("更正说明"), HasSubstr("tag:ggj.chengzhou.example,2026-08-20:item/3")));
  EXPECT_THAT(dead_links(options.folder), IsEmpty());

  SiteSearch search(options);
  EXPECT_EQ(search.search({.q = "更正"}).total, 1U);
  EXPECT_EQ(search.search({.q = "第3号"}).total, 0U);
}

TEST_F(Website, ARecordIsInTheOrderOfTheStateCouncilsOwn) {
  start();
  v1::Item item = sample_item(1);
  item.set_doc_no("澄公管公示〔2026〕11号");
  ASSERT_TRUE(deliver(work_of(1, 1, item)));
  const std::string html = page("items/1/index.html");
  std::size_t at = 0;
  for (const char* name :
       {"索引号", "信息分类", "发布机构", "成文日期", "名称", "发文字号", "发布日期", "主题词", "公开方式", "内容概述"}) {
    const std::size_t found = html.find("<dt>" + std::string(name) + "</dt>", at);
    ASSERT_NE(found, std::string::npos) << name;
    at = found;
  }
  EXPECT_THAT(html, Not(HasSubstr("版本与更正记录"))) << "one edition has no history";
  EXPECT_THAT(html, HasSubstr("本页是第 1 版"));
}

TEST_F(Website, AnEmptyDirectoryEntryIsNamedButNotOnTheHomePage) {
  start();
  ASSERT_TRUE(deliver(work_of(1, 1, sample_item(1))));
  EXPECT_THAT(page("index.html"), AllOf(HasSubstr(">中标候选人公示<"), Not(HasSubstr("中标结果公告"))));
  EXPECT_THAT(page("lists/index.html"), AllOf(HasSubstr("另有 1 类暂无信息"), HasSubstr("<li>中标结果公告</li>")));
  EXPECT_TRUE(there("help/index.html"));
}

TEST_F(Website, ASiteNamedForWhatItDoesSaysSoOnce) {
  options.site.name = "政府信息公开";
  options.site.description.clear();
  start();
  ASSERT_TRUE(deliver(work_of(1, 1, sample_item(1))));
  const std::string home = page("index.html");
  EXPECT_THAT(home, AllOf(Not(HasSubstr("brand-sub")), HasSubstr("<h1 id=\"hero-title\">检索公开信息</h1>")));
}

TEST_F(Website, RefusesAnEditionOlderThanWhatStands) {
  start();
  ASSERT_TRUE(deliver(work_of(3, 2, sample_item(3))));
  const auto before = everything();
  const auto late = deliver(work_of(3, 1, sample_item(3)));
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code(), "website.outdated");
  EXPECT_EQ(late.error().failure_class(), v1::FAILURE_CLASS_REJECTED);
  v1::Item other = sample_item(3);
  other.set_title("别的内容");
  EXPECT_EQ(deliver(work_of(3, 2, other)).error().code(), "website.differs");
  EXPECT_EQ(everything(), before);
}

TEST_F(Website, AWithdrawalLeavesANoticeAndNothingElse) {
  start();
  v1::Item item = sample_item(5);
  *item.add_attachments() = attachments.add("名单.pdf", "secret bytes");
  ASSERT_TRUE(deliver(work_of(5, 1, item)));
  ASSERT_TRUE(deliver(work_of(6, 1, sample_item(6))));
  auto corrected = work_of(5, 2, item);
  ASSERT_TRUE(deliver(corrected));
  clock.pass(60);
  const auto withdrawal = withdrawal_of(corrected, "含有不应公开的个人信息");
  const auto receipt = deliver(withdrawal);
  ASSERT_TRUE(receipt) << receipt.error().message();
  EXPECT_THAT(page("items/5/index.html"),
              AllOf(HasSubstr("信息已撤回"), HasSubstr("含有不应公开的个人信息"), HasSubstr("2026-08-20 09:01")));
  EXPECT_TRUE(there("items/5/.gone"));
  EXPECT_FALSE(there("items/5/attachments"));
  EXPECT_FALSE(there("items/5/editions"));
  for (const auto& [path, bytes] : everything()) {
    EXPECT_THAT(bytes, AllOf(Not(HasSubstr("第5号")), Not(HasSubstr("secret bytes")))) << path;
    if (path.starts_with("items/5/")) continue;
    EXPECT_THAT(bytes, Not(HasSubstr("/items/5/"))) << path;
  }
  SiteSearch search(options);
  EXPECT_EQ(search.search({.q = "第5号"}).total, 0U);
  EXPECT_EQ(search.search({.q = "第6号"}).total, 1U);
  EXPECT_EQ(await(channel->observe(*receipt))->state(), v1::OBSERVATION_STATE_PRESENT);
  const auto again = deliver(withdrawal);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->SerializeAsString(), receipt->SerializeAsString());
  EXPECT_THAT(dead_links(options.folder), IsEmpty());
}

TEST_F(Website, AnItemMayComeBackAfterItsWithdrawal) {
  start();
  const auto first = work_of(5, 1, sample_item(5));
  ASSERT_TRUE(deliver(first));
  ASSERT_TRUE(deliver(withdrawal_of(first, "有误")));
  ASSERT_TRUE(deliver(work_of(5, 3, sample_item(5))));
  EXPECT_FALSE(there("items/5/.gone"));
  EXPECT_THAT(page("lists/department/GC01/index.html"), HasSubstr("/items/5/"));
  EXPECT_THAT(dead_links(options.folder), IsEmpty());
}

TEST_F(Website, AWithdrawalOfWhatWasNeverHereLeavesItsNoticeToo) {
  start();
  const auto withdrawal = withdrawal_of(work_of(8, 1, sample_item(8)), "误发");
  const auto receipt = deliver(withdrawal);
  ASSERT_TRUE(receipt);
  EXPECT_THAT(page("items/8/index.html"), HasSubstr("信息已撤回"));
  fs::remove(options.folder / "items/8/index.html");
  const auto again = deliver(withdrawal);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->content_digest(), receipt->content_digest());
}

TEST_F(Website, HostileTextComesOutHarmless) {
  start();
  v1::Item item = sample_item(1);
  const std::string hostile =
      "\"><script>alert(1)</script><img src=x onerror=alert(1)>{{{body}}}{{> part_items}}</title>]]>&amp;";
  item.set_title(hostile);
  item.set_summary(hostile + "</script>");
  item.set_doc_no(hostile);
  item.set_project_code(hostile);
  item.mutable_publisher()->set_name(hostile);
  item.set_responsible_section(hostile);
  item.set_content_source(hostile);
  item.add_keywords(hostile);
  item.add_lot_codes(hostile);
  item.add_legal_basis(hostile);
  item.set_language("\"><script>");
  item.add_related()->set_relation(hostile);
  item.mutable_related(0)->set_index_no(hostile);
  auto work = work_of(1, 1, item);
  work.mutable_edition()->set_index_no(hostile);
  work.mutable_edition()->set_reason(hostile);
  work.mutable_edition()->set_kind(v1::EDITION_KIND_CORRECTION);
  work.mutable_catalogue()->set_name(hostile);
  work.mutable_catalogue()->set_domain_name(hostile);
  work.mutable_catalogue()->set_domain_code(hostile);
  work.mutable_catalogue()->set_department_name(hostile);
  work.mutable_catalogue()->set_legal_basis(hostile);
  ASSERT_TRUE(deliver(work));
  for (const auto& [path, bytes] : everything()) {
    if (path.ends_with(".css") || path.ends_with(".json")) continue;
    EXPECT_THAT(bytes, AllOf(Not(HasSubstr("<script>")), Not(HasSubstr("<img src=x")), Not(HasSubstr("]]>")))) << path;
    std::size_t scripts = 0;
    for (std::size_t at = bytes.find("</script"); at != std::string::npos; at = bytes.find("</script", at + 1)) ++scripts;
    EXPECT_LE(scripts, 1U) << path;
  }
  const std::string html = page("items/1/index.html");
  const auto start_of = html.find("application/ld+json\">") + 21;
  const auto ld = nlohmann::json::parse(html.substr(start_of, html.find("</script>") - start_of));
  EXPECT_EQ(ld["headline"], hostile);
  EXPECT_NO_THROW(nlohmann::json::parse(page("feed.json")));
  SiteSearch search(options);
  const std::string found = search.render_page({.q = "<script>alert(1)</script>", .entry = "\"><script>", .year = "<b>"});
  EXPECT_THAT(found, AllOf(Not(HasSubstr("<script>")), Not(HasSubstr("<b>"))));
  EXPECT_THAT(search.render_page({.q = "script"}), AllOf(Not(HasSubstr("<script>")), HasSubstr("<mark>script</mark>")));
}

TEST_F(Website, RefusesCodesAndNamesThatWouldLeaveTheirFolder) {
  start();
  v1::Item item = sample_item(1);
  item.set_department("../../etc");
  EXPECT_EQ(deliver(work_of(1, 1, item)).error().code(), "website.code");
  item = sample_item(1);
  *item.add_attachments() = attachments.add("../../../evil.html", "x");
  EXPECT_EQ(deliver(work_of(1, 1, item)).error().code(), "website.attachment");
  item = sample_item(1);
  *item.add_attachments() = attachments.add("a.pdf", "x");
  *item.add_attachments() = attachments.add("a.pdf", "y");
  EXPECT_EQ(deliver(work_of(1, 1, item)).error().code(), "website.attachment");
  auto broken = work_of(1, 1, sample_item(1));
  broken.mutable_edition()->set_content("\xff\xff\xff");
  EXPECT_EQ(deliver(broken).error().code(), "website.content");
  EXPECT_FALSE(there("items/1/index.html"));
}

TEST_F(Website, AnAttachmentWithOtherBytesThanPromisedIsNotPublished) {
  start();
  v1::Item item = sample_item(1);
  *item.add_attachments() = attachments.add("a.pdf", "right");
  std::ofstream(folder.path() / "store" / item.attachments(0).sha256()) << "wrong";
  EXPECT_FALSE(deliver(work_of(1, 1, item)));
  EXPECT_FALSE(there("items/1"));
}

TEST_F(Website, RelatedItemsAreLinkedWhenTheyAreHereAndSearchedForWhenNot) {
  start();
  v1::Item other = sample_item(2);
  other.set_index_no("11349900MB1K27N4XP/202608-00099");
  ASSERT_TRUE(deliver(work_of(2, 1, other)));
  v1::Item item = sample_item(3);
  auto* here = item.add_related();
  here->set_index_no("11349900MB1K27N4XP/202608-00099");
  here->set_relation("原公告");
  item.add_related()->set_index_no("11349900MB1K27N4XP/202608-77777");
  item.add_related()->set_reference("ref-2");
  ASSERT_TRUE(deliver(work_of(3, 1, item)));
  EXPECT_THAT(page("items/3/index.html"), AllOf(HasSubstr("原公告"), HasSubstr("href=\"/items/2/\""),
                                                HasSubstr("/search?q=11349900MB1K27N4XP%2F202608-77777")));
}

TEST_F(Website, SixtyFourAtOnceAreAllThereAndCostFewerFilesThanOneByOne) {
  start();
  std::vector<v1::Work> works;
  for (std::uint64_t n = 1; n <= 64; ++n) works.push_back(work_of(n, 1, sample_item(n)));
  const auto outcomes = deliver(works);
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    ASSERT_TRUE(outcomes[i]) << outcomes[i].error().message();
    EXPECT_EQ(outcomes[i]->content_digest(), sha256(page("items/" + std::to_string(i + 1) + "/index.html")).raw());
  }
  EXPECT_LT(channel->files_written(), 64U * 6);
  EXPECT_THAT(page("index.html"), HasSubstr("<strong>64</strong>"));
  EXPECT_THAT(page("lists/month/2026-08/index.html"), HasSubstr("/lists/month/2026-08/4/"));
  EXPECT_THAT(dead_links(options.folder), IsEmpty());
}

// As two workers do that come up together.
TEST_F(Website, MayBeMadeByTwoAtOnce) {
  const fs::path home = options.folder;
  for (int round = 0; round < 10; ++round) {
    options.folder = home / std::to_string(round) / "site";
    options.index_file = home / std::to_string(round) / "index.db";
    fs::create_directories(options.folder);
    const auto make = [this] {
      asio::thread_pool one(1);
      WebsiteChannel made(options, one, attachments, clock);
      one.join();
    };
    auto other = std::async(std::launch::async, make);
    EXPECT_NO_THROW(make());
    EXPECT_NO_THROW(other.get());
  }
}

TEST_F(Website, ServesUnderAPathWhenTheBaseUrlHasOne) {
  options.base_url = "https://www.chengzhou.example/gk";
  start();
  ASSERT_TRUE(deliver(work_of(1, 1, sample_item(1))));
  const std::string html = page("items/1/index.html");
  EXPECT_THAT(html, AllOf(HasSubstr("href=\"/gk/static/site.css\""), HasSubstr("action=\"/gk/search\""),
                          Not(HasSubstr("href=\"/items")), HasSubstr("https://www.chengzhou.example/gk/items/1/")));
}

}  // namespace
}  // namespace fabu::website
