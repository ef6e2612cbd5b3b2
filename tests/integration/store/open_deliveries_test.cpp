// What is open on a channel, in the order of its due times: how the dispatcher finds its work.
#include <algorithm>

#include "integration/store/conformance.h"

namespace fabu::store {
namespace {

std::vector<std::string> ids_of(const OpenBatch& batch) {
  std::vector<std::string> ids;
  for (const auto& work : batch.works) ids.push_back(work.delivery().id());
  return ids;
}
using Ids = std::vector<std::string>;

TEST_P(StoreConformance, ReadsOpenDeliveriesInTheOrderOfTheirDueTimes) {
  accepted(submission("GG-1", at(30)));
  accepted(submission("GG-2", at(10)));
  accepted(submission("GG-3", at(20)));
  accepted(submission("GG-4", at(20)));
  const auto batch = store().open_deliveries({kWebsite, at(30), {}, 10}).value();
  EXPECT_EQ(ids_of(batch), (Ids{"2-1-website", "3-1-website", "4-1-website", "1-1-website"}));
  EXPECT_TRUE(batch.cursor.empty());
}

TEST_P(StoreConformance, GivesTheWorkerAllThatItNeedsButTheCatalogue) {
  const auto outcome = accepted(submission("GG-1"));
  write().settle(progress("1-1-website", "step 1")).value();
  const auto batch = store().open_deliveries({kWebsite, at(0), {}, 10}).value();
  ASSERT_EQ(batch.works.size(), 1u);
  const auto& work = batch.works[0];
  EXPECT_EQ(work.edition().SerializeAsString(), outcome.edition.SerializeAsString());
  EXPECT_EQ(work.delivery().progress(), "step 1");
  EXPECT_FALSE(work.has_standing());
  EXPECT_FALSE(work.has_catalogue());
  EXPECT_EQ(store().work("1-1-website").value().SerializeAsString(), work.SerializeAsString());
}

TEST_P(StoreConformance, ReadsWhatIsDueAndTellsWhenTheNextWillBe) {
  accepted(submission("GG-1", at(10)));
  accepted(submission("GG-2", at(20)));
  accepted(submission("GG-3", at(40)));
  write().settle(set_back("1-1-website", v1::DELIVERY_STATE_RETRYING, at(30))).value();
  const auto due = [&](std::int64_t seconds) { return store().open_deliveries({kWebsite, at(seconds), {}, 10}).value(); };
  EXPECT_TRUE(due(19).works.empty());
  EXPECT_EQ(due(19).next_due, at(20));
  EXPECT_EQ(ids_of(due(20)), Ids{"2-1-website"});
  EXPECT_EQ(due(20).next_due, at(30));
  EXPECT_EQ(ids_of(due(39)), (Ids{"2-1-website", "1-1-website"}));
  EXPECT_EQ(due(40).next_due, std::nullopt);
}

TEST_P(StoreConformance, ReadsOpenDeliveriesPageByPageEachOnce) {
  for (int i = 1; i <= 25; ++i) accepted(submission("GG-" + std::to_string(i), at(i % 3)));
  Ids seen;
  OpenQuery query{kWebsite, at(100), {}, 4};
  int pages = 0;
  do {
    const auto batch = store().open_deliveries(query).value();
    EXPECT_LE(batch.works.size(), 4u);
    for (const auto& id : ids_of(batch)) seen.push_back(id);
    query.after = batch.cursor;
    ASSERT_LE(++pages, 8);
  } while (!query.after.empty());
  ASSERT_EQ(seen.size(), 25u);
  EXPECT_EQ(seen.front(), "3-1-website") << "due first";
  EXPECT_EQ(seen.back(), "23-1-website");
  std::sort(seen.begin(), seen.end());
  EXPECT_EQ(std::unique(seen.begin(), seen.end()), seen.end());
}

TEST_P(StoreConformance, GoesOnBehindTheCursorWhenWhatItNamesWasSettled) {
  for (int i = 1; i <= 4; ++i) accepted(submission("GG-" + std::to_string(i), at(i)));
  const auto first = store().open_deliveries({kWebsite, at(100), {}, 2}).value();
  write().settle(delivered("2-1-website")).value();
  write().settle(set_back("1-1-website", v1::DELIVERY_STATE_RETRYING, at(50))).value();
  const auto rest = store().open_deliveries({kWebsite, at(100), first.cursor, 10}).value();
  EXPECT_EQ(ids_of(rest), (Ids{"3-1-website", "4-1-website", "1-1-website"}));
}

TEST_P(StoreConformance, KeepsChannelsApartAndLeavesOutWhatIsSettled) {
  for (int i = 1; i <= 4; ++i) accepted(submission("GG-" + std::to_string(i)));
  write().settle(delivered("1-1-website")).value();
  write().settle(dead("2-1-website")).value();
  accepted(correction("GG-3", "二"));
  EXPECT_EQ(ids_of(store().open_deliveries({kWebsite, at(100), {}, 10}).value()), (Ids{"4-1-website", "3-2-website"}));
  EXPECT_EQ(store().open_deliveries({kNoticeboard, at(100), {}, 10}).value().works.size(), 4u);
  EXPECT_TRUE(store().open_deliveries({"kiosk", at(100), {}, 10}).value().works.empty());
}

// A correction replaces what waits, so that an edition never outruns its predecessor: one delivery of an item is open on a
// channel.
TEST_P(StoreConformance, OpensOneDeliveryOfAnItemOnAChannelAtATime) {
  accepted(submission("GG-1"));
  write().settle(set_back("1-1-website", v1::DELIVERY_STATE_RETRYING, at(5000))).value();
  accepted(correction("GG-1", "二"));
  write().withdraw(withdrawal(1)).value();
  const auto batch = store().open_deliveries({kWebsite, at(10'000), {}, 10}).value();
  EXPECT_EQ(ids_of(batch), Ids{"1-3-website"});
}

TEST_P(StoreConformance, FindsTheSameOpenDeliveriesWhenOpenedAgain) {
  for (int i = 1; i <= 3; ++i) accepted(submission("GG-" + std::to_string(i), at(i)));
  write().settle(set_back("2-1-website", v1::DELIVERY_STATE_RETRYING, at(90))).value();
  const auto before = store().open_deliveries({kWebsite, at(100), {}, 10}).value();
  close_and_reopen();
  const auto after = store().open_deliveries({kWebsite, at(100), {}, 10}).value();
  ASSERT_EQ(ids_of(after), ids_of(before));
  for (std::size_t i = 0; i < after.works.size(); ++i) {
    EXPECT_EQ(after.works[i].SerializeAsString(), before.works[i].SerializeAsString());
  }
}

}  // namespace
}  // namespace fabu::store
