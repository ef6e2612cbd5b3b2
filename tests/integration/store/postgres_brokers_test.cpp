// Several brokers on one database: one history, whoever writes; and a database that goes away and comes back.
#include <atomic>
#include <chrono>
#include <thread>

#include "broker/store/postgresql/pg_store.h"
#include "integration/store/blocking_store.h"
#include "integration/store/sample.h"
#include "integration/store/soundness.h"
#include "peers/postgres/postgres_server.h"
#include "temp_folder.h"
#include "unit/print_result.h"

namespace fabu::store {
namespace {

class PostgresBrokers : public testing::Test {
 protected:
  std::unique_ptr<Store> broker() {
    PostgresOptions options;
    options.address = server_.address("shared");
    options.copies = copies_ / ("copies" + std::to_string(++brokers_));
    return std::move(open_postgres(options).value());
  }
  // Submits items by these references, each delivered on both channels.
  static void submit(Store& store, const std::string& prefix, int count, std::atomic<int>& accepted) {
    BlockingStore write(store);
    for (int i = 0; i < count; ++i) {
      const auto outcome = write.accept(submission(prefix + std::to_string(i))).value();
      if (outcome.kind != AcceptKind::accepted) continue;
      ++accepted;
      for (const auto& delivery : outcome.deliveries) EXPECT_TRUE(write.settle(delivered(delivery.id())));
    }
  }

  // As a department does: again until it is answered.
  template <typename Write>
  static auto insist(Write write) {
    for (;;) {
      if (auto outcome = write()) return std::move(*outcome);
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  }

  peers::PostgresServer server_;
  TempFolder copies_;
  int brokers_ = 0;
};

TEST_F(PostgresBrokers, WriteOneHistory) {
  const auto one = broker(), two = broker();
  std::atomic<int> accepted = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    auto& store = i % 2 == 0 ? *one : *two;
    threads.emplace_back([&store, &accepted, i] { submit(store, "own-" + std::to_string(i) + "-", 40, accepted); });
    threads.emplace_back([&store, &accepted] { submit(store, "shared-", 40, accepted); });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(accepted, 4 * 40 + 40) << "what all of them submitted was accepted once";
  EXPECT_EQ(one->log_head().size, 200U * 4) << "received, planned, twice delivered";
  EXPECT_EQ(one->log_head().root, two->log_head().root);
  EXPECT_EQ(one->channel_counts("website")->open, 0U);
  EXPECT_TRUE(is_sound(*one));
  EXPECT_TRUE(is_sound(*two));
}

TEST_F(PostgresBrokers, GoOnWithWhatAnotherBegan) {
  const auto one = broker(), two = broker();
  ASSERT_TRUE(BlockingStore(*one).accept(submission("GG-1")));
  ASSERT_TRUE(BlockingStore(*two).settle(delivered("1-1-website")));
  EXPECT_EQ(one->delivery("1-1-website")->state(), v1::DELIVERY_STATE_DELIVERED);
  ASSERT_TRUE(BlockingStore(*one).settle(delivered("1-1-noticeboard")));
  ASSERT_TRUE(BlockingStore(*two).withdraw(withdrawal(1)));
  ASSERT_TRUE(BlockingStore(*one).accept(submission("GG-2")));
  EXPECT_EQ(two->item(1)->editions_size(), 2);
  EXPECT_TRUE(is_sound(*two, {one.get()}));
}

TEST_F(PostgresBrokers, OutliveTheDatabase) {
  const auto store = broker();
  BlockingStore write(*store);
  ASSERT_TRUE(write.accept(submission("GG-1")));
  EXPECT_EQ(store->log_head().size, 2U);
  server_.kill();
  EXPECT_EQ(write.accept(submission("GG-2")).error().code, ErrorCode::unavailable);
  EXPECT_EQ(store->item(1).error().code, ErrorCode::unavailable);
  EXPECT_EQ(store->log_head().size, 2U) << "as it was";
  server_.start();
  EXPECT_EQ(write.accept(submission("GG-1"))->kind, AcceptKind::repeated);
  EXPECT_EQ(write.accept(submission("GG-2"))->kind, AcceptKind::accepted);
  EXPECT_TRUE(store->item(1));
  EXPECT_TRUE(is_sound(*store));
}

// What was acked is there once, with everything that follows from it; what was not acked may be, and is answered as done.
TEST_F(PostgresBrokers, LoseAndDoubleNothingWhenTheDatabaseIsKilledUnderThem) {
  constexpr int kEach = 60, kThreads = 4;
  const auto one = broker(), two = broker();
  std::atomic<int> acked = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      BlockingStore write(i % 2 == 0 ? *one : *two);
      for (int n = 0; n < kEach; ++n) {
        const auto outcome = insist([&] { return write.accept(submission(std::to_string(i) + "-" + std::to_string(n))); });
        for (const char* channel : {kWebsite, kNoticeboard}) {
          insist([&] { return write.settle(delivered(std::to_string(outcome.receipt.item_id()) + "-1-" + channel)); });
        }
        ++acked;
      }
    });
  }
  for (const int after : {20, 80, 140}) {
    while (acked < after) std::this_thread::yield();
    server_.kill();
    server_.start();
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(all_items(*one).size(), static_cast<std::size_t>(kEach * kThreads));
  EXPECT_EQ(one->log_head().size, static_cast<std::uint64_t>(kEach * kThreads * 4));
  EXPECT_TRUE(is_sound(*one));
}

}  // namespace
}  // namespace fabu::store
