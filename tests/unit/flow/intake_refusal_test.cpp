// What intake refuses and what it leaves on record; what it answers when the store cannot do what it should.
#include <gmock/gmock.h>

#include "broker/flow/intake.h"
#include "unit/flow/mock_store.h"
#include "unit/flow/on_sqlite.h"

namespace fabu::flow {
namespace {

using testing::_;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::IsSupersetOf;
using testing::NiceMock;
using testing::Return;

Error error_of(ErrorCode code) {
  return Error{code, "store", "not now", "again", {}};
}

v1::Item with_attachment(v1::Item item) {
  auto& attachment = *item.add_attachments();
  attachment.set_name("x.pdf");
  attachment.set_media_type("application/pdf");
  attachment.set_size(3);
  attachment.set_sha256(sha256("abc").hex());
  return item;
}

class IntakeRefusalTest : public testing::Test {
 protected:
  IntakeRefusalTest() {
    installation.channels = {"website"};
    ON_CALL(store, attachment_size(_)).WillByDefault(Return(std::optional<std::uint64_t>{}));
    ON_CALL(store, refuse(_, _)).WillByDefault([this](store::Refuse what, const store::Done<std::uint64_t>& done) {
      recorded.push_back(std::move(what));
      done(recorded.size());
    });
  }
  Result<v1::SubmissionReceipt> submit(v1::Item item, bool dry_run = false) {
    return run(intake.submit(key_of("GGJ"), std::move(item), dry_run));
  }

  boost::asio::io_context io;
  boost::asio::thread_pool pool{1};
  NiceMock<MockStore> store;
  FakeTransport transport;
  Installation installation;
  ManualClock clock;
  HeardEvents events;
  std::vector<store::Refuse> recorded;
  Dispatch dispatch{store, transport, flow_catalogue(), installation, clock, events, io.get_executor(), pool};
  Intake intake{store, flow_catalogue(), installation, clock, dispatch, events};
};

TEST_F(IntakeRefusalTest, TellsEveryFaultAtOnceAndRecordsThemAll) {
  auto item = item_of("R-1", "T-NOTHING");
  item.clear_title();
  item.set_formed_date("2026-09-30");
  const auto answer = submit(item);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::invalid);
  EXPECT_THAT(rules(answer.error()), IsSupersetOf({"title: item.title.required", "formed_date: item.formed_date.future"}));
  ASSERT_EQ(recorded.size(), 1U);
  EXPECT_EQ(recorded[0].problems, rules(answer.error()));
  EXPECT_EQ(recorded[0].reference, "R-1");
  EXPECT_EQ(recorded[0].department, "GGJ");
  EXPECT_EQ(recorded[0].time, clock.now());
  EXPECT_THAT(events.outcomes, ElementsAre("refused"));
}

TEST_F(IntakeRefusalTest, RecordsWhoWasRefused) {
  EXPECT_EQ(run(intake.submit(key_of("CZJ"), item_of("R-1"), false)).error().code, ErrorCode::forbidden);
  EXPECT_EQ(run(intake.submit(key_of("GGJ", Scope::read), item_of("R-1"), false)).error().code, ErrorCode::forbidden);
  ASSERT_EQ(recorded.size(), 2U);
  EXPECT_EQ(recorded[0].caller.actor(), "CZJ/k1");
  EXPECT_THAT(recorded[0].problems, ElementsAre("department: item.department.not_yours"));
  EXPECT_THAT(recorded[1].problems, ElementsAre("key: This key may not submit items."));
}

TEST_F(IntakeRefusalTest, RecordsAMissingAttachment) {
  EXPECT_EQ(submit(with_attachment(item_of("R-1"))).error().code, ErrorCode::invalid);
  ASSERT_EQ(recorded.size(), 1U);
  EXPECT_THAT(recorded[0].problems, ElementsAre("attachments[0].sha256: item.attachments.missing"));
}

TEST_F(IntakeRefusalTest, RecordsWhatContradictsTheStore) {
  EXPECT_CALL(store, accept(_, _)).WillOnce([](const store::Accept&, const store::Done<store::Accepted>& done) {
    store::Accepted outcome;
    outcome.kind = store::AcceptKind::nothing_to_correct;
    done(outcome);
  });
  EXPECT_EQ(submit(correction_of(item_of("R-1"), "二")).error().code, ErrorCode::conflict);
  ASSERT_EQ(recorded.size(), 1U);
  EXPECT_THAT(recorded[0].problems, ElementsAre("correction: item.correction.nothing"));
  EXPECT_THAT(events.outcomes, ElementsAre("conflict"));
}

TEST_F(IntakeRefusalTest, RecordsTheWholeReference) {
  std::string reference;
  for (int i = 0; i < 200; ++i) reference += "号";
  auto item = item_of(reference);
  item.clear_title();
  EXPECT_FALSE(submit(item));
  ASSERT_EQ(recorded.size(), 1U);
  EXPECT_EQ(recorded[0].reference, reference);
}

TEST_F(IntakeRefusalTest, RecordsWhatCouldNotBeRead) {
  EXPECT_TRUE(run(intake.refuse_unread(key_of("GGJ"), "body: item.malformed")));
  ASSERT_EQ(recorded.size(), 1U);
  EXPECT_THAT(recorded[0].problems, ElementsAre("body: item.malformed"));
  EXPECT_EQ(recorded[0].department, "GGJ");
}

TEST_F(IntakeRefusalTest, ADryRunLeavesNoRecord) {
  auto item = item_of("R-1");
  item.clear_title();
  EXPECT_FALSE(submit(item, true));
  EXPECT_THAT(recorded, IsEmpty());
  EXPECT_THAT(events.outcomes, ElementsAre("dry_run"));
}

TEST_F(IntakeRefusalTest, AFullStoreIsBusyAndNotARefusal) {
  EXPECT_CALL(store, accept(_, _)).WillOnce([](const store::Accept&, const store::Done<store::Accepted>& done) {
    done(error_of(ErrorCode::busy));
  });
  EXPECT_CALL(store, refuse(_, _)).Times(0);
  EXPECT_EQ(submit(item_of("R-1")).error().code, ErrorCode::busy);
  EXPECT_THAT(events.outcomes, ElementsAre("busy"));
}

TEST_F(IntakeRefusalTest, AStoreThatCannotWriteIsUnavailableAndNotARefusal) {
  EXPECT_CALL(store, accept(_, _)).WillOnce([](const store::Accept&, const store::Done<store::Accepted>& done) {
    done(error_of(ErrorCode::unavailable));
  });
  EXPECT_CALL(store, refuse(_, _)).Times(0);
  EXPECT_EQ(submit(item_of("R-1")).error().code, ErrorCode::unavailable);
  EXPECT_THAT(events.outcomes, ElementsAre("unavailable"));
}

TEST_F(IntakeRefusalTest, AnItemThatMayHaveNoMoreEditionsIsAConflictThatIsRecorded) {
  EXPECT_CALL(store, accept(_, _)).WillOnce([](const store::Accept&, const store::Done<store::Accepted>& done) {
    done(error_of(ErrorCode::conflict));
  });
  EXPECT_EQ(submit(correction_of(item_of("R-1"), "二")).error().code, ErrorCode::conflict);
  EXPECT_EQ(recorded.size(), 1U);
  EXPECT_THAT(events.outcomes, ElementsAre("conflict"));
}

TEST_F(IntakeRefusalTest, ARefusalThatCannotBeRecordedIsNotAnsweredAsOne) {
  EXPECT_CALL(store, refuse(_, _)).WillRepeatedly([](const store::Refuse&, const store::Done<std::uint64_t>& done) {
    done(error_of(ErrorCode::unavailable));
  });
  auto item = item_of("R-1");
  item.clear_title();
  EXPECT_EQ(submit(item).error().code, ErrorCode::unavailable);
  const auto unread = run(intake.refuse_unread(key_of("GGJ"), "body: item.malformed"));
  ASSERT_FALSE(unread);
  EXPECT_EQ(unread.error().code, ErrorCode::unavailable);
}

TEST_F(IntakeRefusalTest, AFailureToReadIsTheServersAndNotARefusal) {
  EXPECT_CALL(store, attachment_size(_)).WillRepeatedly(Return(Result<std::optional<std::uint64_t>>(error_of(ErrorCode::io))));
  EXPECT_CALL(store, refuse(_, _)).Times(0);
  EXPECT_EQ(submit(with_attachment(item_of("R-1"))).error().code, ErrorCode::io);
  EXPECT_THAT(events.outcomes, ElementsAre("unavailable"));
}

}  // namespace
}  // namespace fabu::flow
