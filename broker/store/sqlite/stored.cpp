#include "broker/store/sqlite/stored.h"

#include <utility>

#include "broker/store/sqlite/schema.h"

namespace fabu::store {
namespace {

Error contradiction(const std::string& what) {
  return Error{ErrorCode::corrupt, "log", what, "Do not start on this database; restore a backup and run fabu audit verify.", {}};
}

Result<std::vector<Digest>> entry_hashes(Database& db, std::uint64_t from, std::uint64_t to) {
  auto query = db.query("SELECT seq, bytes FROM log_entry WHERE seq >= ? AND seq < ? ORDER BY seq");
  query.bind(static_cast<std::int64_t>(from)).bind(static_cast<std::int64_t>(to));
  std::vector<Digest> hashes;
  while (query.row()) {
    if (static_cast<std::uint64_t>(query.number(0)) != from + hashes.size()) break;
    hashes.push_back(audit::leaf_hash(query.text(1)));
  }
  if (hashes.size() != to - from)
    return contradiction("Record " + std::to_string(from + hashes.size()) + " is missing from the log.");
  return hashes;
}

Result<std::vector<Digest>> tile_roots(Database& db, unsigned level, std::uint64_t from, std::uint64_t to) {
  auto query = db.query("SELECT root FROM log_tile WHERE key >= ? AND key < ? ORDER BY key");
  query.bind(tile_key(level, from)).bind(tile_key(level, to));
  std::vector<Digest> roots;
  while (query.row()) {
    const auto root = Digest::from_raw(query.text(0));
    if (!root) return contradiction("A tile of level " + std::to_string(level) + " has no root.");
    roots.push_back(*root);
  }
  if (roots.size() != to - from) return contradiction("A tile of level " + std::to_string(level) + " is missing.");
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
      v1::AuditRecord last;
      if (!last.ParseFromArray(query.text(1).data(), static_cast<int>(query.text(1).size())))
        return contradiction("The last record cannot be read.");
      last_time = from_ms(last.time_ms());
    }
  }
  if (lost_its_end(db, size))
    return contradiction("Records are missing from the end of the log, after " + std::to_string(size) + ".");
  std::vector<std::vector<Digest>> partial;
  std::uint64_t count = size;
  for (unsigned level = 0; count > 0; ++level, count /= audit::kTileWidth) {
    const std::uint64_t from = count / audit::kTileWidth * audit::kTileWidth;
    auto hashes = level == 0 ? entry_hashes(db, from, count) : tile_roots(db, level - 1, from, count);
    if (!hashes) return hashes.error();
    partial.push_back(std::move(*hashes));
  }
  auto edge = audit::Edge::resume(size, std::move(partial));
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
