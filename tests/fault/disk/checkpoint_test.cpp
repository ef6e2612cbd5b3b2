// The write-ahead log is emptied into the database beside the writes. What goes wrong there costs nothing that was acked.
#include <algorithm>

#include "fault/disk/disk_fixture.h"

namespace fabu::store {
namespace {

// A megabyte of content, 128 pages: eight of them make a checkpoint due.
Accept large(int number) {
  Accept command = submission("GG-" + std::to_string(number));
  std::string bytes(1 << 20, 'x');
  std::generate(bytes.begin(), bytes.end(), [state = static_cast<unsigned>(number)]() mutable {
    state = state * 1'664'525U + 1'013'904'223U;
    return static_cast<char>(state >> 24);
  });
  command.content = bytes;
  command.digest = sha256(bytes);
  return command;
}

// How many were acked before the first that was not.
int accept_until_it_fails(Machine& machine, int most) {
  for (int i = 0; i < most; ++i) {
    if (!machine.write().accept(large(i))) return i;
  }
  return most;
}

testing::AssertionResult has_all(Store& store, int acked) {
  for (int i = 0; i < acked; ++i) {
    const auto item = store.find_item("GGJ", "GG-" + std::to_string(i));
    if (!item || !*item) return testing::AssertionFailure() << "item " << i << " was acked and is lost";
    const auto view = store.item(**item);
    if (!view || view->editions(0).edition().content() != large(i).content)
      return testing::AssertionFailure() << "item " << i << " is damaged";
  }
  return is_sound(store);
}

void crash(Call call, std::uint64_t nth, const std::string& file) {
  Machine machine;
  machine.start();
  machine.disk().stop_at(call, nth, file);
  const int acked = accept_until_it_fails(machine, 60);
  machine.stop();
  EXPECT_TRUE(machine.disk().struck()) << "nothing was tried";
  for (const auto survival : {Survival::lost, Survival::torn, Survival::kept}) {
    EXPECT_TRUE(has_all(*machine.after_crash(survival, nth), acked)) << "at call " << nth << " on " << file;
  }
}

TEST(Checkpoint, LosesNothingWhenThePowerGoesWhileItWrites) {
  for (const std::uint64_t nth : {1, 40, 700, 1100}) crash(Call::write, nth, "fabu.db");
}

TEST(Checkpoint, LosesNothingWhenThePowerGoesWhileItSyncs) {
  for (const std::uint64_t nth : {1, 2}) crash(Call::sync, nth, "fabu.db");
}

// Past a checkpoint the log begins again from its start, over what the database has by then.
TEST(Checkpoint, LosesNothingWhenThePowerGoesWhileTheLogBeginsAgain) {
  for (const std::uint64_t nth : {12, 19, 26, 40}) crash(Call::sync, nth, "");
}

// Commits go on in the log, until the database can be written again.
TEST(Checkpoint, HoldsUpNoWriteWhenItFails) {
  for (const auto& [call, code] : {std::pair{Call::sync, SQLITE_IOERR_FSYNC}, std::pair{Call::write, SQLITE_FULL}}) {
    Machine machine;
    machine.start();
    machine.disk().fail(call, 1, code, kForEver, "fabu.db");
    // Past max_wal_pages, so that the writer has tried too.
    EXPECT_EQ(accept_until_it_fails(machine, 70), 70);
    EXPECT_TRUE(machine.disk().struck());
    EXPECT_TRUE(has_all(*machine.after_crash(Survival::lost), 70));
    machine.disk().restore();
    machine.stop();
    machine.start();
    EXPECT_TRUE(has_all(machine.store(), 70));
  }
}

}  // namespace
}  // namespace fabu::store
