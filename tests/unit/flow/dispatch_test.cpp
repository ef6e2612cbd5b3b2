#include "broker/flow/dispatch.h"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <future>
#include <stdexcept>

#include "unit/flow/fakes.h"
#include "unit/flow/mock_store.h"

namespace fabu::flow {
namespace {

namespace asio = boost::asio;
using testing::_;
using testing::Return;

v1::Delivery delivery(std::uint64_t item, std::uint32_t edition = 1) {
  v1::Delivery d;
  d.set_id(std::to_string(item) + "-" + std::to_string(edition) + "-web");
  d.set_item_id(item);
  d.set_edition(edition);
  d.set_channel("web");
  return d;
}

v1::Edition edition(std::uint64_t item, std::uint32_t number = 1) {
  v1::Edition e;
  e.set_item_id(item);
  e.set_number(number);
  return e;
}

store::OpenBatch batch(std::initializer_list<std::uint64_t> items, std::string cursor = {}) {
  store::OpenBatch b;
  for (auto item : items) {
    v1::Work work;
    *work.mutable_delivery() = delivery(item);
    *work.mutable_edition() = edition(item);
    b.works.push_back(work);
  }
  b.cursor = std::move(cursor);
  return b;
}

class DispatchTest : public testing::Test {
 protected:
  DispatchTest() { installation.channels = {"web"}; }

  // What the store's thread and the submission do after a commit.
  static void commit(Dispatch& dispatch, std::uint64_t item) {
    dispatch.expect(edition(item), {delivery(item)});
    dispatch.planned(edition(item), {delivery(item)}, {});
  }
  void settle() { flow::settle(io); }

  asio::io_context io;
  asio::thread_pool reads{1};
  testing::NiceMock<MockStore> store;
  FakeTransport transport;
  domain::Catalogue catalogue;
  Installation installation;
  ManualClock clock;
  HeardEvents events;
};

// A read of the store that the test holds.
struct HeldRead {
  std::promise<void> reading, go_on;
  Result<store::OpenBatch> operator()(store::OpenBatch batch) {
    reading.set_value();
    go_on.get_future().wait();
    return batch;
  }
};

TEST_F(DispatchTest, OffersAtStartWhatTheStoreHasOpenAndAsksToLookFirst) {
  EXPECT_CALL(store, open_deliveries(_)).WillOnce(Return(batch({1, 2}, "more"))).WillOnce(Return(batch({3})));
  Dispatch dispatch(store, transport, catalogue, installation, clock, events, io.get_executor(), reads);
  dispatch.start();
  settle();
  ASSERT_EQ(transport.taken.size(), 3U);
  EXPECT_TRUE(transport.taken[0].look_first());
  dispatch.stop();
  settle();
}

TEST_F(DispatchTest, OffersAFreshDeliveryStraightWithoutAnotherRead) {
  EXPECT_CALL(store, open_deliveries(_)).WillOnce(Return(batch({})));
  Dispatch dispatch(store, transport, catalogue, installation, clock, events, io.get_executor(), reads);
  dispatch.start();
  settle();
  commit(dispatch, 7);
  settle();
  ASSERT_EQ(transport.taken.size(), 1U);
  EXPECT_FALSE(transport.taken[0].look_first());
  dispatch.stop();
  settle();
}

TEST_F(DispatchTest, ReadsAgainAfterTheQueueWasFullAndHasRoom) {
  transport.room = 1;
  EXPECT_CALL(store, open_deliveries(_)).WillOnce(Return(batch({}))).WillOnce(Return(batch({8})));
  Dispatch dispatch(store, transport, catalogue, installation, clock, events, io.get_executor(), reads);
  dispatch.start();
  settle();
  commit(dispatch, 7);
  commit(dispatch, 8);
  settle();
  EXPECT_EQ(transport.taken.size(), 1U);
  transport.room = 5;
  dispatch.room("web");
  settle();
  ASSERT_EQ(transport.taken.size(), 2U);
  EXPECT_EQ(transport.taken[1].delivery().id(), "8-1-web");
  dispatch.stop();
  settle();
}

TEST_F(DispatchTest, DoesNotOfferWhatWasReportedOnWhileTheScanRead) {
  HeldRead held;
  EXPECT_CALL(store, open_deliveries(_)).WillOnce([&](const store::OpenQuery&) { return held(batch({1, 2})); });
  Dispatch dispatch(store, transport, catalogue, installation, clock, events, io.get_executor(), reads);
  dispatch.start();
  io.run_for(std::chrono::milliseconds(5));
  held.reading.get_future().wait();
  dispatch.outdated("web", "1-1-web");
  held.go_on.set_value();
  io.restart();
  settle();
  ASSERT_EQ(transport.taken.size(), 1U);
  EXPECT_EQ(transport.taken[0].delivery().id(), "2-1-web");
  dispatch.stop();
  settle();
}

// The scan saw the commit first, the worker was quick, and the submission that made it goes on last.
TEST_F(DispatchTest, DoesNotOfferAgainWhatAScanFoundAndAWorkerSettledBeforeItsSubmissionWentOn) {
  EXPECT_CALL(store, open_deliveries(_)).WillOnce(Return(batch({}))).WillOnce(Return(batch({7}))).WillOnce(Return(batch({})));
  Dispatch dispatch(store, transport, catalogue, installation, clock, events, io.get_executor(), reads);
  dispatch.start();
  settle();
  dispatch.due("web", clock.now());
  settle();
  ASSERT_EQ(transport.taken.size(), 1U);
  dispatch.expect(edition(7), {delivery(7)});
  dispatch.outdated("web", "7-1-web");
  dispatch.planned(edition(7), {delivery(7)}, {});
  settle();
  EXPECT_EQ(transport.taken.size(), 1U);
  commit(dispatch, 8);
  settle();
  EXPECT_EQ(transport.taken.size(), 2U);
  dispatch.stop();
  settle();
}

// Its correction was quicker: the older edition must not come after it.
TEST_F(DispatchTest, DoesNotOfferAnEditionThatGaveWayBeforeItsSubmissionWentOn) {
  EXPECT_CALL(store, open_deliveries(_)).WillOnce(Return(batch({}))).WillRepeatedly(Return(batch({})));
  Dispatch dispatch(store, transport, catalogue, installation, clock, events, io.get_executor(), reads);
  dispatch.start();
  settle();
  dispatch.expect(edition(9), {delivery(9)});
  dispatch.expect(edition(9, 2), {delivery(9, 2)});
  dispatch.planned(edition(9, 2), {delivery(9, 2)}, {delivery(9)});
  settle();
  dispatch.planned(edition(9), {delivery(9)}, {});
  settle();
  EXPECT_TRUE(transport.taken.empty());
  dispatch.stop();
  settle();
}

TEST_F(DispatchTest, DoesNotOfferAnOlderEditionThatTheScanReadBeforeItGaveWay) {
  HeldRead held;
  EXPECT_CALL(store, open_deliveries(_))
      .WillOnce([&](const store::OpenQuery&) { return held(batch({9})); })
      .WillRepeatedly(Return(batch({})));
  Dispatch dispatch(store, transport, catalogue, installation, clock, events, io.get_executor(), reads);
  dispatch.start();
  io.run_for(std::chrono::milliseconds(5));
  held.reading.get_future().wait();
  dispatch.planned(edition(9, 2), {delivery(9, 2)}, {delivery(9)});
  held.go_on.set_value();
  io.restart();
  settle();
  EXPECT_TRUE(transport.taken.empty());
  dispatch.stop();
  settle();
}

// What stands on the channel changes with the older edition's report: the waiting one must know of it.
TEST_F(DispatchTest, ReadsACorrectionAnewThatWaitsBehindTheEditionThatWasReportedOn) {
  store::OpenBatch correction;
  auto& work = correction.works.emplace_back();
  *work.mutable_delivery() = delivery(9, 2);
  *work.mutable_edition() = edition(9, 2);
  EXPECT_CALL(store, open_deliveries(_)).Times(2).WillRepeatedly(Return(correction));
  Dispatch dispatch(store, transport, catalogue, installation, clock, events, io.get_executor(), reads);
  dispatch.start();
  settle();
  ASSERT_EQ(transport.taken.size(), 1U);
  dispatch.outdated("web", "9-1-web");
  settle();
  EXPECT_TRUE(transport.recalled.contains("9-2-web"));
  EXPECT_EQ(transport.taken.size(), 2U);
  dispatch.outdated("web", "9-2-web");
  settle();
  dispatch.stop();
  settle();
}

TEST_F(DispatchTest, ReadsOnAfterAReadFailedOrThrew) {
  EXPECT_CALL(store, open_deliveries(_))
      .WillOnce([](const store::OpenQuery&) -> Result<store::OpenBatch> { throw std::runtime_error("no page"); })
      .WillOnce(Return(Result<store::OpenBatch>(Error{ErrorCode::io, "store", "no disk", "", {}})))
      .WillOnce(Return(batch({3})));
  Dispatch dispatch(store, transport, catalogue, installation, clock, events, io.get_executor(), reads);
  dispatch.start();
  for (int i = 0; i < 3; ++i) {
    settle();
    dispatch.room("web");  // in place of the timer
  }
  settle();
  EXPECT_EQ(events.failures, (std::vector<std::string>{"open_deliveries: no page", "open_deliveries: no disk"}));
  EXPECT_EQ(transport.taken.size(), 1U);
  dispatch.stop();
  settle();
}

TEST_F(DispatchTest, StopsAtOnceThoughAScanIsReadingAndTheQueueIsFull) {
  HeldRead held;
  EXPECT_CALL(store, open_deliveries(_)).WillOnce(Return(batch({}))).WillOnce([&](const store::OpenQuery&) {
    return held(batch({}));
  });
  Dispatch dispatch(store, transport, catalogue, installation, clock, events, io.get_executor(), reads);
  dispatch.start();
  settle();
  dispatch.due("web", clock.now());
  io.run_for(std::chrono::milliseconds(5));
  io.restart();
  held.reading.get_future().wait();
  transport.room = 0;
  commit(dispatch, 7);
  dispatch.stop();
  io.run_for(std::chrono::milliseconds(5));
  io.restart();
  held.go_on.set_value();
  io.run_for(std::chrono::milliseconds(800));
  EXPECT_TRUE(io.stopped()) << "the feeder sleeps";
}

TEST_F(DispatchTest, ScansAgainWhenADeliveryBecomesDue) {
  EXPECT_CALL(store, open_deliveries(_)).WillOnce(Return(batch({}))).WillOnce(Return(batch({5})));
  Dispatch dispatch(store, transport, catalogue, installation, clock, events, io.get_executor(), reads);
  dispatch.start();
  settle();
  dispatch.due("web", clock.now());
  settle();
  EXPECT_EQ(transport.taken.size(), 1U);
  dispatch.stop();
  settle();
}

TEST_F(DispatchTest, LooksAgainAMomentAfterTheTransportLostSomething) {
  EXPECT_CALL(store, open_deliveries(_)).WillOnce(Return(batch({}))).WillOnce(Return(batch({4})));
  Dispatch dispatch(store, transport, catalogue, installation, clock, events, io.get_executor(), reads);
  dispatch.start();
  settle();
  dispatch.lost("web");
  settle();
  EXPECT_EQ(transport.taken.size(), 0U) << "not at once: the transport may be in trouble";
  clock.advance(std::chrono::seconds(2));
  dispatch.room("web");  // wakes it
  settle();
  EXPECT_EQ(transport.taken.size(), 1U);
  dispatch.stop();
  settle();
}

TEST_F(DispatchTest, HearsWhatOtherBrokersStored) {
  EXPECT_CALL(store, open_deliveries(_)).WillOnce(Return(batch({}))).WillOnce(Return(batch({5}))).WillOnce(Return(batch({6})));
  Dispatch dispatch(store, transport, catalogue, installation, clock, events, io.get_executor(), reads);
  dispatch.start();
  settle();
  store::News news;
  news.outdated = {{"web", "1-1-web"}};
  news.due = {"web", "nowhere"};
  dispatch.heard(news);
  settle();
  EXPECT_TRUE(transport.recalled.contains("1-1-web"));
  EXPECT_EQ(transport.taken.size(), 1U);
  EXPECT_EQ(transport.doubts, 0);
  news = {};
  news.everything = true;
  dispatch.heard(news);
  settle();
  EXPECT_EQ(transport.doubts, 1);
  EXPECT_EQ(transport.taken.size(), 2U);
  dispatch.stop();
  settle();
}

TEST_F(DispatchTest, RecallsWhatGaveWayAndReadsACorrectionFromTheStore) {
  EXPECT_CALL(store, open_deliveries(_)).WillOnce(Return(batch({}))).WillOnce(Return(batch({9})));
  Dispatch dispatch(store, transport, catalogue, installation, clock, events, io.get_executor(), reads);
  dispatch.start();
  settle();
  dispatch.planned(edition(9, 2), {delivery(9, 2)}, {delivery(9, 1)});
  settle();
  EXPECT_TRUE(transport.recalled.contains("9-1-web"));
  EXPECT_EQ(transport.taken.size(), 1U);
  dispatch.stop();
  settle();
}

}  // namespace
}  // namespace fabu::flow
