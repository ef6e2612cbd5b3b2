#include <algorithm>

#include "broker/store/postgresql/pg_reads.h"

namespace fabu::store::pg {
namespace {

std::int64_t number(std::uint64_t value) {
  return static_cast<std::int64_t>(value);
}

Error no_tile() {
  return Error{ErrorCode::not_found, "tile", "The tree does not have that tile.", "See the checkpoint for its size.", {}};
}

std::vector<std::string> strings(const Answer& rows) {
  std::vector<std::string> all;
  for (int row = 0; row < rows.count(); ++row) all.push_back(rows.string(row, 0));
  return all;
}

std::vector<Digest> stored_tile(Connection& db, unsigned level, std::uint64_t index, unsigned width) {
  const auto rows =
      db.query("SELECT hashes FROM log_tile WHERE level = $1 AND place = $2", Values().number(level).number(number(index)));
  std::vector<Digest> hashes;
  if (rows.count() == 0) return hashes;
  for (unsigned i = 0; i < width && (i + 1) * 32 <= rows.text(0, 0).size(); ++i)
    hashes.push_back(*Digest::from_raw(rows.text(0, 0).substr(i * 32, 32)));
  return hashes;
}

// The unfinished tile at the right edge: hashes of entries, or roots of the level below.
std::vector<Digest> unfinished_tile(Connection& db, unsigned level, std::uint64_t index, unsigned width) {
  const auto first = number(index * audit::kTileWidth), end = first + width;
  std::vector<Digest> hashes;
  if (level == 0) {
    const auto rows =
        db.query("SELECT bytes FROM log_entry WHERE seq >= $1 AND seq < $2 ORDER BY seq", Values().number(first).number(end));
    for (int row = 0; row < rows.count(); ++row) hashes.push_back(audit::leaf_hash(rows.text(row, 0)));
    return hashes;
  }
  const auto rows = db.query("SELECT root FROM log_tile WHERE level = $1 AND place >= $2 AND place < $3 ORDER BY place",
                             Values().number(level - 1).number(first).number(end));
  for (int row = 0; row < rows.count(); ++row) {
    if (const auto root = Digest::from_raw(rows.text(row, 0))) hashes.push_back(*root);
  }
  return hashes;
}

}  // namespace

Result<LogHead> read_head(Connection& db) {
  const auto rows = db.query("SELECT size, root FROM log_head");
  return LogHead{static_cast<std::uint64_t>(rows.number(0, 0)), Digest::from_raw(rows.text(0, 1)).value_or(Digest{})};
}

Result<std::vector<std::string>> read_entries(Connection& db, std::uint64_t first, std::size_t count) {
  const auto end = first + std::min<std::size_t>(count, 4096);
  return strings(db.query("SELECT bytes FROM log_entry WHERE seq >= $1 AND seq < $2 ORDER BY seq",
                          Values().number(number(first)).number(number(end))));
}

Result<std::vector<std::string>> read_records(Connection& db, std::uint64_t item_id) {
  return strings(
      db.query("SELECT bytes FROM log_entry WHERE item = $1 ORDER BY seq LIMIT 10000", Values().number(number(item_id))));
}

Result<std::vector<v1::Opening>> read_openings(Connection& db, std::uint64_t item_id) {
  const auto rows = db.query("SELECT opening FROM log_entry WHERE item = $1 AND opening IS NOT NULL ORDER BY seq LIMIT 10000",
                             Values().number(number(item_id)));
  std::vector<v1::Opening> openings;
  for (int row = 0; row < rows.count(); ++row)
    openings.emplace_back().ParseFromArray(rows.text(row, 0).data(), static_cast<int>(rows.text(row, 0).size()));
  return openings;
}

Result<std::vector<Digest>> read_tile(Connection& db, unsigned level, std::uint64_t index, unsigned width) {
  if (level > 7 || width == 0 || width > audit::kTileWidth || index >> 48 != 0) return no_tile();
  auto hashes = stored_tile(db, level, index, width);
  if (hashes.empty()) hashes = unfinished_tile(db, level, index, width);
  if (hashes.size() != width) return no_tile();
  return hashes;
}

Result<std::optional<StoredCheckpoint>> read_checkpoint(Connection& db) {
  const auto rows = db.query("SELECT size, note, time_ms FROM checkpoint ORDER BY size DESC LIMIT 1");
  if (rows.count() == 0) return std::optional<StoredCheckpoint>{};
  return std::optional<StoredCheckpoint>{{static_cast<std::uint64_t>(rows.number(0, 0)), rows.string(0, 1), rows.number(0, 2)}};
}

}  // namespace fabu::store::pg
