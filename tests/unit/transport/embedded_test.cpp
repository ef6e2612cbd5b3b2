#include "broker/transport/embedded/embedded.h"

#include <atomic>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <random>
#include <set>
#include <thread>

#include "unit/transport/conformance.h"

namespace fabu::transport {
namespace {

class EmbeddedUnderTest final : public TransportUnderTest {
 public:
  explicit EmbeddedUnderTest(std::size_t capacity) : transport_({capacity}) {}
  WorkerEnd& worker() override { return transport_; }
  BrokerEnd& broker() override { return transport_; }

 private:
  EmbeddedTransport transport_;
};

INSTANTIATE_TEST_SUITE_P(Embedded, TransportConformance,
                         testing::Values(TransportFactory{
                             "memory", [](std::size_t capacity) { return std::make_unique<EmbeddedUnderTest>(capacity); }}),
                         [](const auto& suite) { return suite.param.name; });

struct Load {
  EmbeddedTransport transport{{256}};
  std::mutex mutex;
  std::map<std::uint64_t, std::uint32_t> last;  // edition last begun, by item
  std::set<std::uint64_t> under_way;
  std::atomic<std::uint64_t> done = 0;
  std::atomic<int> faults = 0;
  std::atomic<int> workers = 0;
};

asio::awaitable<void> work_off(Load& load, std::size_t most) {
  for (;;) {
    auto works = co_await load.transport.receive("website", most);
    if (works.empty()) co_return;
    for (const auto& work : works) {
      const std::lock_guard lock(load.mutex);
      const auto item = work.delivery().item_id();
      if (!load.under_way.insert(item).second) ++load.faults;
      if (load.last[item] >= work.delivery().edition()) ++load.faults;
      load.last[item] = work.delivery().edition();
    }
    for (const auto& work : works) {
      {
        const std::lock_guard lock(load.mutex);
        load.under_way.erase(work.delivery().item_id());
      }
      const bool stored = co_await load.transport.report(delivered(work.delivery().id()));
      if (!stored) ++load.faults;
      ++load.done;
    }
  }
}

// Receives that are cancelled at once, over and over, must lose nothing of what the others are to get.
asio::awaitable<void> cancel_often(Load& load, asio::any_io_executor executor) {
  while (load.done < 20000) {
    asio::cancellation_signal cancel;
    bool over = false;
    asio::co_spawn(executor, load.transport.receive("nothing", 1),
                   asio::bind_cancellation_slot(cancel.slot(), [&](std::exception_ptr, std::vector<v1::Work>) { over = true; }));
    co_await asio::post(executor, asio::use_awaitable);
    cancel.emit(asio::cancellation_type::terminal);
    while (!over) co_await asio::post(executor, asio::use_awaitable);
  }
}

TEST(EmbeddedTransport, KeepsOrderAndLosesNothingUnderManyThreads) {
  constexpr std::uint64_t kItems = 500, kEditions = 40, kAll = kItems * kEditions;
  Load load;
  asio::thread_pool pool(4);
  asio::thread_pool sinks(2);
  load.transport.attach(
      [&](v1::Report, ReportDone done) { asio::post(sinks, [done = std::move(done)] { done(Heard::stored); }); },
      [](const std::string&) {}, {});
  const auto worker_over = [&](std::exception_ptr failure) {
    if (failure) ++load.faults;
    --load.workers;
  };
  for (int worker = 0; worker < 6; ++worker) {
    ++load.workers;
    asio::co_spawn(asio::make_strand(pool), work_off(load, 1 + static_cast<std::size_t>(worker)), worker_over);
  }
  ++load.workers;
  const asio::any_io_executor strand = asio::make_strand(pool);
  asio::co_spawn(strand, cancel_often(load, strand), worker_over);

  std::vector<std::thread> offerers;
  for (std::uint64_t part = 0; part < 2; ++part) {
    offerers.emplace_back([&, part] {
      for (std::uint64_t edition = 1; edition <= kEditions; ++edition) {
        for (std::uint64_t item = part; item < kItems; item += 2) {
          while (!load.transport.offer(make_work(item, static_cast<std::uint32_t>(edition)))) std::this_thread::yield();
        }
      }
    });
  }
  for (auto& offerer : offerers) offerer.join();
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(50);
  while (load.done < kAll && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
  load.transport.close();
  while (load.workers > 0 && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
  EXPECT_EQ(load.done, kAll);
  EXPECT_EQ(load.faults, 0);
  EXPECT_EQ(load.workers, 0);
  if (load.workers > 0) pool.stop();
  pool.join();
  sinks.join();
}

TEST(EmbeddedTransport, HandsOutTheSuccessorOfWhatAnotherBrokerHasSettled) {
  asio::io_context io(1);
  EmbeddedTransport transport;
  transport.attach([](v1::Report, ReportDone done) { done(Heard::stored); }, [](const std::string&) {}, {});
  transport.offer(make_work(1, 1));
  transport.offer(make_work(1, 2));
  std::vector<std::string> ids;
  const auto take = [&] {
    asio::co_spawn(io, transport.receive("website", 1), [&](std::exception_ptr, std::vector<v1::Work> works) {
      for (const auto& work : works) ids.push_back(work.delivery().id());
    });
    io.restart();
    io.run_for(std::chrono::milliseconds(20));
  };
  take();
  transport.forget("9-9-website", "website");
  transport.forget("1-1-website", "website");
  take();
  EXPECT_EQ(ids, (Ids{"1-1-website", "1-2-website"}));
}

TEST(EmbeddedTransport, CarriesAHundredThousandWorksQuickly) {
  constexpr std::uint64_t kWorks = 100'000;
  Load load;
  asio::io_context io(1);
  load.transport.attach([](v1::Report, ReportDone done) { done(Heard::stored); }, [](const std::string&) {}, {});
  for (int worker = 0; worker < 4; ++worker) {
    asio::co_spawn(io, work_off(load, 64), [&](std::exception_ptr failure) { load.faults += failure ? 1 : 0; });
  }
  const auto begin = std::chrono::steady_clock::now();
  std::thread offerer([&] {
    for (std::uint64_t item = 1; item <= kWorks; ++item) {
      while (!load.transport.offer(make_work(item, 1))) std::this_thread::yield();
    }
  });
  while (load.done < kWorks && std::chrono::steady_clock::now() - begin < std::chrono::seconds(50))
    io.run_one_for(std::chrono::milliseconds(10));
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  offerer.join();
  load.transport.close();
  io.run();
  EXPECT_EQ(load.done, kWorks);
  EXPECT_EQ(load.faults, 0);
  RecordProperty("works_per_second", static_cast<int>(kWorks / took.count()));
  std::cout << "works a second: " << static_cast<int>(kWorks / took.count()) << "\n";
}

}  // namespace
}  // namespace fabu::transport
