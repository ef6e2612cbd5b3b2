// Lists: items newest first, deliveries by their names, both by pages.
#include "integration/store/conformance.h"

namespace fabu::store {
namespace {

std::vector<std::uint64_t> item_ids_of(const std::vector<v1::ItemSummary>& items) {
  std::vector<std::uint64_t> ids;
  for (const auto& item : items) ids.push_back(item.item_id());
  return ids;
}
using Numbers = std::vector<std::uint64_t>;

Accept of(const std::string& department, const std::string& entry, const std::string& reference) {
  Accept command = submission(reference);
  command.department = department;
  command.entry = entry;
  return command;
}

TEST_P(StoreConformance, ListsItemsNewestFirstPageByPage) {
  for (int i = 1; i <= 7; ++i) accepted(submission("GG-" + std::to_string(i)));
  ItemQuery query;
  query.limit = 3;
  EXPECT_EQ(item_ids_of(store().items(query).value()), (Numbers{7, 6, 5}));
  query.before = 5;
  EXPECT_EQ(item_ids_of(store().items(query).value()), (Numbers{4, 3, 2}));
  query.before = 2;
  EXPECT_EQ(item_ids_of(store().items(query).value()), Numbers{1});
  query.before = 1;
  EXPECT_TRUE(store().items(query).value().empty());
}

TEST_P(StoreConformance, NarrowsTheListByDepartmentAndEntry) {
  accepted(of("GGJ", "ZC-AWARD_RESULT", "GG-1"));
  accepted(of("GGJ", "ZC-CONTRACT", "GG-2"));
  accepted(of("ZFBZ", "ZC-CONTRACT", "GG-3"));
  accepted(of("GGJ", "ZC-CONTRACT", "GG-4"));
  const auto list = [&](const std::string& department, const std::string& entry, std::uint64_t before = 0) {
    return item_ids_of(store().items({department, entry, before, 50}).value());
  };
  EXPECT_EQ(list("GGJ", ""), (Numbers{4, 2, 1}));
  EXPECT_EQ(list("", "ZC-CONTRACT"), (Numbers{4, 3, 2}));
  EXPECT_EQ(list("GGJ", "ZC-CONTRACT"), (Numbers{4, 2}));
  EXPECT_EQ(list("GGJ", "ZC-CONTRACT", 4), Numbers{2});
  EXPECT_TRUE(list("GG", "").empty()) << "a part of a code is another code";
}

TEST_P(StoreConformance, ShowsInTheListWhatTheNewestEditionSays) {
  published("GG-1");
  const Accept second = correction("GG-1", "二");
  accepted(second);
  const auto item = store().items({}).value().at(0);
  EXPECT_EQ(item.title(), second.title);
  EXPECT_EQ(item.edition(), 2u);
  EXPECT_EQ(item.state(), v1::EDITION_STATE_PUBLISHING);
  EXPECT_EQ(item.received_ms(), to_ms(at())) << "of the item, not of its edition";
  EXPECT_EQ(item.index_no(), std::string(kPrefix) + "00001");
}

TEST_P(StoreConformance, ListsNoMoreThanFiveHundredItems) {
  const auto store_many = [&](int count) {
    for (int i = 0; i < count; ++i) store().accept(submission("GG-" + std::to_string(i)), [](Result<Accepted>) {});
    write().refuse({department(), "GGJ", "last", {}, at()}).value();
  };
  store_many(502);
  ItemQuery query;
  query.limit = 100'000;
  EXPECT_EQ(store().items(query).value().size(), 500u);
  DeliveryQuery deliveries;
  deliveries.limit = 100'000;
  EXPECT_EQ(store().deliveries(deliveries).value().size(), 1000u);
}

TEST_P(StoreConformance, ListsDeliveriesOfItemsInTurnPageByPage) {
  for (int i = 1; i <= 3; ++i) accepted(submission("GG-" + std::to_string(i)));
  accepted(correction("GG-1", "二"));
  DeliveryQuery query;
  query.limit = 3;
  Ids seen;
  for (;;) {
    const auto page = ids_of(store().deliveries(query).value());
    if (page.empty()) break;
    seen.insert(seen.end(), page.begin(), page.end());
    query.after = page.back();
    ASSERT_LE(seen.size(), 8u);
  }
  EXPECT_EQ(seen, (Ids{"1-1-website", "1-1-noticeboard", "1-2-website", "1-2-noticeboard", "2-1-website", "2-1-noticeboard",
                       "3-1-website", "3-1-noticeboard"}));
}

TEST_P(StoreConformance, NarrowsDeliveriesByChannelStateCodeAndItem) {
  for (int i = 1; i <= 4; ++i) accepted(submission("GG-" + std::to_string(i)));
  write().settle(dead("1-1-website", "http.404")).value();
  write().settle(dead("2-1-website", "http.500")).value();
  write().settle(dead("2-1-noticeboard", "http.404")).value();
  write().settle(delivered("3-1-website")).value();
  const auto list = [&](const std::string& channel, std::optional<v1::DeliveryState> state, const std::string& code,
                        std::uint64_t item, const std::string& after = "") {
    return ids_of(store().deliveries({channel, state, code, item, after, 100}).value());
  };
  EXPECT_EQ(list(kWebsite, {}, "", 0).size(), 4u);
  EXPECT_EQ(list("", v1::DELIVERY_STATE_DEAD, "", 0), (Ids{"1-1-website", "2-1-website", "2-1-noticeboard"}));
  EXPECT_EQ(list("", v1::DELIVERY_STATE_DEAD, "http.404", 0), (Ids{"1-1-website", "2-1-noticeboard"}));
  EXPECT_EQ(list(kWebsite, v1::DELIVERY_STATE_DEAD, "http.404", 0), Ids{"1-1-website"});
  EXPECT_EQ(list("", {}, "", 3), (Ids{"3-1-website", "3-1-noticeboard"}));
  EXPECT_EQ(list("", {}, "", 3, "3-1-website"), Ids{"3-1-noticeboard"});
  EXPECT_EQ(list("", {}, "", 3, "1-1-website"), (Ids{"3-1-website", "3-1-noticeboard"})) << "a cursor before the item";
  EXPECT_TRUE(list("kiosk", {}, "", 0).empty());
  EXPECT_TRUE(list("", {}, "", 9).empty());
}

TEST_P(StoreConformance, RefusesACursorThatIsNoDelivery) {
  DeliveryQuery query;
  query.after = "not a delivery";
  EXPECT_EQ(code_of(store().deliveries(query)), ErrorCode::not_found);
}

}  // namespace
}  // namespace fabu::store
