#include "broker/flow/dispatch.h"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <deque>
#include <future>
#include <set>

#include "unit/flow/mock_store.h"

namespace fabu::flow {
namespace {

namespace asio = boost::asio;
using testing::_;
using testing::Return;

class FixedClock final : public Clock {
 public:
  Instant now() const override { return from_ms(1'000'000); }
};

class NoEvents final : public Events {
 public:
  void submitted(std::string_view) override {}
  void delivered(const v1::Delivery&) override {}
  void setback(const v1::Delivery&, const v1::Failure&) override {}
  void store_failed(std::string_view, std::string_view) override {}
};

// Takes up to `room` deliveries and remembers them.
class FakeTransport final : public transport::BrokerEnd {
 public:
  void attach(transport::ReportSink, transport::RoomNotice) override {}
  bool offer(v1::Work work) override {
    const std::lock_guard lock(mutex);
    if (taken.size() >= room) return false;
    taken.push_back(work);
    return true;
  }
  bool recall(const std::string& id, const std::string&) override {
    recalled.insert(id);
    return true;
  }
  void close() override {}

  std::mutex mutex;
  std::size_t room = 100;
  std::deque<v1::Work> taken;
  std::set<std::string> recalled;
};

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

  // Runs the feeders until nothing happens at once any more.
  void settle() {
    for (int quiet = 0; quiet < 5;) {
      quiet = io.run_for(std::chrono::milliseconds(10)) == 0 ? quiet + 1 : 0;
      io.restart();
    }
  }

  asio::io_context io;
  asio::thread_pool reads{1};
  testing::NiceMock<MockStore> store;
  FakeTransport transport;
  domain::Catalogue catalogue;
  Installation installation;
  FixedClock clock;
  NoEvents events;
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
  dispatch.planned(edition(7), {delivery(7)}, {});
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
  dispatch.planned(edition(7), {delivery(7)}, {});
  dispatch.planned(edition(8), {delivery(8)}, {});
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

TEST_F(DispatchTest, DoesNotOfferWhatWasSettledWhileTheScanRead) {
  std::promise<void> reading, settled;
  EXPECT_CALL(store, open_deliveries(_)).WillOnce([&](const store::OpenQuery&) -> Result<store::OpenBatch> {
    reading.set_value();
    settled.get_future().wait();
    return batch({1, 2});
  });
  Dispatch dispatch(store, transport, catalogue, installation, clock, events, io.get_executor(), reads);
  dispatch.start();
  io.run_for(std::chrono::milliseconds(5));
  reading.get_future().wait();
  dispatch.settled("web", "1-1-web");
  settled.set_value();
  io.restart();
  settle();
  ASSERT_EQ(transport.taken.size(), 1U);
  EXPECT_EQ(transport.taken[0].delivery().id(), "2-1-web");
  dispatch.stop();
  settle();
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
