// The host on several threads and real time, with operators who meddle from outside.
#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/thread_pool.hpp>
#include <mutex>
#include <set>
#include <thread>

#include "adapters/sdk/host.h"
#include "adapters/sdk/pool.h"
#include "broker/transport/embedded/embedded.h"

namespace fabu::sdk {
namespace asio = boost::asio;
namespace {

// Publishes on a pool, and never two deliveries of one item at once.
class PoolChannel final : public Channel {
 public:
  explicit PoolChannel(asio::thread_pool& pool) : pool_(pool) {}
  Limits limits() const override { return {.concurrency = 8, .per_second = 0, .timeout = std::chrono::seconds(30)}; }

  asio::awaitable<Outcome<v1::Receipt>> publish(const v1::Work& work, Progress& progress) override {
    const bool saved = co_await progress.save("begun");
    if (!saved) ++faults;
    auto act = [this, item = work.delivery().item_id()] {
      {
        const std::lock_guard lock(mutex_);
        if (!under_way_.insert(item).second) ++faults;
      }
      std::this_thread::yield();
      const std::lock_guard lock(mutex_);
      under_way_.erase(item);
      return true;
    };
    co_await on_pool(pool_, act);
    v1::Receipt receipt;
    receipt.set_locator(work.delivery().id());
    co_return receipt;
  }
  asio::awaitable<Outcome<v1::Receipt>> withdraw(const v1::Work& work, Progress& progress) override {
    return publish(work, progress);
  }
  asio::awaitable<Outcome<std::optional<v1::Receipt>>> find(const v1::Work&, const std::string&) override {
    co_return std::nullopt;
  }
  asio::awaitable<Outcome<v1::Observation>> observe(const v1::Receipt&) override { co_return v1::Observation{}; }

  std::atomic<int> faults = 0;

 private:
  asio::thread_pool& pool_;
  std::mutex mutex_;
  std::set<std::uint64_t> under_way_;
};

v1::Work make_work(std::uint64_t item, std::uint32_t edition) {
  v1::Work work;
  work.mutable_delivery()->set_id(std::to_string(item) + "-" + std::to_string(edition) + "-c");
  work.mutable_delivery()->set_item_id(item);
  work.mutable_delivery()->set_edition(edition);
  work.mutable_delivery()->set_channel("c");
  work.mutable_delivery()->set_action(v1::ACTION_PUBLISH);
  return work;
}

TEST(HostThreads, DeliversEverythingWhileOperatorsPauseAndResume) {
  constexpr std::uint32_t kItems = 100, kEditions = 20;
  asio::thread_pool pool(2), sinks(1), hosts(3);
  transport::EmbeddedTransport transport({64});
  SystemClock clock;
  PoolChannel channel(pool);
  std::mutex mutex;
  std::set<std::string> open;  // by delivery id
  transport.attach(
      [&](v1::Report report, transport::ReportDone done) {
        asio::post(sinks, [&, report = std::move(report), done = std::move(done)] {
          if (report.has_delivered()) {
            const std::lock_guard lock(mutex);
            open.erase(report.delivery_id());
          }
          done(transport::Heard::stored);
        });
      },
      [](const std::string&) {}, {});
  std::atomic<bool> over = false;
  std::atomic<int> delivered = 0;
  HostOptions options;
  options.on_event = [&](const HostEvent& event) { delivered += std::holds_alternative<DeliveredEvent>(event) ? 1 : 0; };
  ChannelHost host("c", "pool", channel, transport, clock, options);
  asio::co_spawn(hosts, host.run(), [&](std::exception_ptr failed) {
    if (failed) ++channel.faults;
    over = true;
  });

  for (std::uint32_t edition = 1; edition <= kEditions; ++edition) {
    for (std::uint64_t item = 0; item < kItems; ++item) open.insert(make_work(item, edition).delivery().id());
  }
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(50);
  const auto late = [&] { return std::chrono::steady_clock::now() > deadline; };
  const auto is_open = [&](const std::string& id) {
    const std::lock_guard lock(mutex);
    return open.contains(id);
  };
  std::thread operators([&] {
    for (int i = 0; !over && !late(); ++i) {
      if (i % 7 == 3) host.pause("a whim");
      if (i % 7 == 5) host.resume();
      const auto view = host.view();
      if (view.in_flight() > 8) ++channel.faults;
      std::this_thread::yield();
    }
  });
  // Offers again what was given back, as the broker does; edition by edition, as it supersedes otherwise.
  for (std::uint32_t edition = 1; edition <= kEditions; ++edition) {
    for (bool some = true; some && !late();) {
      some = false;
      for (std::uint64_t item = 0; item < kItems; ++item) {
        auto work = make_work(item, edition);
        if (!is_open(work.delivery().id())) continue;
        some = true;
        transport.offer(std::move(work));
      }
      std::this_thread::yield();
    }
  }
  host.stop();
  while (!over && !late()) std::this_thread::yield();
  operators.join();
  EXPECT_TRUE(over);
  EXPECT_TRUE(open.empty());
  EXPECT_GE(delivered, static_cast<int>(kItems * kEditions));
  EXPECT_EQ(channel.faults, 0);
  transport.close();
  hosts.join();
  pool.join();
  sinks.join();
}

}  // namespace
}  // namespace fabu::sdk
