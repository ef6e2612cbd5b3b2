#include "broker/store/sqlite/stored.h"

#include <utility>

#include "broker/store/ledger/taking_up.h"
#include "broker/store/sqlite/schema.h"

namespace fabu::store {
namespace {

Result<std::vector<Digest>> entry_hashes(Database& db, std::uint64_t from, std::uint64_t to) {
  auto query = db.query("SELECT seq, bytes FROM log_entry WHERE seq >= ? AND seq < ? ORDER BY seq");
  query.bind(static_cast<std::int64_t>(from)).bind(static_cast<std::int64_t>(to));
  std::vector<Digest> hashes;
  while (query.row()) {
    if (static_cast<std::uint64_t>(query.number(0)) != from + hashes.size()) break;
    hashes.push_back(audit::leaf_hash(query.text(1)));
  }
  if (hashes.size() != to - from)
    return log_contradiction("Record " + std::to_string(from + hashes.size()) + " is missing from the log.");
  return hashes;
}

Result<std::vector<Digest>> tile_roots(Database& db, unsigned level, std::uint64_t from, std::uint64_t to) {
  auto query = db.query("SELECT root FROM log_tile WHERE key >= ? AND key < ? ORDER BY key");
  query.bind(tile_key(level, from)).bind(tile_key(level, to));
  std::vector<Digest> roots;
  while (query.row()) {
    const auto root = Digest::from_raw(query.text(0));
    if (!root) return log_contradiction("A tile of level " + std::to_string(level) + " has no root.");
    roots.push_back(*root);
  }
  if (roots.size() != to - from) return log_contradiction("A tile of level " + std::to_string(level) + " is missing.");
  return roots;
}

// A full tile past the last record: records were taken off the end. It could never be filled again.
bool lost_its_end(Database& db, std::uint64_t size) {
  auto query = db.query("SELECT 1 FROM log_tile WHERE key >= ? AND key < ? LIMIT 1");
  query.bind(tile_key(0, size / audit::kTileWidth)).bind(tile_key(1, 0));
  return query.row();
}

Result<Log> read_log(Database& db) {
  std::uint64_t size = 0;
  Instant last_time{};
  {
    auto query = db.query("SELECT seq, bytes FROM log_entry ORDER BY seq DESC LIMIT 1");
    if (query.row()) {
      size = static_cast<std::uint64_t>(query.number(0)) + 1;
      const auto time = time_of_record(query.text(1));
      if (!time) return time.error();
      last_time = *time;
    }
  }
  if (lost_its_end(db, size))
    return log_contradiction("Records are missing from the end of the log, after " + std::to_string(size) + ".");
  auto edge = stored_edge(size, [&db](unsigned level, std::uint64_t from, std::uint64_t to) {
    return level == 0 ? entry_hashes(db, from, to) : tile_roots(db, level - 1, from, to);
  });
  if (!edge) return edge.error();
  return Log(std::move(*edge), last_time);
}

std::uint64_t next_item(Database& db) {
  auto query = db.query("SELECT max(id) FROM item");
  return query.row() ? static_cast<std::uint64_t>(query.number(0)) + 1 : 1;
}

}  // namespace

Result<Ledger::Stored> read_stored(Database& db) {
  auto log = read_log(db);
  if (!log) return log.error();
  return Ledger::Stored{std::move(*log), next_item(db)};
}

}  // namespace fabu::store
