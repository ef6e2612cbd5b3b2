// Settlement: what a worker reports of a delivery, and what becomes of its edition.
#include "integration/store/conformance.h"

namespace fabu::store {
namespace {

TEST_P(StoreConformance, KeepsTheReceiptOfWhatWasDelivered) {
  accepted(submission("GG-1"));
  const auto settled = write().settle(delivered("1-1-website", at(10))).value();
  EXPECT_EQ(settled.delivery.state(), v1::DELIVERY_STATE_DELIVERED);
  EXPECT_EQ(settled.edition_state, v1::EDITION_STATE_PUBLISHING) << "the notice board is still to come";
  const auto stored = store().delivery("1-1-website").value();
  EXPECT_EQ(stored.receipt().SerializeAsString(), receipt_for("1-1-website").SerializeAsString());
  EXPECT_EQ(stored.settled_ms(), to_ms(at(10)));
  EXPECT_EQ(store().channel_counts(kWebsite).value().open, 0u);
}

TEST_P(StoreConformance, PublishesTheEditionWithItsLastDelivery) {
  accepted(submission("GG-1"));
  write().settle(delivered("1-1-website")).value();
  EXPECT_EQ(write().settle(delivered("1-1-noticeboard")).value().edition_state, v1::EDITION_STATE_PUBLISHED);
  EXPECT_EQ(store().item(1).value().state(), v1::EDITION_STATE_PUBLISHED);
}

TEST_P(StoreConformance, AnswersARepeatedReportAsDoneAndRecordsItOnce) {
  accepted(submission("GG-1"));
  write().settle(delivered("1-1-website", at(10))).value();
  const auto size = store().log_head().size;
  const auto again = write().settle(delivered("1-1-website", at(99))).value();
  EXPECT_EQ(again.delivery.state(), v1::DELIVERY_STATE_DELIVERED);
  EXPECT_EQ(again.delivery.settled_ms(), to_ms(at(10)));
  EXPECT_EQ(store().log_head().size, size);
}

TEST_P(StoreConformance, RefusesASecondReceiptThatContradictsTheFirst) {
  accepted(submission("GG-1"));
  write().settle(delivered("1-1-website")).value();
  const auto size = store().log_head().size;
  EXPECT_EQ(code_of(write().settle(delivered_at("1-1-website", "https://elsewhere.example/"))), ErrorCode::conflict);
  EXPECT_EQ(store().delivery("1-1-website").value().receipt().locator(), receipt_for("1-1-website").locator());
  EXPECT_EQ(store().log_head().size, size);
}

TEST_P(StoreConformance, KeepsWhyATryFailedAndWhenTheNextIsDue) {
  accepted(submission("GG-1"));
  const auto settled = write().settle(set_back("1-1-website", v1::DELIVERY_STATE_RETRYING, at(300), "http.503", 2)).value();
  EXPECT_EQ(settled.delivery.state(), v1::DELIVERY_STATE_RETRYING);
  const auto stored = store().delivery("1-1-website").value();
  EXPECT_EQ(stored.due_ms(), to_ms(at(300)));
  EXPECT_EQ(stored.attempts(), 2u);
  EXPECT_EQ(stored.last_failure().code(), "http.503");
  EXPECT_EQ(stored.last_failure().message(), "the channel answered http.503");
  EXPECT_EQ(stored.settled_ms(), 0);
  EXPECT_EQ(store().channel_counts(kWebsite).value().open, 1u);
}

TEST_P(StoreConformance, KeepsAPendingDeliveryPendingWhenTheChannelWasAtFault) {
  accepted(submission("GG-1"));
  write().settle(set_back("1-1-website", v1::DELIVERY_STATE_PENDING, at(40), "channel.unavailable", 0)).value();
  EXPECT_EQ(state_of("1-1-website"), v1::DELIVERY_STATE_PENDING);
  EXPECT_TRUE(store().delivery_groups().value().empty());
}

TEST_P(StoreConformance, CountsADeadDeliveryAndHoldsItsEditionInPublishing) {
  accepted(submission("GG-1"));
  write().settle(dead("1-1-website")).value();
  const auto counts = store().channel_counts(kWebsite).value();
  EXPECT_EQ(counts.open, 0u);
  EXPECT_EQ(counts.dead, 1u);
  EXPECT_EQ(store().delivery("1-1-website").value().settled_ms(), to_ms(at(10)));
  EXPECT_EQ(write().settle(delivered("1-1-noticeboard")).value().edition_state, v1::EDITION_STATE_PUBLISHING);
}

TEST_P(StoreConformance, KeepsAnAdaptersNotesForTheNextTry) {
  accepted(submission("GG-1"));
  const std::string notes("step 1\0media 7", 14);
  EXPECT_TRUE(write().settle(progress("1-1-website", notes)).value().delivery.progress().empty()) << "they are not sent back";
  write().settle(set_back("1-1-website", v1::DELIVERY_STATE_RETRYING, at(20))).value();
  close_and_reopen();
  EXPECT_EQ(store().work("1-1-website").value().delivery().progress(), notes);
  EXPECT_TRUE(store().item(1).value().deliveries(0).progress().empty()) << "they are the adapter's, not the reader's";
}

TEST_P(StoreConformance, BoundsAnAdaptersNotes) {
  accepted(submission("GG-1"));
  EXPECT_TRUE(write().settle(progress("1-1-website", std::string(65'536, 'x'))).has_value());
  EXPECT_EQ(code_of(write().settle(progress("1-1-website", std::string(65'537, 'x')))), ErrorCode::too_large);
}

TEST_P(StoreConformance, TakesNoNotesOnWhatIsSettled) {
  accepted(submission("GG-1"));
  write().settle(delivered("1-1-website")).value();
  write().settle(dead("1-1-noticeboard")).value();
  EXPECT_EQ(code_of(write().settle(progress("1-1-website", "late"))), ErrorCode::conflict);
  EXPECT_EQ(code_of(write().settle(progress("1-1-noticeboard", "late"))), ErrorCode::conflict);
}

TEST_P(StoreConformance, ChangesNothingOnASetbackOfWhatIsNotOpen) {
  accepted(submission("GG-1"));
  write().settle(delivered("1-1-website")).value();
  accepted(correction("GG-1", "二"));
  const auto size = store().log_head().size;
  for (const std::string id : {"1-1-website", "1-1-noticeboard"}) {
    const auto before = state_of(id);
    EXPECT_EQ(write().settle(set_back(id, v1::DELIVERY_STATE_RETRYING, at(300))).value().delivery.state(), before) << id;
    EXPECT_EQ(write().settle(dead(id)).value().delivery.state(), before) << id;
  }
  EXPECT_EQ(store().log_head().size, size);
}

TEST_P(StoreConformance, RecordsASuccessThatComesAfterTheDeliveryGaveWay) {
  accepted(submission("GG-1"));
  accepted(correction("GG-1", "二"));
  const auto late = write().settle(delivered("1-1-website")).value();
  EXPECT_EQ(late.delivery.state(), v1::DELIVERY_STATE_DELIVERED);
  EXPECT_EQ(acts(1).back(), v1::AUDIT_ACTION_DELIVERED);
  EXPECT_EQ(store().work("1-2-website").value().standing().locator(), receipt_for("1-1-website").locator());
  EXPECT_EQ(edition_state(1, 1), v1::EDITION_STATE_PUBLISHING) << "it is not published: the correction takes its place";
}

TEST_P(StoreConformance, RecordsASuccessThatComesAfterTheDeliveryWasGivenUp) {
  accepted(submission("GG-1"));
  write().settle(delivered("1-1-noticeboard")).value();
  write().settle(dead("1-1-website")).value();
  EXPECT_EQ(write().settle(delivered("1-1-website")).value().edition_state, v1::EDITION_STATE_PUBLISHED);
  EXPECT_EQ(store().channel_counts(kWebsite).value().dead, 0u);
}

// The catalogue took the notice board away before the correction, so its dead delivery did not give way.
TEST_P(StoreConformance, ALateSuccessDoesNotBringASupersededEditionBack) {
  accepted(submission("GG-1"));
  write().settle(delivered("1-1-website")).value();
  write().settle(dead("1-1-noticeboard")).value();
  Accept second = correction("GG-1", "二");
  second.channels = {kWebsite};
  accepted(second);
  write().settle(delivered("1-2-website")).value();
  write().settle(delivered("1-2-noticeboard")).value();  // taken off: the correction leaves it out
  ASSERT_EQ(edition_state(1, 1), v1::EDITION_STATE_SUPERSEDED);
  write().settle(delivered("1-1-noticeboard")).value();
  EXPECT_EQ(edition_state(1, 1), v1::EDITION_STATE_SUPERSEDED);
  EXPECT_EQ(store().item(1).value().state(), v1::EDITION_STATE_PUBLISHED);
}

TEST_P(StoreConformance, RecordsWhatAnObservationFound) {
  published("GG-1");
  write().settle(observed("1-1-website", v1::OBSERVATION_STATE_CHANGED)).value();
  EXPECT_EQ(state_of("1-1-website"), v1::DELIVERY_STATE_DELIVERED);
  v1::AuditRecord record;
  ASSERT_TRUE(record.ParseFromString(store().item_records(1).value().back()));
  EXPECT_EQ(record.action(), v1::AUDIT_ACTION_OBSERVED);
  EXPECT_EQ(record.public_().observation(), v1::OBSERVATION_STATE_CHANGED);
  EXPECT_EQ(record.public_().observed_digest(), sha256("what was read").raw());
}

// The log would contradict itself: fabu audit verify refuses a bundle with such a record.
TEST_P(StoreConformance, RefusesAnObservationOfWhatWasNeverDelivered) {
  accepted(submission("GG-1"));
  const auto size = store().log_head().size;
  EXPECT_EQ(code_of(write().settle(observed("1-1-website"))), ErrorCode::conflict);
  EXPECT_EQ(store().log_head().size, size);
}

TEST_P(StoreConformance, StoresNothingOfADeliveryThatWasGivenBack) {
  accepted(submission("GG-1"));
  const auto size = store().log_head().size;
  Settle returned = progress("1-1-website", "");
  returned.report.set_returned(true);
  EXPECT_EQ(write().settle(returned).value().delivery.state(), v1::DELIVERY_STATE_PENDING);
  EXPECT_EQ(store().log_head().size, size);
}

TEST_P(StoreConformance, RefusesAReportOnWhatItDoesNotKnow) {
  accepted(submission("GG-1"));
  for (const std::string id : {"2-1-website", "1-2-website", "1-1-kiosk", "website", "", "-1-1-website", "1-1-",
                               "99999999999999999999-1-website", "1-70000-website"}) {
    EXPECT_EQ(code_of(write().settle(delivered(id))), ErrorCode::not_found) << id;
    EXPECT_EQ(code_of(store().delivery(id)), ErrorCode::not_found) << id;
    EXPECT_EQ(code_of(store().work(id)), ErrorCode::not_found) << id;
  }
}

}  // namespace
}  // namespace fabu::store
