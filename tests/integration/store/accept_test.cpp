// Acceptance: what is stored, what the receipt says, and what is answered when the reference is known already.
#include "integration/store/conformance.h"

namespace fabu::store {
namespace {

TEST_P(StoreConformance, StoresANewItemWithItsDeliveriesAndSaysSoInTheReceipt) {
  const Accept command = submission("GG-1");
  const auto outcome = accepted(command);
  EXPECT_EQ(outcome.newest_edition, 1u);
  EXPECT_TRUE(outcome.superseded.empty());

  const auto& receipt = outcome.receipt;
  EXPECT_EQ(receipt.item_id(), 1u);
  EXPECT_EQ(receipt.index_no(), std::string(kPrefix) + "00001");
  EXPECT_EQ(receipt.edition(), 1u);
  EXPECT_EQ(receipt.edition_digest(), command.digest.hex());
  EXPECT_EQ(receipt.log_index(), 0u);
  EXPECT_EQ(receipt.accepted_ms(), to_ms(at()));
  EXPECT_EQ(receipt.department(), "GGJ");
  EXPECT_EQ(receipt.reference(), "GG-1");
  ASSERT_EQ(receipt.channels_size(), 2);
  EXPECT_EQ(receipt.channels(0), kWebsite);
  EXPECT_EQ(receipt.state(), v1::EDITION_STATE_PUBLISHING);

  const auto view = store().item(1).value();
  EXPECT_EQ(view.catalogue_entry(), command.entry);
  EXPECT_EQ(view.title(), command.title);
  EXPECT_EQ(view.state(), v1::EDITION_STATE_PUBLISHING);
  ASSERT_EQ(view.editions_size(), 1);
  EXPECT_EQ(view.editions(0).edition().SerializeAsString(), outcome.edition.SerializeAsString());
  EXPECT_EQ(outcome.edition.kind(), v1::EDITION_KIND_ORIGINAL);
  EXPECT_EQ(outcome.edition.content(), command.content);
  EXPECT_EQ(outcome.edition.index_no(), receipt.index_no());
  EXPECT_EQ(acts(1), (std::vector<v1::AuditAction>{v1::AUDIT_ACTION_RECEIVED, v1::AUDIT_ACTION_PLANNED}));
}

TEST_P(StoreConformance, PlansOneDeliveryForEachChannelInTheOrderGiven) {
  Accept command = submission("GG-1");
  command.channels = {kNoticeboard, kWebsite, "kiosk"};
  command.skipped = {"wechat"};
  const auto outcome = accepted(command);
  ASSERT_EQ(outcome.deliveries.size(), 3u);
  EXPECT_EQ(outcome.deliveries[0].id(), "1-1-noticeboard");
  EXPECT_EQ(outcome.deliveries[2].id(), "1-1-kiosk");
  const auto stored = store().delivery("1-1-noticeboard").value();
  EXPECT_EQ(stored.SerializeAsString(), outcome.deliveries[0].SerializeAsString());
  EXPECT_EQ(stored.state(), v1::DELIVERY_STATE_PENDING);
  EXPECT_EQ(stored.action(), v1::ACTION_PUBLISH);
  EXPECT_EQ(stored.due_ms(), to_ms(at()));
  EXPECT_EQ(stored.planned_ms(), to_ms(at()));
  EXPECT_EQ(stored.attempts(), 0u);
  v1::AuditRecord planned;
  ASSERT_TRUE(planned.ParseFromString(store().item_records(1).value()[1]));
  EXPECT_EQ(planned.public_().channels_size(), 3);
  EXPECT_EQ(planned.public_().skipped(0), "wechat");
}

TEST_P(StoreConformance, AnswersTheSameContentWithTheSameReceiptForEver) {
  const Accept command = submission("GG-1");
  const auto first = accepted(command);
  const auto again = [&] {
    auto outcome = write().accept(command).value();
    EXPECT_EQ(outcome.kind, AcceptKind::repeated);
    return outcome.receipt.SerializeAsString();
  };
  const auto receipt = first.receipt.SerializeAsString();
  EXPECT_EQ(again(), receipt);
  for (const auto& delivery : first.deliveries) write().settle(delivered(delivery.id())).value();
  EXPECT_EQ(again(), receipt) << "after it was published";
  accepted(correction("GG-1", "第二版"));
  EXPECT_EQ(again(), receipt) << "after it was corrected";
  write().withdraw(withdrawal(1)).value();
  EXPECT_EQ(again(), receipt) << "after it was withdrawn";
  close_and_reopen();
  EXPECT_EQ(again(), receipt) << "after the store was opened again";
}

TEST_P(StoreConformance, StoresNothingOfWhatIsRepeated) {
  accepted(submission("GG-1"));
  const auto size = store().log_head().size;
  EXPECT_EQ(write().accept(submission("GG-1", at(500))).value().kind, AcceptKind::repeated);
  EXPECT_EQ(store().log_head().size, size);
  EXPECT_EQ(all_items(store()).size(), 1u);
}

TEST_P(StoreConformance, ShowsWhatStandsWhenOtherContentComesUnderTheReference) {
  const Accept first = submission("GG-1");
  accepted(first);
  const auto size = store().log_head().size;
  const auto outcome = write().accept(submission("GG-1", at(5), "别的内容")).value();
  EXPECT_EQ(outcome.kind, AcceptKind::differs);
  EXPECT_EQ(outcome.standing, first.content);
  EXPECT_EQ(outcome.newest_edition, 1u);
  EXPECT_EQ(store().log_head().size, size);
}

TEST_P(StoreConformance, KeepsTheSameReferenceOfTwoDepartmentsApart) {
  accepted(submission("GG-1"));
  Accept other = submission("GG-1");
  other.department = "ZFBZ";
  EXPECT_EQ(accepted(other).receipt.item_id(), 2u);
  EXPECT_EQ(store().find_item("GGJ", "GG-1").value(), 1u);
  EXPECT_EQ(store().find_item("ZFBZ", "GG-1").value(), 2u);
  EXPECT_EQ(store().find_item("ZFBZ", "GG-2").value(), std::nullopt);
}

TEST_P(StoreConformance, RefusesACorrectionOfWhatIsNotThere) {
  EXPECT_EQ(write().accept(correction("GG-1", "更正")).value().kind, AcceptKind::nothing_to_correct);
  EXPECT_EQ(store().log_head().size, 0u);
  EXPECT_TRUE(all_items(store()).empty());
}

TEST_P(StoreConformance, PlansNothingForWhatAReviewerMustSee) {
  Accept command = submission("GG-1");
  command.held = true;
  const auto outcome = accepted(command);
  EXPECT_TRUE(outcome.deliveries.empty());
  EXPECT_EQ(outcome.receipt.state(), v1::EDITION_STATE_HELD);
  EXPECT_EQ(outcome.receipt.channels_size(), 2) << "the receipt names where it is to go";
  EXPECT_EQ(store().item(1).value().state(), v1::EDITION_STATE_HELD);
  EXPECT_EQ(acts(1), (std::vector<v1::AuditAction>{v1::AUDIT_ACTION_RECEIVED, v1::AUDIT_ACTION_HELD}));
  EXPECT_EQ(write().accept(command).value().receipt.SerializeAsString(), outcome.receipt.SerializeAsString());
}

TEST_P(StoreConformance, ApprovesAtOnceWhatHasNoChannel) {
  Accept command = submission("GG-1");
  command.channels.clear();
  command.skipped = {kWebsite};
  const auto outcome = accepted(command);
  EXPECT_TRUE(outcome.deliveries.empty());
  EXPECT_EQ(outcome.receipt.state(), v1::EDITION_STATE_APPROVED);
  EXPECT_EQ(outcome.receipt.channels_size(), 0);
  EXPECT_EQ(write().accept(command).value().receipt.SerializeAsString(), outcome.receipt.SerializeAsString());
}

TEST_P(StoreConformance, KeepsContentByteForByte) {
  Accept command = submission("GG-1");
  command.content.clear();
  for (int i = 0; i < 1 << 20; ++i) command.content.push_back(static_cast<char>(i * 31 + i / 256));
  command.digest = sha256(command.content);
  accepted(command);
  close_and_reopen();
  EXPECT_TRUE(store().item(1).value().editions(0).edition().content() == command.content);
  EXPECT_TRUE(store().work("1-1-website").value().edition().content() == command.content);
}

TEST_P(StoreConformance, ReadsNamesAsBytesAndNotAsQuestions) {
  Accept odd = submission("GG-'1'; DROP TABLE item; --%_*");
  odd.title = "标题 \"'%_ 😀";
  accepted(odd);
  accepted(submission("GG-1"));
  EXPECT_EQ(store().find_item("GGJ", odd.reference).value(), 1u);
  EXPECT_EQ(store().find_item("GGJ", "GG-%").value(), std::nullopt);
  EXPECT_EQ(store().find_item("ggj", "GG-1").value(), std::nullopt) << "case counts";
  EXPECT_EQ(store().item(1).value().title(), odd.title);
}

TEST_P(StoreConformance, KeepsOfARefusalNothingButItsRecord) {
  const Refuse refused{department(), "GGJ", "GG-1", {"title: item.title.required"}, at()};
  EXPECT_EQ(write().refuse(refused).value(), 0u);
  EXPECT_EQ(store().find_item("GGJ", "GG-1").value(), std::nullopt);
  v1::AuditRecord record;
  ASSERT_TRUE(record.ParseFromString(store().log_entries(0, 1).value().at(0)));
  EXPECT_EQ(record.action(), v1::AUDIT_ACTION_REFUSED);
  EXPECT_EQ(record.item_id(), 0u);
  EXPECT_TRUE(record.has_commitment()) << "what was never published is not in the clear";
  EXPECT_EQ(accepted(submission("GG-1")).receipt.item_id(), 1u);
}

TEST_P(StoreConformance, SaysThatAnUnknownItemIsNotFound) {
  EXPECT_EQ(code_of(store().item(1)), ErrorCode::not_found);
  EXPECT_TRUE(store().item_records(1).value().empty());
  EXPECT_TRUE(store().openings(1).value().empty());
}

}  // namespace
}  // namespace fabu::store
