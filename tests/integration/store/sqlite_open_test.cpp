// How the SQLite store opens its folder: alone, up to date, and only on what does not contradict itself.
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "broker/store/sqlite/sqlite_store.h"
#include "integration/store/conformance.h"
#include "integration/store/raw_database.h"

namespace fabu::store {
namespace {

namespace fs = std::filesystem;

class SqliteOpen : public testing::Test {
 protected:
  Result<std::unique_ptr<Store>> try_open(const fs::path& folder) {
    SqliteOptions options;
    options.folder = folder;
    return open_sqlite(options);
  }
  std::unique_ptr<Store> open() { return std::move(try_open(folder()).value()); }
  // A store of so many items, closed. Three records an item: received, planned, delivered on the website.
  void fill(int items) {
    const auto store = open();
    BlockingStore write(*store);
    for (int i = 1; i <= items; ++i) {
      write.accept(submission("GG-" + std::to_string(i))).value();
      write.settle(delivered(std::to_string(i) + "-1-website")).value();
    }
    store->close();
  }
  const fs::path& folder() const { return folder_.path(); }

 private:
  TempFolder folder_;
};

TEST_F(SqliteOpen, MakesAFolderThatOnlyItsOwnerReads) {
  const auto fresh = folder() / "deep" / "data";
  ASSERT_TRUE(try_open(fresh));
  struct stat made {};
  ASSERT_EQ(::stat(fresh.c_str(), &made), 0);
  EXPECT_EQ(made.st_mode & 0777, 0700u);
}

TEST_F(SqliteOpen, SaysThatAFolderCannotBeMade) {
  std::ofstream(folder() / "file") << "in the way";
  const auto store = try_open(folder() / "file" / "data");
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, ErrorCode::io);
}

TEST_F(SqliteOpen, RefusesAFolderThatIsInUseAndNamesTheProcess) {
  const auto first = open();
  const auto second = try_open(folder());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::busy);
  EXPECT_NE(second.error().what.find("process " + std::to_string(::getpid())), std::string::npos) << second.error().what;
}

TEST_F(SqliteOpen, GivesTheFolderFreeWithTheStore) {
  open()->close();
  EXPECT_TRUE(try_open(folder()));
}

TEST_F(SqliteOpen, KeepsAWriteAheadLog) {
  open();
  RawDatabase raw(folder());
  EXPECT_EQ(raw.ask("PRAGMA journal_mode"), "wal");
}

TEST_F(SqliteOpen, RemembersWhichMigrationsRanAndRunsNoneTwice) {
  open();
  RawDatabase(folder()).run("UPDATE schema_version SET applied_at = 'the first time'");
  const auto version = RawDatabase(folder()).ask("PRAGMA user_version");
  open();
  RawDatabase raw(folder());
  EXPECT_EQ(raw.ask("PRAGMA user_version"), version);
  EXPECT_EQ(raw.ask("SELECT count(*) FROM schema_version"), version) << "a row a step";
  EXPECT_EQ(raw.ask("SELECT max(version) FROM schema_version"), version);
  EXPECT_EQ(raw.ask("SELECT count(*) FROM schema_version WHERE applied_at != 'the first time'"), "0");
}

TEST_F(SqliteOpen, RefusesADatabaseOfANewerProgramAndLeavesItAsItIs) {
  fill(1);
  RawDatabase(folder()).run("PRAGMA user_version = 1000");
  const auto store = try_open(folder());
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, ErrorCode::unsupported);
  EXPECT_NE(store.error().what.find("1000"), std::string::npos);
  EXPECT_EQ(RawDatabase(folder()).ask("PRAGMA user_version"), "1000");
  EXPECT_EQ(RawDatabase(folder()).ask("SELECT count(*) FROM item"), "1");
}

TEST_F(SqliteOpen, RefusesAFileThatIsNoDatabase) {
  std::ofstream(folder() / "fabu.db") << std::string(100'000, 'x');
  const auto store = try_open(folder());
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().where, (folder() / "fabu.db").string());
}

// 100 items leave 300 records: a full tile and 44 records beside it.
TEST_F(SqliteOpen, RefusesALogWithAMissingRecordAndNamesIt) {
  fill(100);
  RawDatabase(folder()).run("DELETE FROM log_entry WHERE seq = 270");
  const auto store = try_open(folder());
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, ErrorCode::corrupt);
  EXPECT_NE(store.error().what.find("270"), std::string::npos) << store.error().what;
}

TEST_F(SqliteOpen, RefusesALogWithAMissingTile) {
  fill(100);
  RawDatabase(folder()).run("DELETE FROM log_tile");
  EXPECT_EQ(code_of(try_open(folder())), ErrorCode::corrupt);
}

// Without this the writer would fail for ever, when it fills the tile a second time.
TEST_F(SqliteOpen, RefusesALogThatLostItsEnd) {
  fill(100);
  RawDatabase(folder()).run("DELETE FROM log_entry WHERE seq >= 250");
  EXPECT_EQ(code_of(try_open(folder())), ErrorCode::corrupt);
}

TEST_F(SqliteOpen, RefusesALogWhoseLastRecordCannotBeRead) {
  fill(1);
  RawDatabase(folder()).run("UPDATE log_entry SET bytes = x'FFFFFFFF' WHERE seq = 2");
  EXPECT_EQ(code_of(try_open(folder())), ErrorCode::corrupt);
}

TEST_F(SqliteOpen, RefusesTilesOfAnotherForm) {
  fill(100);
  RawDatabase(folder()).run("UPDATE log_tile SET root = x'00'");
  EXPECT_EQ(code_of(try_open(folder())), ErrorCode::corrupt);
}

// What a backup that copies the files under the running store must give: the database and its write-ahead log together.
TEST_F(SqliteOpen, OpensACopyThatWasTakenWhileItWasOpen) {
  const auto store = open();
  BlockingStore write(*store);
  const auto receipt = write.accept(submission("GG-1")).value().receipt;
  write.settle(delivered("1-1-website")).value();
  const auto copy = folder() / "copy";
  fs::create_directory(copy);
  for (const auto* file : {"fabu.db", "fabu.db-wal"}) fs::copy_file(folder() / file, copy / file);
  write.accept(submission("GG-2")).value();

  const auto opened = std::move(try_open(copy).value());
  EXPECT_TRUE(is_sound(*opened));
  EXPECT_EQ(all_items(*opened).size(), 1u);
  EXPECT_EQ(BlockingStore(*opened).accept(submission("GG-1")).value().receipt.SerializeAsString(), receipt.SerializeAsString());
  EXPECT_EQ(opened->delivery("1-1-website").value().state(), v1::DELIVERY_STATE_DELIVERED);
}

TEST_F(SqliteOpen, ClearsAwayAttachmentsThatWereNeverFinished) {
  open();
  std::ofstream(folder() / "attachments" / "tmp" / "left.1") << "half a file";
  open();
  EXPECT_TRUE(fs::is_empty(folder() / "attachments" / "tmp"));
}

// Editions are numbered in 16 bits. The last number is kept for the withdrawal, which must always be possible.
TEST_F(SqliteOpen, KeepsTheLastEditionNumberForTheWithdrawal) {
  fill(1);
  {
    RawDatabase raw(folder());
    raw.run("UPDATE item SET newest = 65534");
    raw.run(
        "INSERT INTO edition WITH RECURSIVE later(n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM later WHERE n < 65534) "
        "SELECT (1 << 16) | n, kind, state, digest, received_ms, reason, log_index, accepted_state, channels FROM edition, "
        "later");
    raw.run("INSERT INTO content SELECT (1 << 16) | 65534, bytes FROM content");
  }
  const auto store = open();
  BlockingStore write(*store);
  EXPECT_EQ(code_of(write.accept(correction("GG-1", "二"))), ErrorCode::conflict);
  EXPECT_EQ(write.withdraw(withdrawal(1)).value().edition.number(), 65'535u);
  auto other = withdrawal(1);
  other.reason = "另一个理由";
  EXPECT_EQ(code_of(write.withdraw(other)), ErrorCode::conflict);
  EXPECT_EQ(RawDatabase(folder()).ask("SELECT count(*) FROM edition"), "65535");
}

}  // namespace
}  // namespace fabu::store
