#include "broker/store/postgresql/schema.h"

#include <array>
#include <string>

#include "broker/store/ledger/taking_up.h"

namespace fabu::store::pg {
namespace {

// Append only. A step that was released is never changed. Texts that are keys sort by their bytes, whatever the database's
// locale.
constexpr std::array kSteps{
    R"(
    CREATE TABLE channel_pause(channel text PRIMARY KEY, reason text NOT NULL, since_ms bigint NOT NULL);
    CREATE TABLE channel_count(channel text PRIMARY KEY, open bigint NOT NULL, dead bigint NOT NULL);
    CREATE TABLE item(
      id bigint PRIMARY KEY, department text NOT NULL, reference text COLLATE "C" NOT NULL, index_no text COLLATE "C" NOT NULL UNIQUE,
      entry text NOT NULL, title text NOT NULL, newest bigint NOT NULL, state bigint NOT NULL, received_ms bigint NOT NULL,
      UNIQUE(department, reference));
    CREATE INDEX item_department ON item(department, id);
    CREATE INDEX item_entry ON item(entry, id);
    CREATE TABLE edition(
      item bigint NOT NULL, number bigint NOT NULL, kind bigint NOT NULL, state bigint NOT NULL, digest bytea NOT NULL,
      received_ms bigint NOT NULL, reason text NOT NULL, log_index bigint NOT NULL, accepted_state bigint NOT NULL,
      channels text NOT NULL, PRIMARY KEY(item, number));
    CREATE TABLE content(item bigint NOT NULL, number bigint NOT NULL, bytes bytea NOT NULL, PRIMARY KEY(item, number));
    CREATE TABLE delivery(
      item bigint NOT NULL, edition bigint NOT NULL, place bigint NOT NULL, channel text COLLATE "C" NOT NULL, action bigint NOT NULL,
      state bigint NOT NULL, attempts bigint NOT NULL, due_ms bigint NOT NULL, planned_ms bigint NOT NULL, settled_ms bigint NOT NULL,
      code text, failure bytea, progress bytea, receipt bytea, PRIMARY KEY(item, edition, channel)) WITH (fillfactor = 70);
    CREATE INDEX delivery_open ON delivery(channel, due_ms, item, edition) WHERE state IN (1, 4);
    CREATE INDEX delivery_trouble ON delivery(channel, state, code) WHERE state IN (4, 5);
    CREATE TABLE log_entry(seq bigint PRIMARY KEY, item bigint, bytes bytea NOT NULL, opening bytea);
    CREATE INDEX log_item ON log_entry(item, seq) WHERE item IS NOT NULL;
    CREATE TABLE log_tile(level bigint NOT NULL, place bigint NOT NULL, hashes bytea NOT NULL, root bytea NOT NULL,
      PRIMARY KEY(level, place));
    CREATE TABLE log_head(one boolean PRIMARY KEY DEFAULT true CHECK (one), size bigint NOT NULL, root bytea NOT NULL,
      generation bigint NOT NULL);
    INSERT INTO log_head(size, root, generation) VALUES (0, sha256(''), 0);
    CREATE TABLE checkpoint(size bigint PRIMARY KEY, note text NOT NULL, time_ms bigint NOT NULL);
    CREATE TABLE api_key(
      id text PRIMARY KEY, department text NOT NULL, name text NOT NULL, scopes bigint NOT NULL, secret bytea NOT NULL,
      created_ms bigint NOT NULL, revoked_ms bigint NOT NULL);
    CREATE TABLE index_serial(prefix text COLLATE "C" PRIMARY KEY, last bigint NOT NULL);
    CREATE TABLE attachment(digest bytea PRIMARY KEY, size bigint NOT NULL);
    CREATE TABLE attachment_piece(digest bytea NOT NULL, place bigint NOT NULL, bytes bytea NOT NULL, PRIMARY KEY(digest, place));
    ALTER TABLE attachment_piece ALTER COLUMN bytes SET STORAGE EXTERNAL;
    )",
    // Several brokers: every open delivery has an owner, a session. 0, which nobody is, has what was open before.
    R"(
    ALTER TABLE delivery ADD COLUMN owner bigint NOT NULL DEFAULT 0;
    CREATE INDEX delivery_owned ON delivery(owner, channel, due_ms, item, edition) WHERE state IN (1, 4);
    DROP INDEX delivery_open;
    CREATE SEQUENCE session_number AS integer;
    CREATE TABLE leader(one boolean PRIMARY KEY DEFAULT true CHECK (one), beat bigint NOT NULL);
    INSERT INTO leader(beat) VALUES (0);
    )",
};

constexpr const char* kLock = "SELECT pg_advisory_xact_lock(20260820)";

std::int64_t version_of(Connection& db) {
  return db.query("SELECT coalesce(max(version), 0) FROM schema_version").number(0, 0);
}

}  // namespace

Result<void> migrate(Connection& db) {
  db.run("BEGIN");
  db.run(kLock);
  db.run("CREATE TABLE IF NOT EXISTS schema_version(version bigint PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())");
  const auto known = static_cast<std::int64_t>(kSteps.size());
  const auto found = version_of(db);
  if (found > known) {
    db.run("ROLLBACK");
    return newer_schema(found, known);
  }
  for (auto step = found; step < known; ++step) {
    db.run(kSteps[static_cast<std::size_t>(step)]);
    db.run("INSERT INTO schema_version(version) VALUES (" + std::to_string(step + 1) + ")");
  }
  db.run("COMMIT");
  return {};
}

}  // namespace fabu::store::pg
