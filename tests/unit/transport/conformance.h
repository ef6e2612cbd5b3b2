// What every Transport must do, run against each implementation:
//
//   INSTANTIATE_TEST_SUITE_P(Embedded, TransportConformance, testing::Values(&embedded), factory_name);
//
// Nothing here presumes that an offer is seen at once: everything is waited for with a deadline.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/system/system_error.hpp>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "broker/transport/transport.h"

namespace fabu::transport {
namespace asio = boost::asio;

// One transport with both ends in this process. Destroyed after the last use of its ends.
class TransportUnderTest {
 public:
  virtual ~TransportUnderTest() = default;
  virtual WorkerEnd& worker() = 0;
  virtual BrokerEnd& broker() = 0;
};

struct TransportFactory {
  std::string name;
  // An empty transport whose queues hold `capacity` waiting works.
  std::function<std::unique_ptr<TransportUnderTest>(std::size_t capacity)> make;
};
inline void PrintTo(const TransportFactory& factory, std::ostream* out) {
  *out << factory.name;
}

inline v1::Work make_work(std::uint64_t item, std::uint32_t edition, const std::string& channel = "website") {
  v1::Work work;
  auto& delivery = *work.mutable_delivery();
  delivery.set_id(std::to_string(item) + "-" + std::to_string(edition) + "-" + channel);
  delivery.set_item_id(item);
  delivery.set_edition(edition);
  delivery.set_channel(channel);
  delivery.set_action(v1::ACTION_PUBLISH);
  work.mutable_edition()->set_content("content of " + delivery.id());
  return work;
}

inline v1::Report delivered(const std::string& id) {
  v1::Report report;
  report.set_delivery_id(id);
  report.mutable_delivered()->set_delivery_id(id);
  return report;
}

class TransportConformance : public testing::TestWithParam<TransportFactory> {
 protected:
  using Works = std::vector<v1::Work>;
  // A receive or report that runs; set when it ended.
  template <typename T>
  struct Pending {
    asio::cancellation_signal cancel;
    std::optional<T> value;
    std::optional<boost::system::error_code> failed;
    bool over() const { return value || failed; }
  };

  void start(std::size_t capacity = 64) {
    transport_ = GetParam().make(capacity);
    transport_->broker().attach(
        [this](v1::Report report, ReportDone done) {
          bool answer = true;
          {
            const std::lock_guard lock(mutex_);
            reports_.push_back(report);
            answer = answer_;
            if (hold_) {
              held_.push_back(std::move(done));
              return;
            }
          }
          done(answer ? Heard::stored : Heard::refused);
        },
        [this](const std::string& channel) {
          const std::lock_guard lock(mutex_);
          ++notices_[channel];
        },
        {});
  }
  void TearDown() override {
    if (!transport_) return;
    transport_->broker().close();
    run_for(std::chrono::milliseconds(20));
  }

  BrokerEnd& broker() { return transport_->broker(); }

  template <typename T>
  std::shared_ptr<Pending<T>> spawn(asio::awaitable<T> call) {
    auto pending = std::make_shared<Pending<T>>();
    asio::co_spawn(io_, std::move(call),
                   asio::bind_cancellation_slot(pending->cancel.slot(), [pending](std::exception_ptr failure, T value) {
                     if (!failure) {
                       pending->value = std::move(value);
                       return;
                     }
                     try {
                       std::rethrow_exception(failure);
                     } catch (const boost::system::system_error& e) {
                       pending->failed = e.code();
                     }
                   }));
    return pending;
  }
  std::shared_ptr<Pending<Works>> receive(std::size_t most = 16, const std::string& channel = "website") {
    return spawn<Works>(transport_->worker().receive(channel, most));
  }
  std::shared_ptr<Pending<bool>> report(v1::Report what) { return spawn<bool>(transport_->worker().report(std::move(what))); }

  bool run_until(const std::function<bool()>& condition) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!condition()) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      io_.restart();
      io_.run_one_for(std::chrono::milliseconds(5));
    }
    return true;
  }
  // Gives something that must not happen the time to happen.
  void run_for(std::chrono::milliseconds time) {
    const auto deadline = std::chrono::steady_clock::now() + time;
    run_until([&] { return std::chrono::steady_clock::now() > deadline; });
  }

  // Receives until `count` works have come; their ids in order.
  std::vector<std::string> take(std::size_t count, const std::string& channel = "website") {
    std::vector<std::string> ids;
    while (ids.size() < count) {
      auto pending = receive(count - ids.size(), channel);
      if (!run_until([&] { return pending->over(); })) {
        pending->cancel.emit(asio::cancellation_type::terminal);
        run_until([&] { return pending->over(); });
        break;
      }
      if (!pending->value || pending->value->empty()) break;
      for (const auto& work : *pending->value) ids.push_back(work.delivery().id());
    }
    return ids;
  }
  bool settle(v1::Report what) {
    auto pending = report(std::move(what));
    EXPECT_TRUE(run_until([&] { return pending->over(); }));
    return pending->value.value_or(false);
  }
  // Nothing can be received now.
  testing::AssertionResult idle(const std::string& channel = "website") {
    auto pending = receive(16, channel);
    run_for(std::chrono::milliseconds(30));
    pending->cancel.emit(asio::cancellation_type::terminal);
    run_until([&] { return pending->over(); });
    if (pending->failed) return testing::AssertionSuccess();
    return testing::AssertionFailure() << "received " << (*pending->value)[0].delivery().id();
  }
  int notices(const std::string& channel = "website") {
    const std::lock_guard lock(mutex_);
    return notices_[channel];
  }

  asio::io_context io_;
  std::mutex mutex_;  // guards what follows
  std::vector<v1::Report> reports_;
  std::vector<ReportDone> held_;
  std::map<std::string, int> notices_;
  bool answer_ = true;
  bool hold_ = false;
  std::unique_ptr<TransportUnderTest> transport_;
};

using Ids = std::vector<std::string>;

TEST_P(TransportConformance, HandsOutWhatWasOfferedInOrderAndWhole) {
  start();
  for (std::uint64_t item = 1; item <= 5; ++item) EXPECT_TRUE(broker().offer(make_work(item, 1)));
  auto first = receive(1);
  ASSERT_TRUE(run_until([&] { return first->over(); }));
  ASSERT_EQ(first->value->size(), 1u);
  EXPECT_EQ(first->value->front().SerializeAsString(), make_work(1, 1).SerializeAsString());
  EXPECT_EQ(take(4), (Ids{"2-1-website", "3-1-website", "4-1-website", "5-1-website"}));
}

TEST_P(TransportConformance, NeverHandsOutMoreThanAskedFor) {
  start();
  for (std::uint64_t item = 1; item <= 10; ++item) broker().offer(make_work(item, 1));
  for (int left = 10; left > 0;) {
    auto pending = receive(3);
    ASSERT_TRUE(run_until([&] { return pending->over(); }));
    ASSERT_GE(pending->value->size(), 1u);
    ASSERT_LE(pending->value->size(), 3u);
    left -= static_cast<int>(pending->value->size());
  }
}

TEST_P(TransportConformance, WakesAReceiveThatWaits) {
  start();
  auto pending = receive();
  run_for(std::chrono::milliseconds(20));
  EXPECT_FALSE(pending->over());
  broker().offer(make_work(7, 1));
  ASSERT_TRUE(run_until([&] { return pending->over(); }));
  EXPECT_EQ(pending->value->front().delivery().id(), "7-1-website");
}

TEST_P(TransportConformance, KeepsChannelsApart) {
  start();
  broker().offer(make_work(1, 1, "website"));
  EXPECT_TRUE(idle("noticeboard"));
  broker().offer(make_work(1, 1, "noticeboard"));
  EXPECT_EQ(take(1, "noticeboard"), Ids{"1-1-noticeboard"});
  EXPECT_EQ(take(1, "website"), Ids{"1-1-website"});
}

TEST_P(TransportConformance, ServesEveryReceiveThatWaits) {
  start();
  auto one = receive(1), two = receive(1), three = receive(1);
  run_for(std::chrono::milliseconds(10));
  for (std::uint64_t item = 1; item <= 3; ++item) broker().offer(make_work(item, 1));
  EXPECT_TRUE(run_until([&] { return one->over() && two->over() && three->over(); }));
}

TEST_P(TransportConformance, HandsOutASuccessorOnlyAfterItsPredecessorWasReportedOn) {
  start();
  broker().offer(make_work(1, 1));
  broker().offer(make_work(1, 2));
  broker().offer(make_work(2, 1));
  EXPECT_EQ(take(2), (Ids{"1-1-website", "2-1-website"}));
  EXPECT_TRUE(idle());
  auto waiting = receive();
  run_for(std::chrono::milliseconds(10));
  EXPECT_TRUE(settle(delivered("1-1-website")));
  ASSERT_TRUE(run_until([&] { return waiting->over(); }));
  EXPECT_EQ(waiting->value->front().delivery().id(), "1-2-website");
}

TEST_P(TransportConformance, HandsOutTheOlderEditionFirst) {
  start();
  broker().offer(make_work(1, 1));
  take(1);
  broker().offer(make_work(1, 3));
  broker().offer(make_work(1, 2));
  settle(delivered("1-1-website"));
  EXPECT_EQ(take(1), Ids{"1-2-website"});
  settle(delivered("1-2-website"));
  EXPECT_EQ(take(1), Ids{"1-3-website"});
}

TEST_P(TransportConformance, TakesTheSameDeliveryOnceWhileItWaitsOrIsUnderWay) {
  start();
  EXPECT_TRUE(broker().offer(make_work(1, 1)));
  EXPECT_TRUE(broker().offer(make_work(1, 1)));
  EXPECT_EQ(take(1), Ids{"1-1-website"});
  EXPECT_TRUE(broker().offer(make_work(1, 1)));
  EXPECT_TRUE(idle());
  settle(delivered("1-1-website"));
  EXPECT_TRUE(idle());
  EXPECT_TRUE(broker().offer(make_work(1, 1)));
  EXPECT_EQ(take(1), Ids{"1-1-website"});
}

TEST_P(TransportConformance, CarriesReportsToTheSinkAndItsAnswerBack) {
  start();
  broker().offer(make_work(1, 1));
  take(1);
  answer_ = false;
  EXPECT_FALSE(settle(delivered("1-1-website")));
  ASSERT_EQ(reports_.size(), 1u);
  EXPECT_EQ(reports_[0].SerializeAsString(), delivered("1-1-website").SerializeAsString());
}

TEST_P(TransportConformance, EndsTheLeaseEvenWhenTheBrokerRefused) {
  start();
  broker().offer(make_work(1, 1));
  take(1);
  answer_ = false;
  settle(delivered("1-1-website"));
  broker().offer(make_work(1, 1));
  EXPECT_EQ(take(1), Ids{"1-1-website"});
}

TEST_P(TransportConformance, KeepsTheLeaseOnProgressAndObservation) {
  start();
  broker().offer(make_work(1, 1));
  broker().offer(make_work(1, 2));
  take(1);
  v1::Report progress;
  progress.set_delivery_id("1-1-website");
  progress.set_progress("step 1");
  EXPECT_TRUE(settle(progress));
  v1::Report observation;
  observation.set_delivery_id("1-1-website");
  observation.mutable_observation()->set_state(v1::OBSERVATION_STATE_PRESENT);
  EXPECT_TRUE(settle(observation));
  EXPECT_TRUE(idle());
}

TEST_P(TransportConformance, EndsTheLeaseOnASetbackAndOnAReturn) {
  start();
  broker().offer(make_work(1, 1));
  broker().offer(make_work(2, 1));
  take(2);
  v1::Report setback;
  setback.set_delivery_id("1-1-website");
  setback.mutable_setback()->set_state(v1::DELIVERY_STATE_RETRYING);
  settle(setback);
  v1::Report returned;
  returned.set_delivery_id("2-1-website");
  returned.set_returned(true);
  settle(returned);
  broker().offer(make_work(2, 1));
  broker().offer(make_work(1, 1));
  EXPECT_EQ(take(2), (Ids{"2-1-website", "1-1-website"}));
}

TEST_P(TransportConformance, KeepsTheWorkerWaitingUntilTheReportIsStored) {
  start();
  broker().offer(make_work(1, 1));
  broker().offer(make_work(1, 2));
  take(1);
  hold_ = true;
  auto pending = report(delivered("1-1-website"));
  run_until([&] { return held_.size() == 1; });
  EXPECT_TRUE(idle());
  EXPECT_FALSE(pending->over());
  held_[0](Heard::stored);
  EXPECT_TRUE(run_until([&] { return pending->over(); }));
  EXPECT_TRUE(*pending->value);
  EXPECT_EQ(take(1), Ids{"1-2-website"});
}

TEST_P(TransportConformance, RefusesWhatHasNoRoomAndTellsWhenThereIsRoomAgain) {
  start(8);
  std::uint64_t item = 1;
  for (; item <= 8; ++item) EXPECT_TRUE(broker().offer(make_work(item, 1)));
  EXPECT_FALSE(broker().offer(make_work(item, 1)));
  EXPECT_EQ(notices(), 0);
  for (const auto& id : take(4)) settle(delivered(id));
  EXPECT_EQ(notices(), 0) << "half is not below half";
  for (const auto& id : take(1)) settle(delivered(id));
  EXPECT_TRUE(run_until([&] { return notices() == 1; }));
  EXPECT_TRUE(broker().offer(make_work(item, 1)));
  for (const auto& id : take(4)) settle(delivered(id));
  run_for(std::chrono::milliseconds(10));
  EXPECT_EQ(notices(), 1) << "nothing was refused since";
}

// What was on its way to a worker may not be taken back any more; then it arrives.
TEST_P(TransportConformance, NeverHandsOutWhatItSaidWasRecalled) {
  start();
  broker().offer(make_work(1, 1));
  broker().offer(make_work(2, 1));
  const bool recalled = broker().recall("1-1-website", "website");
  EXPECT_FALSE(recalled && broker().recall("1-1-website", "website"));
  EXPECT_EQ(take(recalled ? 1 : 2), recalled ? Ids{"2-1-website"} : (Ids{"1-1-website", "2-1-website"}));
  EXPECT_TRUE(idle());
  EXPECT_FALSE(broker().recall("2-1-website", "website"));
  EXPECT_FALSE(broker().recall("9-9-website", "website"));
}

TEST_P(TransportConformance, RecallsASuccessorThatWaitsForItsPredecessor) {
  start();
  broker().offer(make_work(1, 1));
  broker().offer(make_work(1, 2));
  broker().offer(make_work(1, 3));
  take(1);
  EXPECT_TRUE(broker().recall("1-2-website", "website"));
  settle(delivered("1-1-website"));
  EXPECT_EQ(take(1), Ids{"1-3-website"});
}

TEST_P(TransportConformance, ACancelledReceiveEndsAndTakesNothing) {
  start();
  auto pending = receive();
  run_for(std::chrono::milliseconds(10));
  pending->cancel.emit(asio::cancellation_type::terminal);
  ASSERT_TRUE(run_until([&] { return pending->over(); }));
  EXPECT_EQ(*pending->failed, asio::error::operation_aborted);
  broker().offer(make_work(1, 1));
  EXPECT_EQ(take(1), Ids{"1-1-website"});
}

TEST_P(TransportConformance, ClosingWakesEveryReceiveWithNothingAndRefusesOffers) {
  start();
  auto one = receive(), two = receive(16, "noticeboard");
  run_for(std::chrono::milliseconds(10));
  broker().close();
  ASSERT_TRUE(run_until([&] { return one->over() && two->over(); }));
  EXPECT_TRUE(one->value->empty());
  EXPECT_TRUE(two->value->empty());
  EXPECT_FALSE(broker().offer(make_work(1, 1)));
  auto late = receive();
  ASSERT_TRUE(run_until([&] { return late->over(); }));
  EXPECT_TRUE(late->value->empty());
}

TEST_P(TransportConformance, CarriesReportsAfterItWasClosed) {
  start();
  broker().offer(make_work(1, 1));
  take(1);
  broker().close();
  EXPECT_TRUE(settle(delivered("1-1-website")));
}

}  // namespace fabu::transport
