// An adapter process on the embedded transport, with a channel that is only a counter.
#include "broker/cli/adapter_process.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>

#include "broker/cli/fault_channel.h"
#include "broker/transport/embedded/embedded.h"
#include "temp_folder.h"

namespace fabu::cli {
namespace {

namespace asio = boost::asio;

class CountingChannel final : public sdk::Channel {
 public:
  explicit CountingChannel(std::atomic<int>& count) : count_(count) {}
  asio::awaitable<sdk::Outcome<v1::Receipt>> publish(const v1::Work&, sdk::Progress&) override {
    ++count_;
    co_return v1::Receipt{};
  }
  asio::awaitable<sdk::Outcome<v1::Receipt>> withdraw(const v1::Work&, sdk::Progress&) override { co_return v1::Receipt{}; }
  asio::awaitable<sdk::Outcome<std::optional<v1::Receipt>>> find(const v1::Work&, const std::string&) override {
    co_return std::optional<v1::Receipt>{};
  }
  asio::awaitable<sdk::Outcome<v1::Observation>> observe(const v1::Receipt&) override { co_return v1::Observation{}; }

 private:
  std::atomic<int>& count_;
};

class AdapterProcessTest : public testing::Test {
 protected:
  AdapterProcessTest() {
    transport_.attach(
        [this](const v1::Report& report, const transport::ReportDone& done) {
          done(transport::Heard::stored);
          const std::lock_guard lock(mutex_);
          if (report.has_delivered()) ++delivered_;
          changed_.notify_all();
        },
        [](const std::string&) {}, {});
  }
  AdapterSetup setup() {
    AdapterSetup setup;
    setup.data = folder_ / "data";
    setup.names = {"counter"};
    setup.attachments.folder = folder_ / "data" / "attachments";
    setup.channels = [this](const Surroundings&) {
      ChannelSet set;
      set.channels.push_back({"counter", "counter", std::make_unique<CountingChannel>(published_), {}});
      return set;
    };
    return setup;
  }
  void offer(std::uint64_t item) {
    v1::Work work;
    work.mutable_delivery()->set_id(std::to_string(item) + "-1-counter");
    work.mutable_delivery()->set_item_id(item);
    work.mutable_delivery()->set_edition(1);
    work.mutable_delivery()->set_channel("counter");
    work.mutable_delivery()->set_action(v1::ACTION_PUBLISH);
    ASSERT_TRUE(transport_.offer(work));
  }
  bool wait_for(int delivered) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(20), [&] { return delivered_ == delivered; });
  }

  TempFolder folder_;
  SystemClock clock_;
  transport::EmbeddedTransport transport_;
  std::atomic<int> published_{0};
  std::mutex mutex_;
  std::condition_variable changed_;
  int delivered_ = 0;  // guarded by mutex_
};

TEST_F(AdapterProcessTest, WorksOffWhatTheTransportBringsAndReports) {
  auto process = AdapterProcess::start(setup(), transport_, clock_);
  ASSERT_TRUE(process) << process.error().what;
  offer(1);
  offer(2);
  EXPECT_TRUE(wait_for(2));
  (*process)->stop();
  EXPECT_EQ(published_, 2);
}

TEST_F(AdapterProcessTest, PausesAndGoesOnAsOperatorsElsewhereSwitch) {
  auto process = AdapterProcess::start(setup(), transport_, clock_);
  ASSERT_TRUE(process);
  v1::ChannelSwitches paused;
  paused.add_paused()->set_channel("counter");
  (*process)->switched(paused);
  EXPECT_EQ((*process)->views().at(0).state(), "paused");
  offer(1);
  EXPECT_EQ(published_, 0);
  (*process)->switched({});
  EXPECT_TRUE(wait_for(1));
  EXPECT_EQ((*process)->views().at(0).state(), "running");
}

TEST_F(AdapterProcessTest, HasItsFolderForItself) {
  auto process = AdapterProcess::start(setup(), transport_, clock_);
  ASSERT_TRUE(process);
  const auto second = AdapterProcess::start(setup(), transport_, clock_);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::busy);
}

TEST(Fault, IsReadStrictly) {
  EXPECT_EQ(exit_before_report("exit-before-report:3"), 3u);
  for (const char* const none : {"", "exit-before-report:", "exit-before-report:0", "exit-before-report:3x", "exit:3"})
    EXPECT_EQ(exit_before_report(none), std::nullopt) << none;
}

TEST(FaultDeathTest, EndsTheProcessAfterTheEffectAndBeforeItsReport) {
  std::atomic<int> published{0};
  const auto channel = with_fault(std::make_unique<CountingChannel>(published), 1);
  asio::io_context io;
  const auto publish = [](sdk::Channel& c) -> asio::awaitable<void> {
    struct NoProgress final : sdk::Progress {
      const std::string& notes() const override { return none; }
      asio::awaitable<bool> save(std::string) override { co_return true; }
      std::string none;
    } progress;
    const v1::Work work;
    const auto receipt = co_await c.publish(work, progress);
    (void)receipt;
  };
  EXPECT_EXIT(
      {
        asio::co_spawn(io, publish(*channel), asio::detached);
        io.run();
      },
      testing::ExitedWithCode(137), "");
}

}  // namespace
}  // namespace fabu::cli
