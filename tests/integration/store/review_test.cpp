// Review: a decision is bound to the bytes that the reviewer saw.
#include "integration/store/conformance.h"

namespace fabu::store {
namespace {

Accept held(Accept command) {
  command.held = true;
  return command;
}

TEST_P(StoreConformance, PlansDeliveriesOnceAReviewerApproved) {
  const auto outcome = accepted(held(submission("GG-1")));
  const auto reviewed = write().review(decision(outcome.edition, true, "同意")).value();
  EXPECT_EQ(reviewed.edition.SerializeAsString(), outcome.edition.SerializeAsString());
  EXPECT_EQ(reviewed.deliveries.size(), 2u);
  EXPECT_EQ(store().item(1).value().state(), v1::EDITION_STATE_PUBLISHING);
  EXPECT_EQ(acts(1), (std::vector<v1::AuditAction>{v1::AUDIT_ACTION_RECEIVED, v1::AUDIT_ACTION_HELD, v1::AUDIT_ACTION_APPROVED,
                                                   v1::AUDIT_ACTION_PLANNED}));
}

TEST_P(StoreConformance, PlansNothingWhenTheReviewerRejected) {
  const auto outcome = accepted(held(submission("GG-1")));
  EXPECT_TRUE(write().review(decision(outcome.edition, false, "含个人信息")).value().deliveries.empty());
  EXPECT_EQ(store().item(1).value().state(), v1::EDITION_STATE_REJECTED);
  EXPECT_EQ(code_of(write().review(decision(outcome.edition, true))), ErrorCode::conflict) << "a decision stands";
}

TEST_P(StoreConformance, CommitsToTheRemarksWithoutShowingThem) {
  const auto outcome = accepted(held(submission("GG-1")));
  write().review(decision(outcome.edition, false, "含个人信息")).value();
  for (const auto& entry : store().log_entries(0, 100).value()) EXPECT_EQ(entry.find("含个人信息"), std::string::npos);
  const auto openings = store().openings(1).value();
  ASSERT_EQ(openings.size(), 2u) << "of the hold and of the decision";
  v1::AuditDetail detail;
  ASSERT_TRUE(detail.ParseFromString(openings[1].detail()));
  EXPECT_EQ(detail.note(), "含个人信息");
  EXPECT_EQ(openings[1].salt().size(), 32u);
  EXPECT_NE(openings[0].salt(), openings[1].salt());
}

TEST_P(StoreConformance, RefusesADecisionOnOtherBytesThanTheNewest) {
  const auto first = accepted(held(submission("GG-1")));
  accepted(held(correction("GG-1", "二")));
  const auto size = store().log_head().size;
  EXPECT_EQ(code_of(write().review(decision(first.edition, true))), ErrorCode::precondition);
  EXPECT_EQ(store().log_head().size, size);
  EXPECT_EQ(store().item(1).value().state(), v1::EDITION_STATE_HELD);
}

TEST_P(StoreConformance, RefusesADecisionOnWhatDoesNotWait) {
  const auto outcome = accepted(submission("GG-1"));
  EXPECT_EQ(code_of(write().review(decision(outcome.edition, true))), ErrorCode::conflict);
  v1::Edition unknown = outcome.edition;
  unknown.set_item_id(9);
  EXPECT_EQ(code_of(write().review(decision(unknown, true))), ErrorCode::not_found);
}

TEST_P(StoreConformance, RefusesADecisionOnWhatWasWithdrawnMeanwhile) {
  const auto outcome = accepted(held(submission("GG-1")));
  write().withdraw(withdrawal(1)).value();
  EXPECT_EQ(code_of(write().review(decision(outcome.edition, true))), ErrorCode::conflict);
}

TEST_P(StoreConformance, ReplacesWhatWaitsOnceTheHeldCorrectionIsApproved) {
  accepted(submission("GG-1"));
  write().settle(delivered("1-1-website")).value();
  const auto second = accepted(held(correction("GG-1", "二")));
  EXPECT_EQ(state_of("1-1-noticeboard"), v1::DELIVERY_STATE_PENDING);
  write().review(decision(second.edition, true)).value();
  EXPECT_EQ(state_of("1-1-noticeboard"), v1::DELIVERY_STATE_SUPERSEDED);
  EXPECT_EQ(state_of("1-2-noticeboard"), v1::DELIVERY_STATE_PENDING);
}

TEST_P(StoreConformance, ApprovesWhatHasNoChannelWithoutAPlan) {
  const auto outcome = accepted(held(submission("GG-1")));
  Review approval = decision(outcome.edition, true);
  approval.channels.clear();
  EXPECT_TRUE(write().review(approval).value().deliveries.empty());
  EXPECT_EQ(store().item(1).value().state(), v1::EDITION_STATE_APPROVED);
}

}  // namespace
}  // namespace fabu::store
