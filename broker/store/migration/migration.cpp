#include "broker/store/migration/migration.h"

#include <algorithm>
#include <utility>

#include "broker/store/attachments/attachment_folder.h"
#include "broker/store/postgresql/batch.h"
#include "broker/store/postgresql/pg_attachments.h"
#include "broker/store/postgresql/pg_rows.h"
#include "broker/store/postgresql/pool.h"
#include "broker/store/postgresql/schema.h"
#include "broker/store/postgresql/stored_log.h"
#include "broker/store/sqlite/folder_lock.h"
#include "broker/store/sqlite/leftover_wal.h"
#include "broker/store/sqlite/reads.h"
#include "broker/store/sqlite/schema.h"
#include "broker/store/sqlite/sqlite_rows.h"
#include "broker/store/sqlite/stored.h"

namespace fabu::store {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kAtOnce = 1000;  // rows in a round trip

Error not_empty() {
  return Error{ErrorCode::conflict,
               "--to",
               "The database has an audit log already.",
               "Name an empty one: two histories cannot become one.",
               {}};
}

// As the ledger would write it if it were new.
void mark_fresh(Dossier& dossier, SqliteRows& rows) {
  dossier.mark = Mark::fresh;
  for (auto& entry : dossier.editions) {
    entry.mark = Mark::fresh;
    entry.content = rows.content(dossier.id, entry.edition.number());
  }
  for (auto& entry : dossier.deliveries) entry.mark = Mark::fresh;
}

std::uint64_t move_items(SqliteRows& rows, std::uint64_t next_item, pg::Connection& to) {
  std::uint64_t moved = 0;
  pg::Batch batch;
  for (std::uint64_t id = 1; id < next_item; ++id) {
    const auto dossier = rows.item(id);
    if (!dossier) continue;
    mark_fresh(*dossier, rows);
    batch.add(*dossier);
    if (++moved % kAtOnce != 0) continue;
    batch.send(to);
    to.sync();
  }
  for (const auto& [channel, counts] : rows.counts())
    batch.add_count(channel, static_cast<std::int64_t>(counts.open), static_cast<std::int64_t>(counts.dead));
  batch.send(to);
  to.sync();
  return moved;
}

void move_entries(Database& from, std::uint64_t size, pg::Connection& to, const Migration& how) {
  for (std::uint64_t first = 0; first < size; first += kAtOnce) {
    pg::Batch batch;
    auto query = from.query("SELECT seq, item, bytes, opening FROM log_entry WHERE seq >= ? AND seq < ? ORDER BY seq");
    query.bind(static_cast<std::int64_t>(first)).bind(static_cast<std::int64_t>(first + kAtOnce));
    while (query.row()) {
      audit::Leaf leaf;
      leaf.seq = static_cast<std::uint64_t>(query.number(0));
      leaf.item_id = static_cast<std::uint64_t>(query.number(1));
      leaf.bytes = query.text(2);
      leaf.opening = query.text(3);
      batch.add(leaf);
    }
    batch.send(to);
    to.sync();
    if (how.progress) how.progress(std::min(first + kAtOnce, size), size);
  }
}

void move_tiles(Database& from, pg::Connection& to) {
  pg::Batch batch;
  auto query = from.query("SELECT key, hashes, root FROM log_tile ORDER BY key");
  for (std::uint64_t tiles = 1; query.row(); ++tiles) {
    audit::FullTile tile;
    tile.level = static_cast<unsigned>(query.number(0) >> 56);
    tile.index = static_cast<std::uint64_t>(query.number(0)) & ((std::uint64_t{1} << 56) - 1);
    tile.hashes = query.text(1);
    tile.root = Digest::from_raw(query.text(2)).value_or(Digest{});
    batch.add(tile);
    if (tiles % 100 != 0) continue;
    batch.send(to);
    to.sync();
  }
  batch.send(to);
  to.sync();
}

void move_the_rest(Database& from, pg::PgRows& to) {
  {
    auto serials = from.query("SELECT prefix, last FROM index_serial");
    while (serials.row()) to.write_serial(std::string(serials.text(0)), serials.number(1));
  }
  {
    auto checkpoints = from.query("SELECT size, note, time_ms FROM checkpoint ORDER BY size");
    while (checkpoints.row()) {
      const StoredCheckpoint checkpoint{static_cast<std::uint64_t>(checkpoints.number(0)), std::string(checkpoints.text(1)),
                                        checkpoints.number(2)};
      to.write(checkpoint);
    }
  }
  {
    auto pauses = from.query("SELECT channel, reason, since_ms FROM channel_pause");
    while (pauses.row()) to.write_pause(std::string(pauses.text(0)), std::string(pauses.text(1)), from_ms(pauses.number(2)));
  }
  for (const auto& key : read_keys(from, {}).value()) to.write(key);
}

// Attachments lie in DIR/ab/cdef…: their digests are their names.
Result<std::uint64_t> move_files(const fs::path& folder, const std::string& address) {
  pg::Pool pool(address, 1);
  pg::PgAttachments attachments(pool, folder);
  std::uint64_t moved = 0;
  std::error_code none;
  for (fs::recursive_directory_iterator at(folder, none), end; at != end; ++at) {
    if (!at->is_regular_file()) continue;
    const auto digest = Digest::from_hex(at->path().parent_path().filename().string() + at->path().filename().string());
    if (!digest) continue;  // what an unfinished upload left
    const auto stored = attachments.store_copy(*digest);
    if (!stored) return stored.error();
    ++moved;
  }
  return moved;
}

Result<Moved> move_rows(Database& from, pg::Connection& to, const Migration& how) {
  SqliteRows rows(from);
  const auto stored = read_stored(from);
  if (!stored) return stored.error();
  Moved moved;
  moved.log = {stored->log.edge().size(), stored->log.edge().root()};
  pg::PgRows target(to);
  if (target.begin(0, INT64_MAX, {}).size != 0) return not_empty();
  moved.items = move_items(rows, stored->next_item, to);
  move_entries(from, moved.log.size, to, how);
  move_tiles(from, to);
  move_the_rest(from, target);
  to.query("UPDATE log_head SET size = $1, root = $2",
           pg::Values().number(static_cast<std::int64_t>(moved.log.size)).bytes(moved.log.root.view()));
  const auto arrived = pg::read_stored(to);  // reads the records again, and compares their root
  if (!arrived) return arrived.error();
  target.commit(moved.log.size, moved.log.root);
  return moved;
}

}  // namespace

Result<Moved> migrate_to_postgres(const Migration& how) {
  const auto file = how.from / "fabu.db";
  if (!fs::exists(file))
    return Error{ErrorCode::not_found, "--from", file.string() + " is not there.", "Name a data folder.", {}};
  const auto lock = FolderLock::take(how.from);
  if (!lock) return lock.error();
  try {
    Database from(file.string(), Database::Mode::write, nullptr, 16 << 10);
    make_leftover_wal_durable(from);
    if (const auto migrated = migrate(from); !migrated) return migrated.error();
    pg::Connection to(how.to, pg::kNoDeadline);
    to.run("SET idle_in_transaction_session_timeout = 0");
    if (const auto migrated = pg::migrate(to); !migrated) return migrated.error();
    if (to.query("SELECT size FROM log_head").number(0, 0) != 0) return not_empty();
    const auto files = move_files(how.from / "attachments", how.to);  // before the rows that name them
    if (!files) return files.error();
    auto moved = move_rows(from, to, how);
    if (moved) moved->files = *files;
    return moved;
  } catch (const SqliteFailure& e) {
    return Error{ErrorCode::io, how.from.string(), e.what(), "Look at the disk.", {}};
  } catch (const pg::Failure& e) {
    return Error{ErrorCode::unavailable, "--to", e.what(), "Nothing was moved; look at the database and try again.", {}};
  }
}

}  // namespace fabu::store
