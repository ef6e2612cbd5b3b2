// One publication costs the same whatever stands on the site, and search stays quick. FABU_SITE_ITEMS=200000 makes it a
// measurement; by default it is small enough for every run.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <random>

#include "unit/website/site_fixture.h"

namespace fabu::website {
namespace {

using Time = std::chrono::steady_clock;

double millis_since(Time::time_point start) {
  return std::chrono::duration<double, std::milli>(Time::now() - start).count();
}

// Bodies of about 600 characters of plausible text, different for each item.
class Prose {
 public:
  v1::Item item(std::uint64_t n) {
    v1::Item item = sample_item(n);
    std::string text;
    for (int i = 0; i < 60; ++i) text += words_[random_() % std::size(words_)];
    item.mutable_body()->set_format(v1::BODY_FORMAT_PLAIN);
    item.mutable_body()->set_text(text + "。编号" + std::to_string(n * 7919));
    item.set_catalogue_entry(entries_[n % std::size(entries_)]);
    return item;
  }

 private:
  std::mt19937 random_{20260820};
  const char* words_[24] = {"招标人澄州市城市建设投资控股集团有限公司，",
                            "经评标委员会评审，",
                            "现将中标候选人公示如下：",
                            "投标报价（元）",
                            "土地使用权挂牌出让",
                            "政府采购合同公告",
                            "国有产权交易",
                            "成交金额",
                            "质量承诺合格",
                            "工期三百日历天",
                            "异议渠道",
                            "监督部门",
                            "公共资源交易中心",
                            "资格审查",
                            "综合评估法",
                            "项目负责人",
                            "一级注册建造师",
                            "保证金",
                            "开标时间",
                            "采购人",
                            "供应商",
                            "行政监督",
                            "投诉受理",
                            "公告期限"};
  const char* entries_[5] = {"GC-CANDIDATE_PUBLICITY", "GC-AWARD_RESULT", "ZC-AWARD_RESULT", "TD-LISTING", "CQ-TRANSFER_RESULT"};
};

class WebsiteScale : public Site {
 protected:
  // Publishes items (from, to] in groups of 64.
  void fill(std::uint64_t from, std::uint64_t to) {
    for (std::uint64_t n = from + 1; n <= to;) {
      std::vector<v1::Work> works;
      for (; n <= to && works.size() < 64; ++n) works.push_back(work_of(n, 1, prose.item(n)));
      for (const auto& outcome : deliver(works)) ASSERT_TRUE(outcome) << outcome.error().message();
    }
  }
  std::uint64_t files_of_one(std::uint64_t n) {
    const auto before = channel->files_written();
    EXPECT_TRUE(deliver(work_of(n, 1, prose.item(n))));
    return channel->files_written() - before;
  }
  static std::uint64_t wanted_items(std::uint64_t otherwise) {
    const char* wanted = std::getenv("FABU_SITE_ITEMS");
    return wanted == nullptr ? otherwise : std::stoull(wanted);
  }
  void index_item(SiteIndex& index, std::uint64_t n) {
    const v1::Item item = prose.item(n);
    ItemRow row;
    row.item_id = n;
    row.edition = 1;
    row.title = item.title();
    row.entry = row.entry_name = item.catalogue_entry();
    row.department = row.department_name = item.department();
    row.month = "2026-0" + std::to_string(1 + n % 9);
    row.published_ms = row.updated_ms = clock.ms;
    EditionRow edition;
    edition.item_id = n;
    edition.number = 1;
    edition.delivery_id = std::to_string(n) + "-1-website";
    index.put(row, edition, {item.title(), item.body().text(), item.project_code() + "\n" + item.publisher().name()},
              item.reference());
  }
  Prose prose;
};

TEST_F(WebsiteScale, OnePublicationTouchesAsManyPagesAtFiveThousandItemsAsAtTen) {
  start();
  fill(0, 10);
  std::uint64_t most_at_ten = 0, most_later = 0;
  for (std::uint64_t n = 11; n <= 40; ++n) most_at_ten = std::max(most_at_ten, files_of_one(n));
  fill(40, 4'960);
  for (std::uint64_t n = 4'961; n <= 5'001; ++n) most_later = std::max(most_later, files_of_one(n));
  EXPECT_LE(most_at_ten, 16U);
  EXPECT_LE(most_later, 16U);
  // A correction and a withdrawal of an old item, too.
  auto before = channel->files_written();
  ASSERT_TRUE(deliver(work_of(100, 2, prose.item(100))));
  EXPECT_LE(channel->files_written() - before, 16U);
  before = channel->files_written();
  ASSERT_TRUE(deliver(withdrawal_of(work_of(101, 1, prose.item(101)), "有误")));
  EXPECT_LE(channel->files_written() - before, 16U);
}

TEST_F(WebsiteScale, PublishesQuicklyAndStartsAgainAtOnce) {
  const std::uint64_t items = wanted_items(1'000);
  options.sync = true;
  start();
  auto begin = Time::now();
  fill(0, items);
  const double seconds = millis_since(begin) / 1000;
  fmt::print("published {} items in {:.1f} s: {:.0f} items/s, synced\n", items, seconds, static_cast<double>(items) / seconds);
  stop();
  begin = Time::now();
  start();
  const double start_millis = millis_since(begin);
  fmt::print("started again in {:.0f} ms\n", start_millis);
  EXPECT_LT(start_millis, 2'000.0);
}

// Straight into the index, which is all that search reads.
TEST_F(WebsiteScale, FindsQuickly) {
  const std::uint64_t items = wanted_items(5'000);
  start();
  stop();
  {
    SiteIndex index(index_file(options), options.page_size, false);
    for (std::uint64_t n = 1; n <= items;) {
      Transaction transaction(index.connection());
      for (std::uint64_t end = n + 2'000; n <= items && n < end; ++n) index_item(index, n);
      transaction.commit();
    }
  }
  SiteSearch search(options);
  for (const char* q : {"中标", "标", "出让 保证金", "公共资源交易中心资格审查", "CZ2026GC1", "79190", "不存在的词",
                        "开标时间供应商投诉受理", "元土", "中标 79190"}) {
    search.search({.q = q});
    std::vector<double> times;
    SearchPage page;
    for (int i = 0; i < 20; ++i) {
      const auto begin = Time::now();
      page = search.search({.q = q});
      times.push_back(millis_since(begin));
    }
    std::sort(times.begin(), times.end());
    fmt::print("{} items: {:<40} {:>5}{} hits, median {:.2f} ms, worst {:.2f} ms\n", items, q, page.total,
               page.capped ? "+" : " ", times[times.size() / 2], times.back());
    EXPECT_LT(times.front(), 50.0) << q;
  }
}

}  // namespace
}  // namespace fabu::website
