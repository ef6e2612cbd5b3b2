// The write-ahead log stays small: pages go to the database beside the writer, and the log begins again from its start.
#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <thread>

#include "broker/store/sqlite/checkpointer.h"
#include "broker/store/sqlite/writer.h"
#include "temp_folder.h"

namespace fabu::store {
namespace {

constexpr int kPage = 4096 + 24;  // in the log, with its header

class SqliteWal : public testing::Test {
 protected:
  std::string file() const { return (folder_ / "fabu.db").string(); }
  std::uintmax_t log_pages() const { return std::filesystem::file_size(file() + "-wal") / kPage; }

  std::unique_ptr<Writer> writer(int full_wal_pages) {
    WriterOptions options;
    options.file = file();
    options.full_wal_pages = full_wal_pages;
    return std::move(Writer::open(options).value());
  }
  // A commit of some pages.
  static void commit(Writer& writer, int number) {
    std::promise<void> done;
    const auto pause = [number](Ledger& ledger) {
      return ledger.switch_channel({{}, std::to_string(number), true, std::string(20'000, 'r'), Instant{}});
    };
    const auto finished = [&done](const Result<std::uint64_t>&) { done.set_value(); };
    writer.submit<std::uint64_t>(1, Writer::Urgency::now, pause, finished);
    done.get_future().wait();
  }

  TempFolder folder_;
};

TEST_F(SqliteWal, BeginsAgainOnceNearlyAllOfItIsInTheDatabase) {
  auto write = writer(60);
  write->on_wal([](int pages) { return pages; });
  for (int i = 0; i < 100; ++i) commit(*write, i);
  EXPECT_LT(log_pages(), 100U) << "600 pages were written";
}

TEST_F(SqliteWal, DoesNotBeginAgainWhileMuchIsMissingInTheDatabase) {
  auto write = writer(500);
  write->on_wal([](int) { return 0; });
  for (int i = 0; i < 150; ++i) commit(*write, i);
  EXPECT_GT(log_pages(), 700U) << "900 pages were written";
}

TEST_F(SqliteWal, ACheckpointerTellsWhatItHasCopied) {
  auto write = writer(1000);
  for (int i = 0; i < 20; ++i) commit(*write, i);
  const auto pages = static_cast<int>(log_pages());
  Checkpointer checkpointer(file(), {}, 50);
  EXPECT_EQ(checkpointer.notice(49), 0) << "too few to begin";
  int copied = 0;
  for (int tries = 0; copied == 0 && tries < 1000; ++tries) {
    copied = checkpointer.notice(pages);
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_EQ(copied, pages);
  EXPECT_EQ(checkpointer.notice(10), 0) << "the log has begun again";
}

}  // namespace
}  // namespace fabu::store
