#include "broker/flow/settlement.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <future>

#include "unit/flow/fakes.h"
#include "unit/flow/mock_store.h"

namespace fabu::flow {
namespace {

using testing::_;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::NiceMock;

v1::Report delivered(const std::string& id) {
  v1::Report report;
  report.set_delivery_id(id);
  report.mutable_delivered()->set_locator("there");
  return report;
}
v1::Report failed(const std::string& id, const std::string& code) {
  v1::Report report;
  report.set_delivery_id(id);
  report.mutable_setback()->mutable_failure()->set_code(code);
  return report;
}

class SettlementTest : public testing::Test {
 protected:
  SettlementTest() {
    ON_CALL(store, settle(_, _)).WillByDefault([this](store::Settle what, store::Done<store::Settled> done) {
      asked = std::move(what);
      answer = std::move(done);
    });
    ON_CALL(store, open_deliveries(_)).WillByDefault([this](const store::OpenQuery&) -> Result<store::OpenBatch> {
      ++scans;
      return store::OpenBatch{};
    });
    dispatch.start();
    EXPECT_TRUE(runs_until(io, [this] { return scans == 1; }));
    settle();
    scans = 0;
  }
  ~SettlementTest() override {
    dispatch.stop();
    io.run_for(std::chrono::seconds(10));  // until the feeder has ended
    pool.join();
  }
  void settle() { flow::settle(io); }
  void report(v1::Report what) {
    settlement.report(std::move(what), [this](transport::Heard heard) { told.push_back(heard); });
  }
  // The store's answer: the delivery in this state, due now.
  void stored(v1::DeliveryState state) {
    store::Settled settled;
    settled.delivery.set_id(asked.report.delivery_id());
    settled.delivery.set_channel("web-site");
    settled.delivery.set_state(state);
    settled.delivery.set_due_ms(to_ms(clock.now()));
    answer(std::move(settled));
  }

  boost::asio::io_context io;
  boost::asio::thread_pool pool{1};
  NiceMock<MockStore> store;
  FakeTransport transport;
  domain::Catalogue catalogue;
  Installation installation{{}, {"web-site"}};
  ManualClock clock;
  HeardEvents events;
  Dispatch dispatch{store, transport, catalogue, installation, clock, events, io.get_executor(), pool};
  Settlement settlement{store, dispatch, clock, events};
  store::Settle asked;
  store::Done<store::Settled> answer;
  std::vector<transport::Heard> told;
  std::atomic<int> scans = 0;
};

TEST_F(SettlementTest, TheWorkerIsToldOnceTheReceiptIsStored) {
  report(delivered("7-1-web-site"));
  EXPECT_EQ(asked.actor, "web-site");
  EXPECT_EQ(asked.time, clock.now());
  EXPECT_THAT(told, IsEmpty());
  stored(v1::DELIVERY_STATE_DELIVERED);
  EXPECT_THAT(told, ElementsAre(transport::Heard::stored));
  EXPECT_THAT(events.deliveries, ElementsAre("7-1-web-site"));
  settle();
  EXPECT_EQ(scans, 0) << "nothing is due again";
}

TEST_F(SettlementTest, AnObservationIsNoDelivery) {
  v1::Report seen;
  seen.set_delivery_id("7-1-web-site");
  seen.mutable_observation()->set_state(v1::OBSERVATION_STATE_PRESENT);
  report(seen);
  stored(v1::DELIVERY_STATE_DELIVERED);
  EXPECT_THAT(told, ElementsAre(transport::Heard::stored));
  EXPECT_THAT(events.deliveries, IsEmpty());
}

TEST_F(SettlementTest, ASetbackIsToldAndComesAgainWhenItIsDue) {
  report(failed("7-1-web-site", "http.500"));
  stored(v1::DELIVERY_STATE_RETRYING);
  EXPECT_THAT(told, ElementsAre(transport::Heard::stored));
  EXPECT_THAT(events.setbacks, ElementsAre("7-1-web-site http.500"));
  EXPECT_TRUE(runs_until(io, [this] { return scans == 1; }));
}

TEST_F(SettlementTest, ADeadDeliveryDoesNotComeAgain) {
  report(failed("7-1-web-site", "http.400"));
  stored(v1::DELIVERY_STATE_DEAD);
  settle();
  EXPECT_EQ(scans, 0);
  EXPECT_THAT(events.setbacks, ElementsAre("7-1-web-site http.400"));
}

TEST_F(SettlementTest, ProgressIsStoredAndNothingElseHappens) {
  v1::Report notes;
  notes.set_delivery_id("7-1-web-site");
  notes.set_progress("step 1");
  report(notes);
  stored(v1::DELIVERY_STATE_PENDING);
  EXPECT_THAT(told, ElementsAre(transport::Heard::stored));
  settle();
  EXPECT_EQ(scans, 0);
  EXPECT_THAT(events.setbacks, IsEmpty());
}

TEST_F(SettlementTest, WhatContradictsTheStoreIsRefused) {
  report(delivered("7-1-web-site"));
  answer(Error{ErrorCode::conflict, "delivery", "another receipt", "", {}});
  EXPECT_THAT(told, ElementsAre(transport::Heard::refused));
}

TEST_F(SettlementTest, WhatCouldNotBeStoredMayBeReportedAgainAndIsLookedForSoon) {
  report(delivered("7-1-web-site"));
  answer(Error{ErrorCode::unavailable, "store", "disk full", "", {}});
  EXPECT_THAT(told, ElementsAre(transport::Heard::again));
  EXPECT_THAT(events.failures, ElementsAre("settle 7-1-web-site: disk full"));
  settle();
  EXPECT_EQ(scans, 0);
  clock.advance(Millis{1000});
  dispatch.room("web-site");  // in place of the timer
  EXPECT_TRUE(runs_until(io, [this] { return scans == 1; }));
}

TEST_F(SettlementTest, WhatWasGivenBackIsNotStoredAndComesAgainSoon) {
  EXPECT_CALL(store, settle(_, _)).Times(0);
  v1::Report back;
  back.set_delivery_id("7-1-web-site");
  back.set_returned(true);
  report(back);
  EXPECT_THAT(told, ElementsAre(transport::Heard::stored));
  clock.advance(Millis{1000});
  dispatch.room("web-site");
  EXPECT_TRUE(runs_until(io, [this] { return scans == 1; }));
}

// A scan reads the delivery as due; before it offers, the worker reports a failure that puts the next try an hour off.
TEST_F(SettlementTest, AScanThatReadBeforeTheSetbackDoesNotTryAgainBeforeItIsDue) {
  std::promise<void> reading, go_on;
  EXPECT_CALL(store, open_deliveries(_)).WillOnce([&](const store::OpenQuery&) -> Result<store::OpenBatch> {
    reading.set_value();
    go_on.get_future().wait();
    store::OpenBatch batch;
    auto& work = batch.works.emplace_back();
    work.mutable_delivery()->set_id("7-1-web-site");
    work.mutable_delivery()->set_channel("web-site");
    return batch;
  });
  dispatch.due("web-site", clock.now());
  io.run_for(std::chrono::milliseconds(5));
  io.restart();
  reading.get_future().wait();
  report(failed("7-1-web-site", "http.500"));
  store::Settled settled;
  settled.delivery.set_id("7-1-web-site");
  settled.delivery.set_channel("web-site");
  settled.delivery.set_state(v1::DELIVERY_STATE_RETRYING);
  settled.delivery.set_due_ms(to_ms(clock.now()) + 3'600'000);
  answer(std::move(settled));
  go_on.set_value();
  settle();
  EXPECT_THAT(transport.taken, IsEmpty());
}

}  // namespace
}  // namespace fabu::flow
