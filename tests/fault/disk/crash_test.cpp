// The power goes, or the process is killed, at every write and every sync of a store's life: what was acked is there, nothing is
// half.
#include <atomic>
#include <map>
#include <mutex>
#include <thread>

#include "fault/disk/disk_fixture.h"

namespace fabu::store {
namespace {

// Runs the script until everything stops at the nth call. How many steps were acked.
std::size_t run_until(Machine& machine, Call call, std::uint64_t nth) {
  machine.disk().stop_at(call, nth);
  const auto started = machine.try_start();
  const auto acked = started ? run_script(machine.store()) : 0;
  machine.stop();
  return acked;
}

void crash_at(Call call, std::uint64_t nth, Survival survival) {
  Machine machine;
  const auto acked = run_until(machine, call, nth);
  const auto store = machine.after_crash(survival, nth);
  EXPECT_TRUE(kept_its_word(*store, acked));
  EXPECT_EQ(run_script(*store, acked), script().size());
  EXPECT_TRUE(is_complete(*store));
}

class Crash : public testing::TestWithParam<Survival> {};

INSTANTIATE_TEST_SUITE_P(Cache, Crash, testing::Values(Survival::lost, Survival::torn, Survival::kept), [](const auto& suite) {
  return std::string(suite.param == Survival::lost ? "Lost" : suite.param == Survival::torn ? "Torn" : "Kept");
});

TEST_P(Crash, AtAnySyncKeepsEveryAckAndNothingHalf) {
  const auto calls = count_calls(Call::sync).all;
  for (std::uint64_t nth = 1; nth <= calls + 1; ++nth) {
    crash_at(Call::sync, nth, GetParam());
    if (HasFailure()) FAIL() << "at sync " << nth << " of " << calls;
  }
}

TEST_P(Crash, AtAnyWriteKeepsEveryAckAndNothingHalf) {
  const auto calls = count_calls(Call::write).all;
  const std::uint64_t step = GetParam() == Survival::lost ? 1 : 3;
  for (std::uint64_t nth = 1; nth <= calls + 1; nth += step) {
    crash_at(Call::write, nth, GetParam());
    if (HasFailure()) FAIL() << "at write " << nth << " of " << calls;
  }
}

// The process is killed, then starts again and answers what is sent again, then the power goes. The second process must not ack
// as `repeated` what the first one left in the cache.
TEST(Kill, ThenAPowerCutKeepsWhatTheNextProcessAckedToo) {
  for (const Call call : {Call::sync, Call::write}) {
    const auto calls = count_calls(call).all;
    for (std::uint64_t nth = 1; nth <= calls; nth += call == Call::write ? 2 : 1) {
      Machine machine;
      const auto acked = run_until(machine, call, nth);
      machine.disk().restore();
      machine.start();
      EXPECT_TRUE(kept_its_word(machine.store(), acked));
      const bool under_way = acked < script().size();
      EXPECT_TRUE(!under_way || script()[acked].act(machine.store()) == Answer::acked);
      EXPECT_TRUE(kept_its_word(*machine.after_crash(Survival::lost), acked + (under_way ? 1 : 0)));
      if (testing::Test::HasFailure()) FAIL() << "at call " << nth << " of " << calls;
    }
  }
}

// What many submitters were promised until the power went.
class Promises {
 public:
  void add(const v1::SubmissionReceipt& receipt) {
    const std::lock_guard lock(mutex_);
    receipts_[receipt.reference()] = receipt.SerializeAsString();
  }
  std::size_t size() const { return receipts_.size(); }
  testing::AssertionResult kept_by(Store& store) const {
    for (const auto& [reference, receipt] : receipts_) {
      const auto again = BlockingStore(store).accept(submission(reference));
      if (!again || again->kind != AcceptKind::repeated)
        return testing::AssertionFailure() << reference << " was acked and is lost";
      if (again->receipt.SerializeAsString() != receipt)
        return testing::AssertionFailure() << reference << " has another receipt";
    }
    return is_sound(store);
  }

 private:
  std::mutex mutex_;
  std::map<std::string, std::string> receipts_;
};

TEST(CrashUnderLoad, KeepsWhatEverySubmitterWasPromised) {
  for (std::uint64_t nth = 1; nth <= 61; nth += 4) {
    Machine machine;
    machine.start();
    machine.disk().stop_at(Call::sync, nth);
    Promises promises;
    std::vector<std::thread> submitters;
    for (int s = 0; s < 4; ++s) {
      submitters.emplace_back([&, s] {
        for (int i = 0; i < 1000; ++i) {
          const auto outcome = machine.write().accept(submission("S" + std::to_string(s) + "-" + std::to_string(i)));
          if (!outcome) return;
          promises.add(outcome->receipt);
          if (!machine.write().settle(delivered(outcome->deliveries.at(0).id()))) return;
        }
      });
    }
    for (auto& submitter : submitters) submitter.join();
    machine.stop();
    for (const auto survival : {Survival::lost, Survival::torn}) {
      const auto store = machine.after_crash(survival, nth);
      EXPECT_TRUE(promises.kept_by(*store)) << "at sync " << nth << ", " << promises.size() << " acked";
      const auto numbers = index_numbers(*store, kPrefix);
      EXPECT_TRUE(numbers.empty() || numbers.back() == static_cast<int>(numbers.size()));
    }
  }
}

}  // namespace
}  // namespace fabu::store
