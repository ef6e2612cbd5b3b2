// Everything between the submission and the channel at once, on several threads: whatever the channels do, each accepted edition
// has its effect exactly once or gave way, in order, and nothing is left behind. Small queues, so that they are full most of the
// time.
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <map>
#include <mutex>
#include <random>
#include <thread>

#include "adapters/sdk/host.h"
#include "broker/flow/operate.h"
#include "broker/flow/settlement.h"
#include "broker/transport/embedded/embedded.h"
#include "unit/flow/on_sqlite.h"

namespace fabu::flow {
namespace {

namespace asio = boost::asio;
using std::chrono::milliseconds;

constexpr int kSubmitters = 8, kItemsEach = 12;

// A place of publication that fails in every way there is, sometimes after it had its effect.
class FickleChannel final : public sdk::Channel {
 public:
  FickleChannel(std::string name, unsigned seed) : name_(std::move(name)), random_(seed) {}

  sdk::Limits limits() const override { return {3, 0, std::chrono::seconds(20)}; }
  asio::awaitable<sdk::Outcome<v1::Receipt>> publish(const v1::Work& work, sdk::Progress&) override { return act(work); }
  asio::awaitable<sdk::Outcome<v1::Receipt>> withdraw(const v1::Work& work, sdk::Progress&) override { return act(work); }
  asio::awaitable<sdk::Outcome<std::optional<v1::Receipt>>> find(const v1::Work& work, const std::string&) override {
    const std::lock_guard lock(mutex);
    if (!effects.contains(work.delivery().id())) co_return std::nullopt;
    co_return std::optional(receipt_of(work));
  }
  asio::awaitable<sdk::Outcome<v1::Observation>> observe(const v1::Receipt&) override { co_return v1::Observation{}; }

  std::mutex mutex;
  bool well = false;
  std::map<std::string, int> effects;                            // times, by delivery
  std::map<std::uint64_t, std::vector<std::uint32_t>> editions;  // in the order of their appearance, by item

 private:
  v1::Receipt receipt_of(const v1::Work& work) const {
    v1::Receipt receipt;
    receipt.set_locator(name_ + "/" + work.delivery().id());
    return receipt;
  }
  void have_effect(const v1::Work& work) {
    ++effects[work.delivery().id()];
    editions[work.delivery().item_id()].push_back(work.delivery().edition());
  }
  asio::awaitable<sdk::Outcome<v1::Receipt>> act(const v1::Work& work) {
    unsigned chance = 0;
    {
      const std::lock_guard lock(mutex);
      chance = well ? 99 : random_() % 100;
      if (chance >= 30 || chance < 6) have_effect(work);
    }
    if (chance >= 60) {
      const auto executor = co_await asio::this_coro::executor;
      asio::steady_timer moment(executor, milliseconds(chance % 3));
      co_await moment.async_wait(asio::use_awaitable);
    }
    if (chance >= 30) co_return receipt_of(work);
    if (chance < 3) throw std::runtime_error("thrown after the effect");
    if (chance < 12) co_return sdk::failure(v1::FAILURE_CLASS_RETRY, "x.retry", "again");
    if (chance < 18) co_return sdk::failure(v1::FAILURE_CLASS_UNAVAILABLE, "x.away", "away");
    if (chance < 22) co_return sdk::failure(v1::FAILURE_CLASS_THROTTLED, "x.slow", "slow");
    if (chance < 24) co_return sdk::failure(v1::FAILURE_CLASS_UNAUTHORIZED, "x.who", "who");
    co_return sdk::failure(v1::FAILURE_CLASS_REJECTED, "x.never", "never");
  }

  const std::string name_;
  std::mt19937 random_;
};

sdk::HostOptions impatient() {
  sdk::HostOptions options;
  options.backoff = {.base = Millis{3}, .factor = 2, .cap = Millis{20}, .jitter = 0.2, .max_attempts = 3};
  options.breaker = {.failures = 4, .open = Millis{10}, .factor = 1.5, .cap = Millis{30}};
  options.reprobe = Millis{10};
  return options;
}

class HammerTest : public testing::Test {
 protected:
  HammerTest() : store(opened(folder.path())) {
    transport.attach(
        [this](v1::Report report, transport::ReportDone done) { settlement.report(std::move(report), std::move(done)); },
        [this](const std::string& channel) { dispatch.room(channel); }, {});
    dispatch.start();
    for (auto* host : {&website_host, &board_host}) ended.push_back(asio::co_spawn(hosting, host->run(), asio::use_future));
    for (int i = 0; i < 2; ++i) threads.emplace_back([this] { serving.run(); });
    threads.emplace_back([this] { hosting.run(); });
  }
  ~HammerTest() override {
    website_host.stop();
    board_host.stop();
    for (auto& end : ended) end.get();
    dispatch.stop();
    transport.close();
    serving_guard.reset();
    hosting_guard.reset();
    for (auto& thread : threads) thread.join();
    pool.join();
    store->close();
  }

  // Submits, corrects at once, and withdraws, as departments do.
  asio::awaitable<void> department(int number) {
    for (int i = 0; i < kItemsEach; ++i) {
      const std::string reference = std::to_string(number) + "-" + std::to_string(i);
      auto receipt = co_await intake.submit(key_of("GGJ"), item_of(reference), false);
      EXPECT_TRUE(receipt);
      if (!receipt) continue;
      for (int edition = 2; edition <= 1 + i % 4; ++edition) {
        auto correction =
            correction_of(item_of(reference), "第" + std::to_string(edition) + "版", static_cast<std::uint32_t>(edition - 1));
        auto corrected = co_await intake.submit(key_of("GGJ"), std::move(correction), false);
        EXPECT_TRUE(corrected);
      }
      if (i % 5 != 4) continue;
      v1::WithdrawRequest order;
      order.set_reason("项目终止");
      auto withdrawn = co_await operate.withdraw(key_of("GGJ"), receipt->item_id(), std::move(order));
      EXPECT_TRUE(withdrawn);
    }
  }
  std::uint64_t open() { return store->channel_counts("website")->open + store->channel_counts("board")->open; }
  std::uint64_t replay() {
    auto answer = asio::co_spawn(serving, operate.replay(local_administrator(), {}), asio::use_future).get();
    EXPECT_TRUE(answer);
    EXPECT_EQ(answer->matched(), answer->replayed());
    return answer->replayed();
  }
  // Until nothing is open, or nothing has moved for too long.
  bool rests() {
    for (int quiet = 0; quiet < 1000;) {
      const auto before = store->log_head().size;
      if (open() == 0) return true;
      std::this_thread::sleep_for(milliseconds(10));
      quiet = store->log_head().size == before ? quiet + 1 : 0;
    }
    return false;
  }
  void check(FickleChannel& channel, const std::string& name) {
    const std::lock_guard lock(channel.mutex);
    for (const auto& [id, times] : channel.effects) EXPECT_EQ(times, 1) << id << " appeared " << times << " times";
    for (const auto& [item, editions] : channel.editions) {
      EXPECT_TRUE(std::is_sorted(editions.begin(), editions.end())) << "item " << item << " on " << name;
    }
    for (std::uint64_t item = 1; item <= kSubmitters * kItemsEach; ++item) {
      const auto view = store->item(item);
      ASSERT_TRUE(view);
      const auto newest = static_cast<std::uint32_t>(view->editions_size());
      ASSERT_FALSE(channel.editions[item].empty()) << "item " << item << " on " << name;
      EXPECT_EQ(channel.editions[item].back(), newest) << "item " << item << " on " << name;
      const std::string id = std::to_string(item) + "-" + std::to_string(newest) + "-" + name;
      EXPECT_EQ(store->delivery(id)->state(), v1::DELIVERY_STATE_DELIVERED) << id;
    }
  }

  static std::unique_ptr<store::Store> opened(const std::filesystem::path& folder) {
    store::SqliteOptions options;
    options.folder = folder;
    return std::move(store::open_sqlite(options).value());
  }

  TempFolder folder;
  std::unique_ptr<store::Store> store;
  const SystemClock clock;
  asio::io_context serving, hosting{1};
  asio::executor_work_guard<asio::io_context::executor_type> serving_guard{serving.get_executor()},
      hosting_guard{hosting.get_executor()};
  asio::thread_pool pool{2};
  Installation installation{{}, {"board", "website"}};
  HeardEvents events;
  ChannelBoard channels;
  transport::EmbeddedTransport transport{{6}};
  Dispatch dispatch{*store, transport, flow_catalogue(), installation, clock, events, serving.get_executor(), pool};
  Settlement settlement{*store, dispatch, clock, events};
  Intake intake{*store, flow_catalogue(), installation, clock, dispatch, events};
  Operate operate{*store, flow_catalogue(), installation, channels, clock, dispatch, [] { return Operate::FreshKey{}; }};
  FickleChannel website{"website", 1}, board{"board", 2};
  sdk::ChannelHost website_host{"website", "fickle", website, transport, clock, impatient()};
  sdk::ChannelHost board_host{"board", "fickle", board, transport, clock, impatient()};
  std::vector<std::future<void>> ended;
  std::vector<std::thread> threads;
};

TEST_F(HammerTest, EveryEditionHasItsEffectOnceAndInOrderWhateverTheChannelsDo) {
  std::vector<std::future<void>> departments;
  for (int i = 0; i < kSubmitters; ++i) departments.push_back(asio::co_spawn(serving, department(i), asio::use_future));
  for (auto& each : departments) each.get();
  ASSERT_TRUE(rests()) << open() << " deliveries were forgotten";
  for (auto* channel : {&website, &board}) {
    const std::lock_guard lock(channel->mutex);
    channel->well = true;
  }
  for (auto* host : {&website_host, &board_host}) host->resume();
  replay();
  ASSERT_TRUE(rests()) << open() << " deliveries were forgotten";
  EXPECT_EQ(replay(), 0U);
  check(website, "website");
  check(board, "board");
  EXPECT_TRUE(events.failures.empty());
}

}  // namespace
}  // namespace fabu::flow
