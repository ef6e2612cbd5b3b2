// Settlements share a sync with what comes after them: they wait a moment, and never longer than they must.
#include <gtest/gtest.h>

#include <atomic>

#include "broker/store/sqlite/sqlite_store.h"
#include "integration/store/blocking_store.h"
#include "integration/store/sample.h"
#include "temp_folder.h"

namespace fabu::store {
namespace {

// So patient that a settlement that is answered was not answered by the clock.
class SqlitePatience : public testing::Test {
 protected:
  SqlitePatience() {
    SqliteOptions options;
    options.folder = folder_.path();
    options.patience = std::chrono::hours(1);
    store_ = std::move(open_sqlite(options).value());
  }
  void settle(int item) {
    store_->settle(delivered(std::to_string(item) + "-1-website"),
                   [this](const Result<Settled>& settled) { settled_ += settled ? 1 : 0; });
  }

  TempFolder folder_;
  std::unique_ptr<Store> store_;
  std::atomic<int> settled_ = 0;
};

TEST_F(SqlitePatience, ASettlementGoesWithTheNextSubmission) {
  BlockingStore write(*store_);
  write.accept(submission("GG-1")).value();
  settle(1);
  write.accept(submission("GG-2")).value();
  EXPECT_EQ(settled_, 1);
}

TEST_F(SqlitePatience, ManySettlementsAreWorthASyncOfTheirOwn) {
  BlockingStore write(*store_);
  for (int i = 1; i <= 64; ++i) write.accept(submission("GG-" + std::to_string(i))).value();
  for (int i = 1; i < 64; ++i) settle(i);
  EXPECT_TRUE(write.settle(delivered("64-1-website")));
  EXPECT_EQ(settled_, 63);
}

TEST_F(SqlitePatience, ClosingCommitsWhatWaits) {
  BlockingStore(*store_).accept(submission("GG-1")).value();
  settle(1);
  store_->close();
  EXPECT_EQ(settled_, 1);
}

}  // namespace
}  // namespace fabu::store
