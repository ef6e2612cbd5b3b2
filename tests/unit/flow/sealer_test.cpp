#include "broker/flow/sealer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <stdexcept>

#include "unit/flow/fakes.h"
#include "unit/flow/mock_store.h"
#include "unit/run_awaitable.h"

namespace fabu::flow {
namespace {

namespace asio = boost::asio;
using testing::_;
using testing::ElementsAre;
using testing::NiceMock;

class SealerTest : public testing::Test {
 protected:
  SealerTest() {
    ON_CALL(store, log_head()).WillByDefault([this] { return store::LogHead{size, Digest{}}; });
    ON_CALL(store, save_checkpoint(_, _))
        .WillByDefault([this](const store::StoredCheckpoint& checkpoint, const store::Done<std::uint64_t>& done) {
          steps.push_back("store " + checkpoint.note);
          if (store_fails) return done(Error{ErrorCode::unavailable, "store", "disk full", "", {}});
          done(checkpoint.size);
        });
  }
  ~SealerTest() override { pool.join(); }

  std::string sign(std::uint64_t of) {
    if (sign_throws) throw std::runtime_error("no entropy");
    return "head " + std::to_string(of);
  }
  Result<void> keep(const std::string& note) {
    steps.push_back("keep " + note);
    if (keep_fails) return Error{ErrorCode::io, "file", "cannot write", "", {}};
    return {};
  }
  Result<store::StoredCheckpoint> seal() { return run(sealer.seal()); }

  asio::io_context io;
  asio::thread_pool pool{2};
  NiceMock<MockStore> store;
  ManualClock clock;
  HeardEvents events;
  std::uint64_t size = 3;
  std::atomic<bool> sign_throws = false, keep_fails = false, store_fails = false;
  std::vector<std::string> steps;
  Sealer sealer{store,
                [this](std::uint64_t of, const Digest&) { return sign(of); },
                [this](const std::string& note) { return keep(note); },
                clock,
                events,
                io.get_executor(),
                pool};
};

TEST_F(SealerTest, KeepsTheSignedHeadOutsideTheStoreBeforeItIsStoredAndShown) {
  const auto sealed = seal();
  ASSERT_TRUE(sealed);
  EXPECT_EQ(sealed->size, 3U);
  EXPECT_EQ(sealed->time_ms, to_ms(clock.now()));
  EXPECT_THAT(steps, ElementsAre("keep head 3", "store head 3"));
  EXPECT_EQ(sealer.newest().note, "head 3");
}

TEST_F(SealerTest, SignsNothingWhileTheLogDoesNotGrow) {
  seal();
  const auto again = seal();
  ASSERT_TRUE(again);
  EXPECT_EQ(again->note, "head 3");
  EXPECT_EQ(steps.size(), 2U);
  size = 4;
  EXPECT_EQ(seal()->note, "head 4");
}

TEST_F(SealerTest, AnEmptyLogIsSealedOnce) {
  size = 0;
  EXPECT_EQ(seal()->note, "head 0");
  seal();
  EXPECT_EQ(steps.size(), 2U);
}

TEST_F(SealerTest, TakesUpWhatWasSealedBeforeTheStart) {
  sealer.adopt({3, "head 3 of then", 1});
  EXPECT_EQ(seal()->note, "head 3 of then");
  EXPECT_TRUE(steps.empty());
}

TEST_F(SealerTest, ShowsNoHeadThatWasNotKeptOrNotStored) {
  keep_fails = true;
  EXPECT_EQ(seal().error().what, "cannot write");
  EXPECT_THAT(steps, ElementsAre("keep head 3"));
  EXPECT_EQ(sealer.newest().note, "");
  keep_fails = false;
  store_fails = true;
  EXPECT_EQ(seal().error().what, "disk full");
  EXPECT_EQ(sealer.newest().note, "");
  store_fails = false;
  EXPECT_EQ(seal()->note, "head 3");
}

TEST_F(SealerTest, GoesOnSealingAfterAFailureAndAnException) {
  sign_throws = true;
  bool over = false;
  asio::co_spawn(io, sealer.run(Millis{1}), [&](const std::exception_ptr& failure) {
    over = true;
    EXPECT_FALSE(failure);
  });
  ASSERT_TRUE(runs_until(io, [&] { return over || !events.failures.empty(); }));
  EXPECT_THAT(events.failures, testing::Contains("seal: no entropy"));
  ASSERT_FALSE(over);
  sign_throws = false;
  ASSERT_TRUE(runs_until(io, [&] { return !sealer.newest().note.empty(); }));
  EXPECT_EQ(sealer.newest().note, "head 3");
  sealer.stop();
  EXPECT_TRUE(runs_until(io, [&] { return over; }));
}

}  // namespace
}  // namespace fabu::flow
