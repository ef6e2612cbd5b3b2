// One broker leads, whatever happens to the one that did.
#include <sys/mman.h>

#include <atomic>

#include "integration/store/doomed_broker.h"
#include "integration/store/several_brokers.h"

namespace fabu::store {
namespace {

class PostgresLeader : public SeveralBrokers {
 protected:
  PostgresOptions impatient() {
    auto chosen = options();
    chosen.leader_patience = std::chrono::milliseconds(1000);
    return chosen;
  }
  // Of the test's process, with how often it was told.
  struct Candidate {
    std::unique_ptr<Store> store;
    std::atomic<int> won = 0, lost = 0;
  };
  void stand(Candidate& candidate) {
    candidate.store = std::move(open_postgres(impatient()).value());
    candidate.store->campaign([&candidate](bool leads) { ++(leads ? candidate.won : candidate.lost); });
  }
};

TEST_F(PostgresLeader, IsOneAndAnotherOnceItEnds) {
  Candidate one, two;
  stand(one);
  ASSERT_TRUE(eventually([&] { return one.won == 1; }));
  EXPECT_TRUE(one.store->leads());
  stand(two);
  EXPECT_FALSE(two.store->leads());
  one.store->close();
  EXPECT_TRUE(eventually([&] { return two.won == 1 && two.store->leads(); }));
  EXPECT_FALSE(one.store->leads());
}

TEST_F(PostgresLeader, LeadsNoLongerWithoutItsConnection) {
  Candidate one;
  stand(one);
  ASSERT_TRUE(eventually([&] { return one.won == 1; }));
  pg::Connection(address()).run(
      "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND classid = 20260822 AND granted AND "
      "database = "
      "(SELECT oid FROM pg_database WHERE datname = current_database())");
  EXPECT_TRUE(eventually([&] { return one.lost == 1 && one.won == 2; }));
}

TEST_F(PostgresLeader, IsReplacedWhenItsProcessIsKilled) {
  auto chosen = impatient();
  DoomedBroker doomed([&](auto ack) {
    const auto store = std::move(open_postgres(chosen).value());
    store->campaign([&](bool leads) { ack(leads ? "leads" : "leads no longer"); });
    ::pause();
  });
  ASSERT_EQ(doomed.next_ack(), "leads");
  Candidate follower;
  stand(follower);
  EXPECT_FALSE(follower.store->leads());
  doomed.kill();
  EXPECT_TRUE(eventually([&] { return follower.won == 1; }));
}

// It does not know how long it stood, and must not act on what it believed before.
TEST_F(PostgresLeader, IsReplacedWhenItIsStoppedAndKnowsItWhenItGoesOn) {
  auto chosen = impatient();
  auto& acts = *new (::mmap(nullptr, sizeof(std::atomic<int>), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0))
                   std::atomic<int>(0);
  DoomedBroker doomed([&](auto ack) {
    const auto store = std::move(open_postgres(chosen).value());
    store->campaign([&](bool leads) { ack(leads ? "leads" : "leads no longer"); });
    for (;; std::this_thread::sleep_for(std::chrono::milliseconds(1))) {
      if (store->leads()) ++acts;
    }
  });
  ASSERT_EQ(doomed.next_ack(), "leads");
  ASSERT_TRUE(eventually([&] { return acts > 10; }));
  Candidate follower;
  stand(follower);
  doomed.stop();
  ASSERT_TRUE(eventually([&] { return follower.won == 1; }));
  const int before = acts;
  doomed.go_on();
  EXPECT_EQ(doomed.next_ack(), "leads no longer");
  EXPECT_LE(acts, before + 1) << "one that was begun when it was stopped";
  EXPECT_TRUE(eventually([&] { return follower.store->leads(); }));
  EXPECT_EQ(follower.lost, 0);
}

TEST_F(PostgresLeader, TakesTheLockFromAConnectionThatNeverSaidThatItLives) {
  Candidate one;
  address();
  pg::Connection stuck(address());
  stuck.run("SELECT pg_advisory_lock(20260822, 0)");
  stand(one);
  EXPECT_TRUE(eventually([&] { return one.won == 1; }));
  EXPECT_THROW(stuck.run("SELECT 1"), pg::Failure);
}

}  // namespace
}  // namespace fabu::store
