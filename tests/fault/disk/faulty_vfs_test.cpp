// That the tools of these tests bite: a disk that lost nothing and never failed would prove everything.
#include <fstream>
#include <future>
#include <map>

#include "fault/disk/disk_fixture.h"
#include "integration/store/held_store.h"
#include "integration/store/raw_database.h"

namespace fabu::store {
namespace {

using Files = std::map<std::string, std::string>;

TEST(DiskImage, LosesWhatWasNotSynced) {
  DiskImage disk;
  disk.write("a", 0, "old");
  disk.sync("a");
  disk.write("a", 0, "new");
  disk.write("b", 0, "never");
  EXPECT_TRUE(disk.unsynced("a"));
  EXPECT_EQ(disk.after_crash(Survival::lost, 0), (Files{{"a", "old"}}));
  EXPECT_EQ(disk.after_crash(Survival::kept, 0), (Files{{"a", "new"}, {"b", "never"}}));
}

TEST(DiskImage, MayKeepAnyPartOfWhatWasNotSynced) {
  DiskImage disk;
  disk.write("a", 0, "....");
  disk.sync("a");
  disk.write("a", 0, "X");
  disk.write("a", 2, "Y");
  std::map<std::string, int> found;
  for (std::uint64_t seed = 0; seed < 64; ++seed) ++found[disk.after_crash(Survival::torn, seed).at("a")];
  EXPECT_EQ(found.size(), 4u) << "each write or not";
}

TEST(DiskImage, DoesNotMixARemovedFileWithTheOneThatTookItsPlace) {
  DiskImage disk;
  disk.write("a", 0, "old file");
  disk.sync("a");
  disk.remove("a");
  disk.write("a", 0, "new");
  for (std::uint64_t seed = 0; seed < 64; ++seed) {
    const auto found = disk.after_crash(Survival::torn, seed);
    EXPECT_TRUE(!found.contains("a") || found.at("a") == "old file" || found.at("a") == "new");
  }
  disk.sync_folder();
  EXPECT_EQ(disk.after_crash(Survival::lost, 0), Files{});
}

TEST(DiskImage, ForgetsWhatASyncFailedToWrite) {
  DiskImage disk;
  disk.write("a", 0, "lost");
  disk.fail_sync("a");
  disk.write("a", 4, "kept");
  disk.sync("a");
  EXPECT_EQ(disk.after_crash(Survival::kept, 0), (Files{{"a", std::string(4, '\0') + "kept"}}));
}

// A database that does not sync its commits, on the same disk.
TEST(FaultyVfs, ShowsThatACommitWithoutASyncIsLost) {
  for (const bool full : {false, true}) {
    TempFolder folder;
    FaultyVfs vfs;
    std::filesystem::create_directory(folder.path() / "data");
    { std::ofstream(folder.path() / "data" / "fabu.db"); }
    RawDatabase raw(folder.path() / "data", vfs.name().c_str());
    raw.run("PRAGMA journal_mode=WAL; CREATE TABLE t(x); PRAGMA wal_checkpoint(TRUNCATE)");
    raw.run(full ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL");
    raw.run("INSERT INTO t VALUES(1)");
    vfs.leave(folder.path() / "left", Survival::lost);
    EXPECT_EQ(RawDatabase(folder.path() / "left").ask("SELECT count(*) FROM t"), full ? "1" : "0");
  }
}

TEST(FaultyVfs, FailsTheCallsThatItIsToldToAndNoOthers) {
  Machine machine;
  machine.start();
  machine.disk().fail(Call::sync, 2, SQLITE_IOERR_FSYNC);
  const auto send = [&](int i) { return machine.write().accept(submission("GG-" + std::to_string(i))).has_value(); };
  EXPECT_TRUE(send(1));
  EXPECT_FALSE(machine.disk().struck());
  EXPECT_FALSE(send(2));
  EXPECT_TRUE(machine.disk().struck());
  EXPECT_TRUE(send(3));
}

// synchronous=FULL, seen from below: when a write is acked, nothing of it waits in the cache.
TEST(FaultyVfs, SeesEveryAckComeAfterTheSyncOfItsBytes) {
  Machine machine;
  machine.start();
  for (int i = 0; i < 20; ++i) {
    const auto waits = std::make_shared<std::promise<bool>>();
    const auto before = machine.disk().calls(Call::sync);
    machine.store().accept(submission("GG-" + std::to_string(i)), [&machine, waits](Result<Accepted> outcome) {
      EXPECT_TRUE(outcome.has_value());
      waits->set_value(machine.disk().unsynced("fabu.db-wal"));
    });
    EXPECT_FALSE(waits->get_future().get());
    EXPECT_GT(machine.disk().calls(Call::sync), before);
  }
}

// Group commit: one sync for all that waited.
TEST(FaultyVfs, SeesOneSyncForAWholeGroup) {
  Machine machine;
  machine.start();
  machine.write().accept(submission("first")).value();
  const auto before = machine.disk().calls(Call::sync);
  {
    HeldStore held(machine.store());
    for (int i = 0; i < 100; ++i) machine.store().accept(submission("GG-" + std::to_string(i)), [](Result<Accepted>) {});
  }
  machine.write().record(audit::started("last"), at()).value();
  EXPECT_LE(machine.disk().calls(Call::sync) - before, 3u) << "the held record, the group, and the last one unless it joined";
}

}  // namespace
}  // namespace fabu::store
