// Corrections: a new edition of the same item, before which older open deliveries give way.
#include "integration/store/conformance.h"

namespace fabu::store {
namespace {

TEST_P(StoreConformance, MakesACorrectionTheNextEditionOfTheSameItem) {
  const auto first = published("GG-1");
  const auto outcome = accepted(correction("GG-1", "第二版"));
  EXPECT_EQ(outcome.receipt.item_id(), first.receipt.item_id());
  EXPECT_EQ(outcome.receipt.index_no(), first.receipt.index_no());
  EXPECT_EQ(outcome.receipt.edition(), 2u);
  EXPECT_EQ(outcome.newest_edition, 2u);
  EXPECT_EQ(outcome.edition.kind(), v1::EDITION_KIND_CORRECTION);
  EXPECT_EQ(outcome.edition.reason(), "更正：第二版");
  EXPECT_EQ(ids_of(outcome.deliveries), (Ids{"1-2-website", "1-2-noticeboard"}));
  const auto view = store().item(1).value();
  EXPECT_EQ(view.title(), correction("GG-1", "第二版").title);
  EXPECT_EQ(view.state(), v1::EDITION_STATE_PUBLISHING);
  EXPECT_EQ(view.editions(0).state(), v1::EDITION_STATE_PUBLISHED) << "it stands until the correction is out";
  EXPECT_EQ(all_items(store()).size(), 1u);
}

TEST_P(StoreConformance, KeepsEveryEditionReadable) {
  const auto first = submission("GG-1"), second = correction("GG-1", "二"), third = correction("GG-1", "三");
  accepted(first);
  accepted(second);
  accepted(third);
  const auto view = store().item(1).value();
  ASSERT_EQ(view.editions_size(), 3);
  EXPECT_EQ(view.editions(0).edition().content(), first.content);
  EXPECT_EQ(view.editions(1).edition().content(), second.content);
  EXPECT_EQ(view.editions(2).edition().content(), third.content);
}

TEST_P(StoreConformance, LetsOpenDeliveriesGiveWayToTheCorrection) {
  const auto first = accepted(submission("GG-1"));
  write().settle(delivered("1-1-website")).value();
  write().settle(set_back("1-1-noticeboard", v1::DELIVERY_STATE_RETRYING, at(300))).value();
  const auto outcome = accepted(correction("GG-1", "第二版"));
  ASSERT_EQ(ids_of(outcome.superseded), Ids{"1-1-noticeboard"});
  EXPECT_EQ(outcome.superseded[0].state(), v1::DELIVERY_STATE_SUPERSEDED);
  EXPECT_EQ(outcome.superseded[0].settled_ms(), to_ms(at(60)));
  EXPECT_EQ(state_of("1-1-noticeboard"), v1::DELIVERY_STATE_SUPERSEDED);
  EXPECT_EQ(state_of("1-1-website"), v1::DELIVERY_STATE_DELIVERED);
  EXPECT_EQ(store().channel_counts(kNoticeboard).value().open, 1u);
}

// A correction is how a department mends what a channel refused: the dead delivery is not to be counted and shown for ever.
TEST_P(StoreConformance, LetsDeadDeliveriesGiveWayToTheCorrection) {
  accepted(submission("GG-1"));
  write().settle(dead("1-1-website")).value();
  const auto outcome = accepted(correction("GG-1", "第二版"));
  EXPECT_EQ(ids_of(outcome.superseded), (Ids{"1-1-website", "1-1-noticeboard"}));
  EXPECT_EQ(store().channel_counts(kWebsite).value().dead, 0u);
  EXPECT_EQ(store().channel_counts(kWebsite).value().open, 1u);
  EXPECT_TRUE(store().delivery_groups().value().empty());
}

TEST_P(StoreConformance, ReplacesARowOfEditionsThatWait) {
  accepted(submission("GG-1"));
  accepted(correction("GG-1", "二"));
  const auto third = accepted(correction("GG-1", "三"));
  EXPECT_EQ(ids_of(third.superseded), (Ids{"1-2-website", "1-2-noticeboard"}));
  const auto open = store().open_deliveries({kWebsite, at(1000), {}, 10}).value();
  ASSERT_EQ(open.works.size(), 1u);
  EXPECT_EQ(open.works[0].delivery().id(), "1-3-website");
}

TEST_P(StoreConformance, RefusesACorrectionOfAnEditionThatIsNotTheNewest) {
  accepted(submission("GG-1"));
  accepted(correction("GG-1", "二", 1));
  const auto size = store().log_head().size;
  const auto outcome = write().accept(correction("GG-1", "三", 1)).value();
  EXPECT_EQ(outcome.kind, AcceptKind::wrong_edition);
  EXPECT_EQ(outcome.newest_edition, 2u);
  EXPECT_EQ(write().accept(correction("GG-1", "三", 3)).value().kind, AcceptKind::wrong_edition);
  EXPECT_EQ(store().log_head().size, size);
  EXPECT_EQ(accepted(correction("GG-1", "三", 2)).receipt.edition(), 3u);
}

TEST_P(StoreConformance, AnswersARepeatedCorrectionWithItsReceipt) {
  accepted(submission("GG-1"));
  const auto second = accepted(correction("GG-1", "二", 1));
  accepted(correction("GG-1", "三", 2));
  const auto again = write().accept(correction("GG-1", "二", 1)).value();
  EXPECT_EQ(again.kind, AcceptKind::repeated) << "though edition 1 is not the newest any more";
  EXPECT_EQ(again.receipt.SerializeAsString(), second.receipt.SerializeAsString());
}

TEST_P(StoreConformance, LeavesWhatStandsAloneWhileACorrectionIsHeld) {
  accepted(submission("GG-1"));
  Accept held = correction("GG-1", "二");
  held.held = true;
  EXPECT_TRUE(accepted(held).superseded.empty());
  EXPECT_EQ(state_of("1-1-website"), v1::DELIVERY_STATE_PENDING);
  write().settle(delivered("1-1-website")).value();
  write().settle(delivered("1-1-noticeboard")).value();
  EXPECT_EQ(edition_state(1, 1), v1::EDITION_STATE_PUBLISHED);
  EXPECT_EQ(store().item(1).value().state(), v1::EDITION_STATE_HELD);
}

TEST_P(StoreConformance, SupersedesTheOlderEditionOnceTheCorrectionIsEverywhere) {
  published("GG-1");
  accepted(correction("GG-1", "二"));
  write().settle(delivered("1-2-website")).value();
  EXPECT_EQ(edition_state(1, 1), v1::EDITION_STATE_PUBLISHED);
  EXPECT_EQ(write().settle(delivered("1-2-noticeboard")).value().edition_state, v1::EDITION_STATE_PUBLISHED);
  EXPECT_EQ(edition_state(1, 1), v1::EDITION_STATE_SUPERSEDED);
  EXPECT_EQ(edition_state(1, 2), v1::EDITION_STATE_PUBLISHED);
}

TEST_P(StoreConformance, TellsTheWorkerWhatStandsThereAndWhatWasBefore) {
  const auto first = published("GG-1");
  accepted(correction("GG-1", "二"));
  accepted(correction("GG-1", "三"));
  const auto work = store().work("1-3-website").value();
  EXPECT_EQ(work.edition().content(), correction("GG-1", "三").content);
  EXPECT_EQ(work.edition().index_no(), first.receipt.index_no());
  EXPECT_EQ(work.standing().SerializeAsString(), receipt_for("1-1-website").SerializeAsString());
  ASSERT_EQ(work.history_size(), 2);
  EXPECT_EQ(work.history(0).number(), 1u);
  EXPECT_EQ(work.history(0).kind(), v1::EDITION_KIND_ORIGINAL);
  EXPECT_EQ(work.history(0).digest(), submission("GG-1").digest.raw());
  EXPECT_EQ(work.history(1).reason(), "更正：二");
  EXPECT_FALSE(store().work("1-1-noticeboard").value().edition().content().empty());
  EXPECT_EQ(code_of(store().work("1-4-website")), ErrorCode::not_found);
}

TEST_P(StoreConformance, CorrectsNothingThatWasWithdrawn) {
  published("GG-1");
  write().withdraw(withdrawal(1)).value();
  EXPECT_EQ(write().accept(correction("GG-1", "二")).value().kind, AcceptKind::withdrawn);
  EXPECT_EQ(write().accept(submission("GG-1", at(), "别的")).value().kind, AcceptKind::withdrawn);
}

TEST_P(StoreConformance, TakesTheItemOffAChannelThatACorrectionLeavesOut) {
  published("GG-1");
  auto narrower = correction("GG-1", "只在网站");
  narrower.channels = {"website"};
  const auto outcome = accepted(narrower);
  ASSERT_EQ(ids_of(outcome.deliveries), (Ids{"1-2-website", "1-2-noticeboard"}));
  EXPECT_EQ(outcome.deliveries[0].action(), v1::ACTION_PUBLISH);
  EXPECT_EQ(outcome.deliveries[1].action(), v1::ACTION_WITHDRAW);
  EXPECT_EQ(outcome.receipt.channels_size(), 1);
  write().settle(delivered("1-2-noticeboard")).value();
  const auto last = write().settle(delivered("1-2-website")).value();
  EXPECT_EQ(last.edition_state, v1::EDITION_STATE_PUBLISHED) << "the item is not withdrawn, it only left a channel";
  EXPECT_EQ(ids_of(accepted(correction("GG-1", "又在两处")).deliveries), (Ids{"1-3-website", "1-3-noticeboard"}));
}

}  // namespace
}  // namespace fabu::store
