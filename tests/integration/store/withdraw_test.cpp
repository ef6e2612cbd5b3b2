// Withdrawal: a last edition that takes the item down wherever it is or may be.
#include "integration/store/conformance.h"

namespace fabu::store {
namespace {

TEST_P(StoreConformance, PlansAWithdrawalForEveryChannelThatHasOrMayHaveTheItem) {
  const auto first = accepted(submission("GG-1"));
  write().settle(delivered("1-1-website")).value();
  const auto outcome = write().withdraw(withdrawal(1)).value();
  EXPECT_EQ(outcome.edition.number(), 2u);
  EXPECT_EQ(outcome.edition.kind(), v1::EDITION_KIND_WITHDRAWAL);
  EXPECT_EQ(outcome.edition.reason(), "项目终止，公告撤回");
  EXPECT_EQ(outcome.edition.content(), first.edition.content());
  EXPECT_EQ(outcome.edition.index_no(), first.receipt.index_no());
  ASSERT_EQ(outcome.deliveries.size(), 2u);
  for (const auto& delivery : outcome.deliveries) {
    EXPECT_EQ(delivery.action(), v1::ACTION_WITHDRAW);
    EXPECT_EQ(delivery.state(), v1::DELIVERY_STATE_PENDING);
  }
  ASSERT_EQ(outcome.superseded.size(), 1u);
  EXPECT_EQ(outcome.superseded[0].id(), "1-1-noticeboard");
  EXPECT_EQ(store().item(1).value().state(), v1::EDITION_STATE_PUBLISHING);
  EXPECT_EQ(store().work("1-2-website").value().standing().locator(), receipt_for("1-1-website").locator());
}

TEST_P(StoreConformance, IsWithdrawnOnceEveryChannelTookItDown) {
  published("GG-1");
  accepted(correction("GG-1", "二"));
  write().withdraw(withdrawal(1)).value();
  write().settle(delivered("1-3-website")).value();
  EXPECT_EQ(store().item(1).value().state(), v1::EDITION_STATE_PUBLISHING);
  EXPECT_EQ(write().settle(delivered("1-3-noticeboard")).value().edition_state, v1::EDITION_STATE_WITHDRAWN);
  for (int number = 1; number <= 3; ++number) EXPECT_EQ(edition_state(1, number), v1::EDITION_STATE_WITHDRAWN) << number;
}

TEST_P(StoreConformance, EndsAtOnceWhenNoChannelHasWhatIsWithdrawn) {
  Accept command = submission("GG-1");
  command.held = true;
  accepted(command);
  const auto outcome = write().withdraw(withdrawal(1)).value();
  EXPECT_TRUE(outcome.deliveries.empty());
  EXPECT_EQ(store().item(1).value().state(), v1::EDITION_STATE_WITHDRAWN);
  EXPECT_EQ(edition_state(1, 1), v1::EDITION_STATE_WITHDRAWN) << "nobody is to review it any more";
}

TEST_P(StoreConformance, WithdrawsOnlyOnce) {
  published("GG-1");
  write().withdraw(withdrawal(1)).value();
  const auto size = store().log_head().size;
  auto other = withdrawal(1);
  other.reason = "另一个理由";
  EXPECT_EQ(code_of(write().withdraw(other)), ErrorCode::conflict);
  EXPECT_EQ(store().log_head().size, size);
}

// Whoever lost the answer asks again.
TEST_P(StoreConformance, AnswersTheSameWithdrawalAsItDidThen) {
  published("GG-1");
  const auto first = write().withdraw(withdrawal(1)).value();
  const auto size = store().log_head().size;
  close_and_reopen();
  const auto again = write().withdraw(withdrawal(1)).value();
  EXPECT_EQ(again.edition.number(), first.edition.number());
  EXPECT_EQ(again.edition.digest(), first.edition.digest());
  EXPECT_EQ(again.edition.received_ms(), first.edition.received_ms());
  EXPECT_EQ(again.channels, first.channels);
  EXPECT_EQ(again.state, first.state);
  EXPECT_GT(again.log_index, 0U);
  EXPECT_EQ(again.log_index, first.log_index);
  EXPECT_TRUE(again.deliveries.empty());
  EXPECT_EQ(store().log_head().size, size);
}

TEST_P(StoreConformance, WithdrawsOnlyTheEditionThatTheSenderSaw) {
  published("GG-1");
  accepted(correction("GG-1", "二"));
  EXPECT_EQ(code_of(write().withdraw(withdrawal(1, 1))), ErrorCode::precondition);
  EXPECT_EQ(code_of(write().withdraw(withdrawal(1, 3))), ErrorCode::precondition);
  EXPECT_EQ(write().withdraw(withdrawal(1, 2)).value().edition.number(), 3u);
  EXPECT_EQ(code_of(write().withdraw(withdrawal(7))), ErrorCode::not_found);
}

TEST_P(StoreConformance, WithdrawsFromChannelsOfEveryEdition) {
  Accept first = submission("GG-1");
  first.channels = {kWebsite};
  accepted(first);
  write().settle(delivered("1-1-website")).value();
  Accept second = correction("GG-1", "二");
  second.channels = {kNoticeboard};
  accepted(second);
  write().settle(delivered("1-2-noticeboard")).value();
  EXPECT_EQ(write().withdraw(withdrawal(1)).value().deliveries.size(), 2u);
}

TEST_P(StoreConformance, NamesWhoOrderedTheWithdrawalInTheLogWithThePublicReason) {
  published("GG-1");
  write().withdraw(withdrawal(1)).value();
  const auto records = store().item_records(1).value();
  v1::AuditRecord record;
  ASSERT_TRUE(record.ParseFromString(records.at(4)));
  EXPECT_EQ(record.action(), v1::AUDIT_ACTION_WITHDRAWN);
  EXPECT_EQ(record.actor(), operator_key().actor());
  EXPECT_EQ(record.public_().note(), "项目终止，公告撤回");
}

}  // namespace
}  // namespace fabu::store
