// What the host does while all is well: works off, limits, looks first, pauses, stops.
#include "unit/sdk_host/host_fixture.h"

namespace fabu::sdk {
namespace {

using Calls = std::vector<std::string>;
using States = std::vector<ChannelState>;

TEST_F(HostTest, PublishesAndReportsAReceiptThatNamesDeliveryChannelAndTime) {
  start();
  offer(1);
  ASSERT_EQ(reports_.size(), 1u);
  const auto& receipt = reports_[0].delivered();
  EXPECT_EQ(receipt.delivery_id(), "1-1-board");
  EXPECT_EQ(receipt.channel(), "board");
  EXPECT_EQ(receipt.time_ms(), to_ms(time_.now()));
  EXPECT_EQ(receipt.locator(), "there/1-1-board");
  ASSERT_EQ(events_.size(), 1u);
  EXPECT_EQ(std::get<DeliveredEvent>(events_[0]).receipt.delivery_id(), "1-1-board");
  EXPECT_EQ(host_->view().name(), "board");
  EXPECT_EQ(host_->view().kind(), "scripted");
  EXPECT_EQ(state(), "running");
}

TEST_F(HostTest, WithdrawsWhenTheDeliverySaysSo) {
  start();
  auto withdrawal = work(1, 2);
  withdrawal.mutable_delivery()->set_action(v1::ACTION_WITHDRAW);
  offer(withdrawal);
  EXPECT_EQ(channel_.calls, Calls{"withdraw 1-2-board"});
  EXPECT_EQ(delivered(), Calls{"1-2-board"});
}

TEST_F(HostTest, LooksBeforeItSendsAgainAndSendsNothingWhenItIsThere) {
  channel_.found = true;
  start();
  auto again = work(1);
  again.set_look_first(true);
  again.mutable_delivery()->set_progress("job 7");
  offer(again);
  EXPECT_EQ(channel_.calls, Calls{"find 1-1-board by job 7"});
  EXPECT_EQ(delivered(), Calls{"1-1-board"});
}

TEST_F(HostTest, SendsWhenItLookedAndFoundNothing) {
  start();
  auto again = work(1);
  again.set_look_first(true);
  offer(again);
  EXPECT_EQ(channel_.calls, (Calls{"find 1-1-board", "publish 1-1-board"}));
}

TEST_F(HostTest, KeepsToTheConcurrency) {
  channel_.limits_.concurrency = 3;
  channel_.limits_.timeout = std::chrono::seconds(60);
  channel_.on_publish = ScriptedChannel::hang;
  start();
  for (std::uint64_t item = 1; item <= 7; ++item) offer(item);
  EXPECT_EQ(channel_.calls.size(), 3u);
  EXPECT_EQ(host_->view().in_flight(), 3u);
  channel_.on_publish = ScriptedChannel::deliver;
  advance(Millis{60'000});
  EXPECT_EQ(delivered().size(), 4u) << "the hanging ones ended and the others went on";
  EXPECT_EQ(host_->view().in_flight(), 0u);
}

TEST_F(HostTest, AnOverrideBeatsTheChannelsOwnLimits) {
  options_.concurrency = 1;
  channel_.on_publish = ScriptedChannel::hang;
  start();
  offer(1);
  offer(2);
  EXPECT_EQ(channel_.calls.size(), 1u);
}

TEST_F(HostTest, KeepsToTheRate) {
  channel_.limits_.per_second = 2;
  start();
  for (std::uint64_t item = 1; item <= 9; ++item) offer(item);
  EXPECT_EQ(channel_.calls.size(), 2u);
  advance(Millis{499});
  EXPECT_EQ(channel_.calls.size(), 2u);
  advance(Millis{1});
  EXPECT_EQ(channel_.calls.size(), 3u);
  for (int i = 0; i < 4; ++i) advance(Millis{500});
  EXPECT_EQ(channel_.calls.size(), 7u);
}

TEST_F(HostTest, KeepsProgressWithTheBroker) {
  channel_.on_publish = [](const v1::Work& work, Progress& progress) -> asio::awaitable<Outcome<v1::Receipt>> {
    const bool first = co_await progress.save("step 1");
    const bool second = co_await progress.save("step 2");
    EXPECT_TRUE(first && second);
    EXPECT_EQ(progress.notes(), "step 2");
    co_return receipt_of(work);
  };
  start();
  offer(1);
  ASSERT_EQ(reports_.size(), 3u);
  EXPECT_EQ(reports_[0].progress(), "step 1");
  EXPECT_EQ(reports_[1].progress(), "step 2");
  EXPECT_TRUE(reports_[2].has_delivered());
}

TEST_F(HostTest, DropsADeliveryWhoseReportWasRefused) {
  stores_ = false;
  start();
  offer(1);
  EXPECT_TRUE(events_.empty());
  EXPECT_EQ(host_->view().in_flight(), 0u);
  stores_ = true;
  offer(1);
  EXPECT_EQ(events_.size(), 1u);
}

TEST_F(HostTest, AnOperatorPausesAndResumesItWithoutPolling) {
  start();
  host_->pause("maintenance");
  settle();
  EXPECT_EQ(state(), "paused");
  EXPECT_EQ(host_->view().reason(), "maintenance");
  EXPECT_EQ(host_->view().until_ms(), 0);
  offer(1);
  advance(std::chrono::hours(100));
  EXPECT_TRUE(channel_.calls.empty());
  EXPECT_EQ(time_.sleeping(), 0u) << "nothing ticks while it waits for a person";
  host_->resume();
  settle();
  EXPECT_EQ(delivered(), Calls{"1-1-board"});
  EXPECT_EQ(states(), (States{ChannelState::paused, ChannelState::running}));
}

TEST_F(HostTest, GivesBackWhatArrivedWhileItWasPaused) {
  start();
  // The work is on its way to the loop when the pause comes.
  ASSERT_TRUE(transport_.offer(work(1)));
  host_->pause("now");
  settle();
  EXPECT_TRUE(channel_.calls.empty());
  for (const auto& report : reports_) EXPECT_TRUE(report.returned());
  host_->resume();
  offer(1);
  EXPECT_EQ(delivered(), Calls{"1-1-board"});
}

TEST_F(HostTest, APauseLetsWhatIsUnderWayFinish) {
  channel_.on_publish = [this](const v1::Work& work, Progress&) -> asio::awaitable<Outcome<v1::Receipt>> {
    co_await time_.sleep(time_.now() + Millis{100});
    co_return receipt_of(work);
  };
  start();
  offer(1);
  host_->pause("later");
  settle();
  advance(Millis{100});
  EXPECT_EQ(delivered(), Calls{"1-1-board"});
}

TEST_F(HostTest, StopLetsWhatIsUnderWayFinishWithinTheGraceAndTakesNoMore) {
  channel_.on_publish = [this](const v1::Work& work, Progress&) -> asio::awaitable<Outcome<v1::Receipt>> {
    co_await time_.sleep(time_.now() + Millis{100});
    co_return receipt_of(work);
  };
  channel_.limits_.concurrency = 1;
  start();
  offer(1);
  offer(2);
  host_->stop();
  settle();
  EXPECT_FALSE(over_);
  advance(Millis{100});
  EXPECT_TRUE(over_);
  EXPECT_EQ(delivered(), Calls{"1-1-board"});
  EXPECT_EQ(channel_.calls.size(), 1u);
}

TEST_F(HostTest, StopCancelsWhatOutlivesTheGraceAtNoCostToTheDelivery) {
  channel_.on_publish = ScriptedChannel::hang;
  start();
  auto tried = work(1);
  tried.mutable_delivery()->set_attempts(4);
  offer(tried);
  host_->stop();
  settle();
  advance(options_.grace - Millis{1});
  EXPECT_FALSE(over_);
  advance(Millis{1});
  EXPECT_TRUE(over_);
  EXPECT_EQ(last_setback().state(), v1::DELIVERY_STATE_PENDING);
  EXPECT_EQ(last_setback().attempts(), 4u);
  EXPECT_EQ(last_setback().failure().code(), kHostStopped);
}

TEST_F(HostTest, EndsWhenTheTransportCloses) {
  start();
  transport_.close();
  settle();
  EXPECT_TRUE(over_);
}

TEST_F(HostTest, EndsAtOnceWhenStoppedBeforeItRan) {
  host_ = std::make_unique<ChannelHost>("board", "scripted", channel_, transport_, time_, options_);
  host_->stop();
  asio::co_spawn(io_, host_->run(), [this](std::exception_ptr) { over_ = true; });
  settle();
  EXPECT_TRUE(over_);
}

TEST_F(HostTest, ReadsBackWhatThePublicSees) {
  start();
  v1::Receipt receipt;
  receipt.set_delivery_id("1-1-board");
  std::optional<Outcome<v1::Observation>> seen;
  const auto look = [&] {
    seen.reset();
    asio::co_spawn(io_, host_->observe(receipt),
                   [&](std::exception_ptr, Outcome<v1::Observation> result) { seen = std::move(result); });
    settle();
  };
  look();
  ASSERT_TRUE(seen && *seen);
  EXPECT_EQ(seen->value().delivery_id(), "1-1-board");

  channel_.on_observe = [](const v1::Receipt&) -> asio::awaitable<Outcome<v1::Observation>> {
    throw std::runtime_error("no page");
  };
  look();
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->error().code(), kAdapterException);

  channel_.on_observe = [this](const v1::Receipt&) -> asio::awaitable<Outcome<v1::Observation>> {
    co_await time_.sleep(time_.now() + std::chrono::hours(1));
    co_return v1::Observation{};
  };
  look();
  EXPECT_FALSE(seen);
  advance(Millis{60'000});
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->error().code(), kAdapterTimeout);
}

}  // namespace
}  // namespace fabu::sdk
