// A channel host on the embedded transport with a scripted channel and time that the test moves. Everything on one thread: when
// settle() returns, all that could happen at this time has happened.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "adapters/sdk/host.h"
#include "broker/transport/embedded/embedded.h"
#include "unit/sdk_host/manual_time.h"

namespace fabu::sdk {
namespace asio = boost::asio;

inline v1::Receipt receipt_of(const v1::Work& work) {
  v1::Receipt receipt;
  receipt.set_locator("there/" + work.delivery().id());
  return receipt;
}

// Does what the test says; delivers at once by default.
class ScriptedChannel final : public Channel {
 public:
  using Act = std::function<asio::awaitable<Outcome<v1::Receipt>>(const v1::Work&, Progress&)>;

  Limits limits() const override { return limits_; }
  asio::awaitable<Outcome<v1::Receipt>> publish(const v1::Work& work, Progress& progress) override {
    calls.push_back("publish " + work.delivery().id());
    return on_publish(work, progress);
  }
  asio::awaitable<Outcome<v1::Receipt>> withdraw(const v1::Work& work, Progress&) override {
    calls.push_back("withdraw " + work.delivery().id());
    co_return receipt_of(work);
  }
  asio::awaitable<Outcome<std::optional<v1::Receipt>>> find(const v1::Work& work, const std::string& notes) override {
    calls.push_back("find " + work.delivery().id() + (notes.empty() ? "" : " by " + notes));
    if (found) co_return std::optional(receipt_of(work));
    co_return std::nullopt;
  }
  asio::awaitable<Outcome<v1::Observation>> observe(const v1::Receipt& receipt) override { return on_observe(receipt); }

  static asio::awaitable<Outcome<v1::Receipt>> deliver(const v1::Work& work, Progress&) { co_return receipt_of(work); }
  static asio::awaitable<Outcome<v1::Observation>> see(const v1::Receipt&) {
    v1::Observation seen;
    seen.set_state(v1::OBSERVATION_STATE_PRESENT);
    co_return seen;
  }
  // A call that never ends by itself.
  static asio::awaitable<Outcome<v1::Receipt>> hang(const v1::Work& work, Progress&) {
    const auto executor = co_await asio::this_coro::executor;
    asio::steady_timer never(executor, asio::steady_timer::time_point::max());
    co_await never.async_wait(asio::use_awaitable);
    co_return receipt_of(work);
  }

  Limits limits_;
  Act on_publish = deliver;
  std::function<asio::awaitable<Outcome<v1::Observation>>(const v1::Receipt&)> on_observe = see;
  bool found = false;
  std::vector<std::string> calls;
};

class HostTest : public testing::Test {
 protected:
  void SetUp() override {
    transport_.attach(
        [this](v1::Report report, transport::ReportDone done) {
          reports_.push_back(std::move(report));
          done(stores_ ? transport::Heard::stored : transport::Heard::refused);
        },
        [](const std::string&) {}, {});
    options_.backoff.jitter = 0;
    options_.sleeper = &time_;
    options_.on_event = [this](const HostEvent& event) { events_.push_back(event); };
  }
  void TearDown() override {
    if (!host_) return;
    host_->stop();
    settle();
    time_.advance(options_.grace);
    settle();
    EXPECT_TRUE(over_) << "run() must end";
    transport_.close();
    settle();
  }

  void start() {
    host_ = std::make_unique<ChannelHost>("board", "scripted", channel_, transport_, time_, options_);
    asio::co_spawn(io_, host_->run(), [this](std::exception_ptr failure) {
      over_ = true;
      EXPECT_EQ(failure, nullptr);
    });
    settle();
  }
  void settle() {
    io_.restart();
    while (io_.poll() > 0) io_.restart();
  }
  void advance(Millis by) {
    time_.advance(by);
    settle();
  }

  v1::Work work(std::uint64_t item, std::uint32_t edition = 1) {
    v1::Work made;
    auto& delivery = *made.mutable_delivery();
    delivery.set_id(std::to_string(item) + "-" + std::to_string(edition) + "-board");
    delivery.set_item_id(item);
    delivery.set_edition(edition);
    delivery.set_channel("board");
    delivery.set_action(v1::ACTION_PUBLISH);
    return made;
  }
  void offer(v1::Work what) {
    ASSERT_TRUE(transport_.offer(std::move(what)));
    settle();
  }
  void offer(std::uint64_t item, std::uint32_t edition = 1) { offer(work(item, edition)); }

  void fail_with(v1::Failure failed) {
    channel_.on_publish = [failed](const v1::Work&, Progress&) -> asio::awaitable<Outcome<v1::Receipt>> {
      return failing(failed);
    };
  }
  static asio::awaitable<Outcome<v1::Receipt>> failing(v1::Failure failed) { co_return failed; }

  const v1::Setback& last_setback() {
    static const v1::Setback none;
    for (auto report = reports_.rbegin(); report != reports_.rend(); ++report) {
      if (report->has_setback()) return report->setback();
    }
    ADD_FAILURE() << "no setback";
    return none;
  }
  std::vector<std::string> delivered() const {
    std::vector<std::string> ids;
    for (const auto& report : reports_) {
      if (report.has_delivered()) ids.push_back(report.delivery_id());
    }
    return ids;
  }
  std::vector<ChannelState> states() const {
    std::vector<ChannelState> states;
    for (const auto& event : events_) {
      if (const auto* state = std::get_if<StateEvent>(&event)) states.push_back(state->state);
    }
    return states;
  }
  std::string state() const { return host_->view().state(); }

  asio::io_context io_{1};
  ManualTime time_;
  transport::EmbeddedTransport transport_;
  ScriptedChannel channel_;
  HostOptions options_;
  std::vector<v1::Report> reports_;
  std::vector<HostEvent> events_;
  bool stores_ = true;
  bool over_ = false;
  std::unique_ptr<ChannelHost> host_;
};

}  // namespace fabu::sdk
