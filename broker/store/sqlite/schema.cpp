#include "broker/store/sqlite/schema.h"

#include <array>
#include <string>

#include "broker/store/ledger/taking_up.h"

namespace fabu::store {
namespace {

// Append only. A step that was released is never changed.
constexpr std::array kSteps{
    R"(
    CREATE TABLE channel(number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
    CREATE TABLE channel_pause(channel TEXT PRIMARY KEY, reason TEXT NOT NULL, since_ms INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE item(
      id INTEGER PRIMARY KEY, department TEXT NOT NULL, reference TEXT NOT NULL, index_no TEXT NOT NULL,
      entry TEXT NOT NULL, title TEXT NOT NULL, newest INTEGER NOT NULL, state INTEGER NOT NULL, received_ms INTEGER NOT NULL);
    CREATE UNIQUE INDEX item_reference ON item(department, reference);
    CREATE UNIQUE INDEX item_index_no ON item(index_no);
    CREATE INDEX item_department ON item(department);
    CREATE INDEX item_entry ON item(entry);
    CREATE TABLE edition(
      key INTEGER PRIMARY KEY, kind INTEGER NOT NULL, state INTEGER NOT NULL, digest BLOB NOT NULL, received_ms INTEGER NOT NULL,
      reason TEXT NOT NULL, log_index INTEGER NOT NULL, accepted_state INTEGER NOT NULL, channels TEXT NOT NULL);
    CREATE TABLE content(edition INTEGER PRIMARY KEY, bytes BLOB NOT NULL);
    CREATE TABLE delivery(
      key INTEGER PRIMARY KEY, channel INTEGER NOT NULL, action INTEGER NOT NULL, state INTEGER NOT NULL, attempts INTEGER NOT NULL,
      due_ms INTEGER NOT NULL, planned_ms INTEGER NOT NULL, settled_ms INTEGER NOT NULL, code TEXT, failure BLOB, progress BLOB,
      receipt BLOB);
    CREATE INDEX delivery_open ON delivery(channel, due_ms) WHERE state IN (1, 4);
    CREATE INDEX delivery_trouble ON delivery(channel, state, code) WHERE state IN (4, 5);
    CREATE TABLE log_entry(seq INTEGER PRIMARY KEY, item INTEGER, bytes BLOB NOT NULL, opening BLOB);
    CREATE INDEX log_item ON log_entry(item) WHERE item IS NOT NULL;
    CREATE TABLE log_tile(key INTEGER PRIMARY KEY, hashes BLOB NOT NULL, root BLOB NOT NULL);
    CREATE TABLE checkpoint(size INTEGER PRIMARY KEY, note TEXT NOT NULL, time_ms INTEGER NOT NULL);
    CREATE TABLE api_key(
      id TEXT PRIMARY KEY, department TEXT NOT NULL, name TEXT NOT NULL, scopes INTEGER NOT NULL, secret BLOB NOT NULL,
      created_ms INTEGER NOT NULL, revoked_ms INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE index_serial(prefix TEXT PRIMARY KEY, last INTEGER NOT NULL) WITHOUT ROWID;
    )",
};

std::int64_t version_of(Database& db) {
  auto version = db.query("PRAGMA user_version");
  version.row();
  return version.number(0);
}

}  // namespace

Result<void> migrate(Database& db) {
  const auto known = static_cast<std::int64_t>(kSteps.size());
  const auto found = version_of(db);
  if (found > known) return newer_schema(found, known);
  for (auto step = found; step < known; ++step) {
    db.run("BEGIN IMMEDIATE");
    db.run(kSteps[static_cast<std::size_t>(step)]);
    db.run("CREATE TABLE IF NOT EXISTS schema_version(version INTEGER PRIMARY KEY, applied_at TEXT NOT NULL)");
    db.run(("INSERT INTO schema_version VALUES(" + std::to_string(step + 1) + ", datetime('now'))").c_str());
    db.run(("PRAGMA user_version=" + std::to_string(step + 1)).c_str());
    db.run("COMMIT");
  }
  return {};
}

}  // namespace fabu::store
