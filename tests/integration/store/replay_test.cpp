// Dead deliveries: grouped by cause, counted, and made pending again exactly as counted.
#include "integration/store/conformance.h"

namespace fabu::store {
namespace {

// Six dead deliveries: on the website four of http.404 and one of http.500, on the notice board one of ipp.media-empty. And one
// that is still tried.
void make_trouble(BlockingStore write) {
  for (int i = 1; i <= 6; ++i) write.accept(submission("GG-" + std::to_string(i))).value();
  for (int i = 1; i <= 4; ++i) write.settle(dead(std::to_string(i) + "-1-website", "http.404")).value();
  write.settle(dead("5-1-website", "http.500")).value();
  write.settle(dead("2-1-noticeboard", "ipp.media-empty")).value();
  write.settle(set_back("6-1-website", v1::DELIVERY_STATE_RETRYING, at(300), "http.404")).value();
}

TEST_P(StoreConformance, GroupsTroubleByChannelStateAndCause) {
  make_trouble(write());
  const auto groups = store().delivery_groups().value();
  ASSERT_EQ(groups.size(), 4u);
  EXPECT_EQ(groups[0].count(), 4u) << "the largest first";
  EXPECT_EQ(groups[0].channel(), kWebsite);
  EXPECT_EQ(groups[0].state(), v1::DELIVERY_STATE_DEAD);
  EXPECT_EQ(groups[0].code(), "http.404");
  EXPECT_EQ(groups[0].example_id(), "1-1-website");
  EXPECT_EQ(groups[0].message(), "the channel answered http.404");
}

TEST_P(StoreConformance, CountsInADryRunAndStoresNothing) {
  make_trouble(write());
  const auto size = store().log_head().size;
  const auto counted = write().replay(replay_of(kWebsite, "http.404", "", true)).value();
  EXPECT_EQ(counted.matched, 4u);
  EXPECT_TRUE(counted.deliveries.empty());
  EXPECT_EQ(store().log_head().size, size);
  EXPECT_EQ(store().channel_counts(kWebsite).value().dead, 5u);
}

TEST_P(StoreConformance, ReplaysExactlyWhatTheDryRunCounted) {
  make_trouble(write());
  const auto replayed = write().replay(replay_of(kWebsite, "http.404")).value();
  EXPECT_EQ(replayed.matched, 4u);
  ASSERT_EQ(replayed.deliveries.size(), 4u);
  for (const auto& delivery : replayed.deliveries) {
    auto stored = store().delivery(delivery.id()).value();
    EXPECT_EQ(stored.SerializeAsString(), delivery.SerializeAsString()) << "the answer is what is stored";
    EXPECT_EQ(stored.state(), v1::DELIVERY_STATE_PENDING);
    EXPECT_EQ(stored.due_ms(), to_ms(at(600)));
    EXPECT_EQ(stored.attempts(), 0u);
    EXPECT_EQ(stored.settled_ms(), 0);
  }
  EXPECT_EQ(state_of("5-1-website"), v1::DELIVERY_STATE_DEAD);
  EXPECT_EQ(state_of("6-1-website"), v1::DELIVERY_STATE_RETRYING);
  EXPECT_EQ(store().channel_counts(kWebsite).value().dead, 1u);
  EXPECT_EQ(store().channel_counts(kWebsite).value().open, 5u);
  EXPECT_EQ(write().replay(replay_of(kWebsite, "http.404")).value().matched, 0u) << "there are no more";
}

TEST_P(StoreConformance, NarrowsByChannelByCodeByIdOrNotAtAll) {
  make_trouble(write());
  const auto matched = [&](const Replay& replay) { return write().replay(replay).value().matched; };
  EXPECT_EQ(matched(replay_of("", "", "", true)), 6u);
  EXPECT_EQ(matched(replay_of(kWebsite, "", "", true)), 5u);
  EXPECT_EQ(matched(replay_of("", "ipp.media-empty", "", true)), 1u);
  EXPECT_EQ(matched(replay_of("", "", "3-1-website", true)), 1u);
  EXPECT_EQ(matched(replay_of(kNoticeboard, "http.404", "", true)), 0u);
  EXPECT_EQ(matched(replay_of("kiosk", "", "", true)), 0u);
  EXPECT_EQ(matched(replay_of("", "", "6-1-website", true)), 0u) << "it is not dead";
  EXPECT_EQ(matched(replay_of("", "", "no such", true)), 0u);
}

TEST_P(StoreConformance, RecordsWhoReplayedEachDelivery) {
  make_trouble(write());
  write().replay(replay_of("", "", "3-1-website")).value();
  v1::AuditRecord record;
  ASSERT_TRUE(record.ParseFromString(store().item_records(3).value().back()));
  EXPECT_EQ(record.action(), v1::AUDIT_ACTION_REPLAYED);
  EXPECT_EQ(record.actor(), operator_key().actor());
  EXPECT_EQ(record.delivery_id(), "3-1-website");
}

TEST_P(StoreConformance, DeliversWhatWasReplayed) {
  make_trouble(write());
  write().settle(delivered("3-1-noticeboard")).value();
  write().replay(replay_of("", "", "3-1-website")).value();
  EXPECT_EQ(write().settle(delivered("3-1-website")).value().edition_state, v1::EDITION_STATE_PUBLISHED);
}

TEST_P(StoreConformance, LeavesAloneWhatANewerEditionReplaces) {
  make_trouble(write());
  accepted(correction("GG-3", "二"));
  EXPECT_EQ(write().replay(replay_of(kWebsite, "http.404")).value().matched, 3u);
  EXPECT_EQ(state_of("3-1-website"), v1::DELIVERY_STATE_SUPERSEDED);
  EXPECT_EQ(write().replay(replay_of("", "", "3-1-website")).value().matched, 0u);
}

TEST_P(StoreConformance, KeepsItsCountersWhenOpenedAgain) {
  make_trouble(write());
  close_and_reopen();
  EXPECT_EQ(store().channel_counts(kWebsite).value().dead, 5u);
  EXPECT_EQ(store().channel_counts(kWebsite).value().open, 1u);
  EXPECT_EQ(store().channel_counts(kNoticeboard).value().dead, 1u);
  EXPECT_EQ(store().channel_counts(kNoticeboard).value().open, 5u);
  EXPECT_EQ(store().channel_counts("kiosk").value().open, 0u);
}

}  // namespace
}  // namespace fabu::store
