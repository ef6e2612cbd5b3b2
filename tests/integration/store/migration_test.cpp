// From SQLite to PostgreSQL: the same history, and it goes on.
#include "broker/store/migration/migration.h"

#include <fstream>

#include "broker/store/postgresql/pg_store.h"
#include "broker/store/sqlite/sqlite_store.h"
#include "integration/store/blocking_store.h"
#include "integration/store/sample.h"
#include "integration/store/soundness.h"
#include "peers/postgres/postgres_server.h"
#include "temp_folder.h"
#include "unit/print_result.h"

namespace fabu::store {
namespace {

class MigrationTest : public testing::Test {
 protected:
  std::unique_ptr<Store> sqlite() {
    SqliteOptions options;
    options.folder = folder_ / "data";
    return std::move(open_sqlite(options).value());
  }
  std::unique_ptr<Store> postgres() {
    PostgresOptions options;
    options.address = server_.address("moved");
    options.copies = folder_ / "copies";
    return std::move(open_postgres(options).value());
  }
  Result<Moved> migrate() { return migrate_to_postgres({folder_ / "data", server_.address("moved"), {}}); }

  peers::PostgresServer server_;
  TempFolder folder_;
};

// Something of everything: 300 items make full tiles.
LogHead fill(Store& store) {
  BlockingStore write(store);
  for (int i = 1; i <= 300; ++i) {
    write.accept(submission("GG-" + std::to_string(i))).value();
    if (i % 2 == 0) write.settle(delivered(std::to_string(i) + "-1-" + kWebsite)).value();
  }
  write.settle(dead(std::string("1-1-") + kNoticeboard)).value();
  write.settle(progress(std::string("3-1-") + kNoticeboard, "job 7")).value();
  write.accept(correction("GG-2", "更正")).value();
  write.withdraw(withdrawal(4)).value();
  auto held = submission("GG-held");
  held.held = true;
  held.channels.clear();
  write.accept(std::move(held)).value();
  write.create_key(sample_key("k1"), administrator(), at()).value();
  write.switch_channel({operator_key(), kWebsite, true, "检修", at()}).value();
  const auto digest = sha256("a file");
  auto file = std::move(store.write_attachment(digest, 100).value());
  file->append("a file").value();
  file->finish().value();
  write.save_checkpoint({store.log_head().size, "a signed note", 5}).value();
  return store.log_head();
}

TEST_F(MigrationTest, KeepsTheHistoryAndGoesOnWithIt) {
  LogHead before;
  {
    const auto store = sqlite();
    before = fill(*store);
    store->close();
  }
  const auto moved = migrate();
  ASSERT_TRUE(moved) << moved.error().what;
  EXPECT_EQ(moved->items, 301U);
  EXPECT_EQ(moved->files, 1U);
  EXPECT_EQ(moved->log.root, before.root);
  const auto store = postgres();
  EXPECT_EQ(store->log_head().size, before.size);
  EXPECT_EQ(store->log_head().root, before.root);
  EXPECT_TRUE(is_sound(*store));
  EXPECT_EQ(store->work(std::string("3-1-") + kNoticeboard)->delivery().progress(), "job 7");
  EXPECT_EQ(store->paused_channels()->size(), 1U);
  EXPECT_EQ(store->latest_checkpoint().value()->note, "a signed note");
  EXPECT_TRUE(store->key("k1").value());
  std::ifstream file(store->attachment_path(sha256("a file")).value());
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), "a file");
  BlockingStore write(*store);
  EXPECT_EQ(write.accept(submission("GG-1"))->kind, AcceptKind::repeated);
  EXPECT_EQ(write.accept(submission("GG-new"))->receipt.item_id(), 302U);
  EXPECT_EQ(write.replay(replay_of())->matched, 1U);
  EXPECT_TRUE(is_sound(*store));
}

TEST_F(MigrationTest, RefusesADatabaseThatHasAHistory) {
  {
    const auto store = sqlite();
    fill(*store);
    store->close();
  }
  ASSERT_TRUE(migrate());
  EXPECT_EQ(migrate().error().code, ErrorCode::conflict);
}

TEST_F(MigrationTest, RefusesAFolderThatABrokerHas) {
  const auto store = sqlite();
  EXPECT_FALSE(migrate());
  EXPECT_EQ(postgres()->log_head().size, 0U);
}

TEST_F(MigrationTest, RefusesWhatIsNoDataFolder) {
  EXPECT_EQ(migrate().error().code, ErrorCode::not_found);
}

}  // namespace
}  // namespace fabu::store
