// A disk that fails while the store runs: errors instead of acks, nothing half, and the store goes on by itself.
#include <atomic>

#include "fault/disk/disk_fixture.h"
#include "integration/store/held_store.h"

namespace fabu::store {
namespace {

struct DiskFault {
  std::string name;
  Call call;
  int code;
};
void PrintTo(const DiskFault& fault, std::ostream* out) {
  *out << fault.name;
}

class FailingDisk : public testing::TestWithParam<DiskFault> {
 protected:
  void fail(std::uint64_t nth, std::uint64_t times = 1) { machine.disk().fail(GetParam().call, nth, GetParam().code, times); }

  // Every sync; of the many writes the full disk takes the odd ones, the failed write the even ones.
  std::uint64_t first() const { return GetParam().code == SQLITE_IOERR_WRITE ? 2 : 1; }
  std::uint64_t step() const { return GetParam().call == Call::write ? 2 : 1; }

  Machine machine;
};

INSTANTIATE_TEST_SUITE_P(Faults, FailingDisk,
                         testing::Values(DiskFault{"FailedSync", Call::sync, SQLITE_IOERR_FSYNC},
                                         DiskFault{"FullDisk", Call::write, SQLITE_FULL},
                                         DiskFault{"FailedWrite", Call::write, SQLITE_IOERR_WRITE}),
                         [](const auto& suite) { return suite.param.name; });

TEST_P(FailingDisk, GivesEveryWriteOfTheGroupAnErrorAndStoresNothingOfIt) {
  machine.start();
  machine.write().accept(submission("before")).value();
  const auto head = machine.store().log_head();
  std::atomic<int> unavailable = 0, acked = 0;
  {
    HeldStore held(machine.store());
    for (int i = 0; i < 20; ++i) {
      machine.store().accept(submission("GG-" + std::to_string(i)), [&](Result<Accepted> outcome) {
        ++(!outcome && outcome.error().code == ErrorCode::unavailable ? unavailable : acked);
      });
    }
    fail(1);
  }
  machine.drain();
  EXPECT_TRUE(machine.disk().struck());
  EXPECT_EQ(unavailable, 20);
  EXPECT_EQ(acked, 0);
  EXPECT_EQ(machine.store().log_head().size, head.size + 2) << "the held record and the one that drained";
  EXPECT_EQ(all_items(machine.store()).size(), 1u);
  EXPECT_TRUE(is_sound(machine.store()));
}

TEST_P(FailingDisk, GoesOnByItselfOnceTheDiskDoes) {
  machine.start();
  for (int i = 1; i <= 10; ++i) {
    const Accept command = submission("GG-" + std::to_string(i));
    fail(1, static_cast<std::uint64_t>(i % 3 + 1));
    auto outcome = machine.write().accept(command);
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().code, ErrorCode::unavailable);
    for (int tries = 0; !outcome && tries < 10; ++tries) outcome = machine.write().accept(command);
    EXPECT_EQ(outcome.value().receipt.item_id(), static_cast<std::uint64_t>(i));
  }
  EXPECT_EQ(index_numbers(machine.store(), kPrefix).size(), 10u);
  EXPECT_EQ(index_numbers(machine.store(), kPrefix).back(), 10) << "what failed took no number";
  EXPECT_TRUE(is_sound(machine.store()));
}

TEST_P(FailingDisk, ReadsOnWhileNothingCanBeWritten) {
  machine.start();
  machine.write().accept(submission("GG-1")).value();
  fail(1, kForEver);
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(code_of(machine.write().accept(submission("GG-2"))), ErrorCode::unavailable);
    EXPECT_EQ(machine.store().item(1).value().reference(), "GG-1");
    EXPECT_EQ(machine.store().open_deliveries({kWebsite, at(100), {}, 10}).value().works.size(), 1u);
    EXPECT_TRUE(is_sound(machine.store()));
  }
  machine.disk().restore();
  EXPECT_EQ(machine.write().accept(submission("GG-2")).value().receipt.item_id(), 2u);
}

TEST_P(FailingDisk, SaysSoWhenItCannotEvenBegin) {
  fail(1, kForEver);
  const auto started = machine.try_start();
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().code, ErrorCode::io);
  machine.disk().restore();
  machine.start();
  EXPECT_EQ(run_script(machine.store()), script().size());
  EXPECT_TRUE(is_complete(machine.store()));
}

// Sends every step again until it is acked, on a disk that fails `times` times from the nth call on. Then the power goes.
void run_against(Machine& machine, const DiskFault& fault, std::uint64_t nth, std::uint64_t times) {
  machine.disk().fail(fault.call, nth, fault.code, times);
  for (int tries = 0; !machine.try_start(); ++tries) ASSERT_LT(tries, 10);
  std::size_t acked = 0;
  for (int tries = 0; acked < script().size(); ++tries) {
    ASSERT_LT(tries, 10);
    acked = run_script(machine.store(), acked);
  }
  EXPECT_TRUE(is_complete(machine.store()));
  EXPECT_TRUE(is_complete(*machine.after_crash(Survival::lost)));
}

TEST_P(FailingDisk, LosesNothingWhereverItFails) {
  const auto calls = count_calls(GetParam().call).all;
  for (std::uint64_t nth = first(); nth <= calls; nth += step()) {
    Machine one;
    run_against(one, GetParam(), nth, nth % 3 + 1);
    if (HasFailure()) FAIL() << "at call " << nth << " of " << calls;
  }
}

// The broker is started again after the failure, on the same machine: what it then finds in the cache need not be on the disk.
TEST_P(FailingDisk, BelievesNothingAfterARestartThatMayNotBeOnTheDisk) {
  const auto calls = count_calls(GetParam().call);
  for (std::uint64_t nth = calls.opening + first(); nth <= calls.all; nth += step()) {
    Machine one;
    one.disk().fail(GetParam().call, nth, GetParam().code, 3);
    one.start();
    std::size_t acked = run_script(one.store());
    one.stop();
    one.disk().restore();
    one.start();
    acked = run_script(one.store(), acked);
    EXPECT_EQ(acked, script().size());
    EXPECT_TRUE(is_complete(*one.after_crash(Survival::lost)));
    if (HasFailure()) FAIL() << "at call " << nth << " of " << calls.all;
  }
}

}  // namespace
}  // namespace fabu::store
