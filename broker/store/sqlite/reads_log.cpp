#include <algorithm>
#include <utility>

#include "broker/store/sqlite/reads.h"
#include "broker/store/sqlite/schema.h"

namespace fabu::store {
namespace {

Error no_tile() {
  return Error{ErrorCode::not_found, "tile", "The tree does not have that tile.", "See the checkpoint for its size.", {}};
}

std::vector<Digest> split(std::string_view hashes, unsigned width) {
  std::vector<Digest> out;
  for (unsigned i = 0; i < width && (i + 1) * 32 <= hashes.size(); ++i)
    out.push_back(*Digest::from_raw(hashes.substr(i * 32, 32)));
  return out;
}

std::vector<Digest> stored_tile(Database& db, unsigned level, std::uint64_t index, unsigned width) {
  auto query = db.query("SELECT hashes FROM log_tile WHERE key = ?");
  query.bind(tile_key(level, index));
  return query.row() ? split(query.text(0), width) : std::vector<Digest>{};
}

// The unfinished tile at the right edge: hashes of entries, or roots of the level below.
std::vector<Digest> unfinished_tile(Database& db, unsigned level, std::uint64_t index, unsigned width) {
  std::vector<Digest> hashes;
  const std::uint64_t first = index * audit::kTileWidth;
  if (level == 0) {
    auto query = db.query("SELECT bytes FROM log_entry WHERE seq >= ? AND seq < ? ORDER BY seq");
    query.bind(static_cast<std::int64_t>(first)).bind(static_cast<std::int64_t>(first + width));
    while (query.row()) hashes.push_back(audit::leaf_hash(query.text(0)));
    return hashes;
  }
  auto query = db.query("SELECT root FROM log_tile WHERE key >= ? AND key < ? ORDER BY key");
  query.bind(tile_key(level - 1, first)).bind(tile_key(level - 1, first + width));
  while (query.row()) {
    if (const auto root = Digest::from_raw(query.text(0))) hashes.push_back(*root);
  }
  return hashes;
}

}  // namespace

Result<std::vector<std::string>> read_entries(Database& db, std::uint64_t first, std::size_t count) {
  auto query = db.query("SELECT bytes FROM log_entry WHERE seq >= ? AND seq < ? ORDER BY seq");
  query.bind(static_cast<std::int64_t>(first)).bind(static_cast<std::int64_t>(first + std::min<std::size_t>(count, 4096)));
  std::vector<std::string> entries;
  while (query.row()) entries.emplace_back(query.text(0));
  return entries;
}

Result<std::vector<std::string>> read_records(Database& db, std::uint64_t item_id) {
  auto query = db.query("SELECT bytes FROM log_entry WHERE item = ? ORDER BY seq LIMIT 10000");
  query.bind(static_cast<std::int64_t>(item_id));
  std::vector<std::string> records;
  while (query.row()) records.emplace_back(query.text(0));
  return records;
}

Result<std::vector<v1::Opening>> read_openings(Database& db, std::uint64_t item_id) {
  auto query = db.query("SELECT opening FROM log_entry WHERE item = ? AND opening IS NOT NULL ORDER BY seq LIMIT 10000");
  query.bind(static_cast<std::int64_t>(item_id));
  std::vector<v1::Opening> openings;
  while (query.row()) openings.emplace_back().ParseFromArray(query.text(0).data(), static_cast<int>(query.text(0).size()));
  return openings;
}

Result<std::vector<Digest>> read_tile(Database& db, unsigned level, std::uint64_t index, unsigned width) {
  if (level > 7 || width == 0 || width > audit::kTileWidth || index >> 48 != 0) return no_tile();
  auto hashes = stored_tile(db, level, index, width);
  if (hashes.empty()) hashes = unfinished_tile(db, level, index, width);
  if (hashes.size() != width) return no_tile();
  return hashes;
}

Result<std::optional<StoredCheckpoint>> read_checkpoint(Database& db) {
  auto query = db.query("SELECT size, note, time_ms FROM checkpoint ORDER BY size DESC LIMIT 1");
  if (!query.row()) return std::optional<StoredCheckpoint>{};
  return std::optional<StoredCheckpoint>{
      {static_cast<std::uint64_t>(query.number(0)), std::string(query.text(1)), query.number(2)}};
}

}  // namespace fabu::store
