// What the host does when the channel fails.
#include <random>
#include <set>

#include "unit/sdk_host/host_fixture.h"

namespace fabu::sdk {
namespace {

using Calls = std::vector<std::string>;
using States = std::vector<ChannelState>;

TEST_F(HostTest, ABadItemRetriesWithoutHoldingTheOthersUp) {
  channel_.on_publish = [](const v1::Work& work, Progress&) -> asio::awaitable<Outcome<v1::Receipt>> {
    if (work.delivery().item_id() == 1) co_return failure(v1::FAILURE_CLASS_RETRY, "x.bad", "bad");
    co_return receipt_of(work);
  };
  start();
  for (int round = 0; round < 20; ++round) {
    offer(1);
    offer(static_cast<std::uint64_t>(100 + round));
  }
  EXPECT_EQ(delivered().size(), 20u);
  EXPECT_EQ(state(), "running");
  EXPECT_EQ(last_setback().state(), v1::DELIVERY_STATE_RETRYING);
  EXPECT_EQ(last_setback().attempts(), 1u);
  EXPECT_EQ(last_setback().due_ms(), to_ms(time_.now() + Millis{5'000}));
}

TEST_F(HostTest, AnExceptionOfTheAdapterIsARetryWithItsOwnCode) {
  channel_.on_publish = [](const v1::Work&, Progress&) -> asio::awaitable<Outcome<v1::Receipt>> {
    throw std::runtime_error("disk full");
    co_return v1::Receipt{};
  };
  start();
  offer(1);
  EXPECT_EQ(last_setback().failure().code(), kAdapterException);
  EXPECT_EQ(last_setback().failure().message(), "disk full");
  EXPECT_EQ(last_setback().attempts(), 1u);
  channel_.on_publish = [](const v1::Work&, Progress&) -> asio::awaitable<Outcome<v1::Receipt>> { throw 7; };
  offer(2);
  EXPECT_EQ(last_setback().failure().code(), kAdapterException);
}

TEST_F(HostTest, ACallPastItsLimitIsCancelledAndItsOutcomeIsUnknown) {
  channel_.limits_.timeout = std::chrono::seconds(30);
  channel_.on_publish = ScriptedChannel::hang;
  start();
  offer(1);
  advance(Millis{10'000});
  offer(2);
  advance(Millis{19'999});
  EXPECT_TRUE(reports_.empty());
  advance(Millis{1});
  ASSERT_EQ(reports_.size(), 1u);
  EXPECT_EQ(reports_[0].delivery_id(), "1-1-board");
  EXPECT_EQ(last_setback().failure().code(), kAdapterTimeout);
  EXPECT_EQ(last_setback().state(), v1::DELIVERY_STATE_RETRYING);
  advance(Millis{10'000});
  EXPECT_EQ(reports_.size(), 2u);
}

TEST_F(HostTest, AReceiptThatComesAfterTheLimitCounts) {
  channel_.on_publish = [](const v1::Work& work, Progress& progress) -> asio::awaitable<Outcome<v1::Receipt>> {
    try {
      Outcome<v1::Receipt> never = co_await ScriptedChannel::hang(work, progress);
      co_return never;
    } catch (const boost::system::system_error&) {
    }
    co_return receipt_of(work);
  };
  start();
  offer(1);
  advance(Millis{60'000});
  EXPECT_EQ(delivered(), Calls{"1-1-board"});
}

TEST_F(HostTest, ATimeLimitAppliesToEveryTryAfterIdleTimes) {
  start();
  offer(1);
  advance(std::chrono::hours(3));
  channel_.on_publish = ScriptedChannel::hang;
  offer(2);
  advance(Millis{60'000});
  EXPECT_EQ(last_setback().failure().code(), kAdapterTimeout);
}

TEST_F(HostTest, ThrottlingPausesTheWholeChannelUntilItSaid) {
  auto slow = failure(v1::FAILURE_CLASS_THROTTLED, "http.429", "slow down");
  slow.set_not_before_ms(to_ms(time_.now() + Millis{90'000}));
  fail_with(slow);
  start();
  offer(1);
  EXPECT_EQ(last_setback().state(), v1::DELIVERY_STATE_PENDING);
  EXPECT_EQ(last_setback().attempts(), 0u);
  EXPECT_EQ(state(), "paused");
  EXPECT_EQ(host_->view().reason(), "http.429: slow down");
  EXPECT_EQ(host_->view().until_ms(), slow.not_before_ms());
  channel_.on_publish = ScriptedChannel::deliver;
  offer(2);
  advance(Millis{89'999});
  EXPECT_EQ(channel_.calls.size(), 1u);
  advance(Millis{1});
  EXPECT_EQ(delivered(), Calls{"2-1-board"});
  EXPECT_EQ(states(), (States{ChannelState::paused, ChannelState::running}));
}

TEST_F(HostTest, AnOutageOpensTheCircuitProbesOnceAndCloses) {
  options_.breaker = {.failures = 3, .open = Millis{30'000}, .factor = 2, .cap = Millis{600'000}};
  fail_with(failure(v1::FAILURE_CLASS_UNAVAILABLE, "net.refused", "connection refused"));
  start();
  for (std::uint64_t item = 1; item <= 8; ++item) offer(item);
  EXPECT_EQ(channel_.calls.size(), 3u);
  EXPECT_EQ(state(), "open");
  EXPECT_EQ(last_setback().state(), v1::DELIVERY_STATE_PENDING);
  EXPECT_EQ(last_setback().attempts(), 0u);
  EXPECT_EQ(last_setback().due_ms(), host_->view().until_ms());
  advance(Millis{30'000});
  EXPECT_EQ(channel_.calls.size(), 4u) << "one probe";
  EXPECT_EQ(state(), "open");
  channel_.on_publish = ScriptedChannel::deliver;
  advance(Millis{59'999});
  EXPECT_EQ(channel_.calls.size(), 4u) << "twice as long";
  advance(Millis{1});
  EXPECT_EQ(delivered().size(), 4u);
  EXPECT_EQ(states(), (States{ChannelState::open, ChannelState::half_open, ChannelState::open, ChannelState::half_open,
                              ChannelState::running}));
}

TEST_F(HostTest, AProbeThatHangsIsFollowedByALongerOpenCircuit) {
  options_.breaker = {.failures = 1, .open = Millis{30'000}, .factor = 2, .cap = Millis{600'000}};
  fail_with(failure(v1::FAILURE_CLASS_UNAVAILABLE, "net.refused", "connection refused"));
  start();
  offer(1);
  channel_.on_publish = ScriptedChannel::hang;
  offer(2);
  offer(3);
  advance(Millis{30'000});
  EXPECT_EQ(state(), "half-open");
  EXPECT_EQ(host_->view().in_flight(), 1u);
  advance(Millis{60'000});
  EXPECT_EQ(state(), "open");
  EXPECT_EQ(last_setback().failure().code(), kAdapterTimeout);
}

TEST_F(HostTest, RefusedCredentialsStopTheChannelUntilAnOperatorResumes) {
  fail_with(failure(v1::FAILURE_CLASS_UNAUTHORIZED, "http.401", "who are you"));
  start();
  offer(1);
  EXPECT_EQ(state(), "stopped");
  EXPECT_EQ(host_->view().until_ms(), to_ms(time_.now() + Millis{600'000}));
  EXPECT_EQ(last_setback().state(), v1::DELIVERY_STATE_PENDING);
  EXPECT_EQ(last_setback().attempts(), 0u);
  channel_.on_publish = ScriptedChannel::deliver;
  offer(1);
  EXPECT_TRUE(delivered().empty());
  host_->resume();
  settle();
  EXPECT_EQ(delivered(), Calls{"1-1-board"});
  EXPECT_EQ(states(), (States{ChannelState::stopped, ChannelState::running}));
}

TEST_F(HostTest, AStoppedChannelProbesEveryTenMinutes) {
  fail_with(failure(v1::FAILURE_CLASS_UNAUTHORIZED, "http.401", "who are you"));
  start();
  for (std::uint64_t item = 1; item <= 4; ++item) offer(item);
  EXPECT_EQ(channel_.calls.size(), 1u);
  advance(Millis{600'000});
  EXPECT_EQ(channel_.calls.size(), 2u);
  EXPECT_EQ(state(), "stopped");
  channel_.on_publish = ScriptedChannel::deliver;
  advance(Millis{600'000});
  EXPECT_EQ(state(), "running");
  EXPECT_EQ(delivered().size(), 2u);
}

TEST_F(HostTest, ARejectionIsDeadAtOnceAndTheChannelGoesOn) {
  fail_with(failure(v1::FAILURE_CLASS_REJECTED, "x.never", "never"));
  start();
  for (std::uint64_t item = 1; item <= 20; ++item) offer(item);
  EXPECT_EQ(channel_.calls.size(), 20u);
  EXPECT_EQ(last_setback().state(), v1::DELIVERY_STATE_DEAD);
  EXPECT_EQ(state(), "running");
}

TEST_F(HostTest, AnActionItDoesNotKnowIsRejected) {
  start();
  auto strange = work(1);
  strange.mutable_delivery()->set_action(static_cast<v1::Action>(9));
  offer(strange);
  EXPECT_EQ(last_setback().state(), v1::DELIVERY_STATE_DEAD);
  EXPECT_EQ(last_setback().failure().code(), kUnknownAction);
}

TEST_F(HostTest, RefusedProgressEndsTheTryAtNoCostToTheDelivery) {
  channel_.on_publish = [this](const v1::Work&, Progress& progress) -> asio::awaitable<Outcome<v1::Receipt>> {
    stores_ = false;
    const bool stored = co_await progress.save("step 1");
    stores_ = true;
    EXPECT_FALSE(stored);
    EXPECT_EQ(progress.notes(), "");
    co_return failure(v1::FAILURE_CLASS_RETRY, "x.lost", "lost it");
  };
  start();
  offer(1);
  EXPECT_EQ(last_setback().state(), v1::DELIVERY_STATE_PENDING);
  EXPECT_EQ(last_setback().attempts(), 0u);
  EXPECT_EQ(last_setback().failure().code(), kProgressRefused);
}

TEST_F(HostTest, ProgressPastItsBoundIsAFaultOfTheAdapter) {
  channel_.on_publish = [](const v1::Work& work, Progress& progress) -> asio::awaitable<Outcome<v1::Receipt>> {
    const bool stored = co_await progress.save(std::string(64 * 1024 + 1, 'x'));
    EXPECT_FALSE(stored);
    co_return receipt_of(work);
  };
  start();
  offer(1);
  EXPECT_EQ(last_setback().failure().code(), kAdapterException);
}

TEST_F(HostTest, TellsEverySetbackWithItsClassAndCode) {
  fail_with(failure(v1::FAILURE_CLASS_RETRY, "x.try", "again"));
  start();
  offer(1);
  ASSERT_EQ(events_.size(), 1u);
  const auto& told = std::get<SetbackEvent>(events_[0]);
  EXPECT_EQ(told.delivery_id, "1-1-board");
  EXPECT_EQ(told.setback.failure().failure_class(), v1::FAILURE_CLASS_RETRY);
  EXPECT_EQ(told.setback.failure().code(), "x.try");
  EXPECT_TRUE(told.stored);
}

// Whatever the channel does, every delivery that a broker would offer again ends delivered or dead, and nothing is lost.
TEST_F(HostTest, BringsEveryDeliveryToAnEndWhateverTheChannelDoes) {
  std::mt19937 random(20261123);
  bool well = false;
  channel_.on_publish = [&](const v1::Work& work, Progress& progress) -> asio::awaitable<Outcome<v1::Receipt>> {
    switch (well ? 9 : random() % 10) {
      case 0:
        return failing(failure(v1::FAILURE_CLASS_RETRY, "r", "r"));
      case 1:
        return failing(failure(v1::FAILURE_CLASS_THROTTLED, "t", "t"));
      case 2:
        return failing(failure(v1::FAILURE_CLASS_UNAVAILABLE, "u", "u"));
      case 3:
        return failing(failure(v1::FAILURE_CLASS_REJECTED, "j", "j"));
      case 4:
        return failing(failure(v1::FAILURE_CLASS_UNAUTHORIZED, "a", "a"));
      case 5:
        return ScriptedChannel::hang(work, progress);
      case 6:
        throw std::runtime_error("thrown before the first await");
      default:
        return ScriptedChannel::deliver(work, progress);
    }
  };
  start();
  std::map<std::uint64_t, v1::Work> open;
  for (std::uint64_t item = 1; item <= 200; ++item) open.emplace(item, work(item));
  std::size_t seen = 0;
  for (int step = 0; step < 5000 && !open.empty(); ++step) {
    well = step > 3000;
    for (auto& [item, what] : open) {
      if (what.delivery().due_ms() > to_ms(time_.now())) continue;
      ASSERT_TRUE(transport_.offer(what));
    }
    settle();
    if (random() % 50 == 0) host_->pause("a whim");
    if (random() % 10 == 0) host_->resume();
    advance(Millis{random() % 20'000});
    for (; seen < reports_.size(); ++seen) {
      const auto& report = reports_[seen];
      const std::uint64_t item = std::stoull(report.delivery_id());
      ASSERT_TRUE(open.contains(item)) << report.ShortDebugString();
      const auto state = report.setback().state();
      if (report.has_delivered() || state == v1::DELIVERY_STATE_DEAD) {
        open.erase(item);
        continue;
      }
      auto& delivery = *open[item].mutable_delivery();
      if (report.has_setback()) {
        delivery.set_attempts(report.setback().attempts());
        delivery.set_due_ms(report.setback().due_ms());
      }
    }
  }
  EXPECT_TRUE(open.empty());
  EXPECT_EQ(host_->view().in_flight(), 0u);
}

}  // namespace
}  // namespace fabu::sdk
