#include "broker/store/sqlite/log_writer.h"

#include <openssl/rand.h>

#include <array>
#include <stdexcept>
#include <utility>

#include "broker/store/sqlite/schema.h"

namespace fabu::store {
namespace {

constexpr std::size_t kRemembered = 65'536;  // items

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

}  // namespace

Result<void> LogWriter::resume(Database& db) {
  std::uint64_t size = 0;
  {
    auto query = db.query("SELECT seq, bytes FROM log_entry ORDER BY seq DESC LIMIT 1");
    if (query.row()) {
      size = static_cast<std::uint64_t>(query.number(0)) + 1;
      v1::AuditRecord last;
      if (!last.ParseFromArray(query.text(1).data(), static_cast<int>(query.text(1).size())))
        return contradiction("The last record cannot be read.");
      last_time_ = from_ms(last.time_ms());
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
  edge_ = std::move(*edge);
  filled_.clear();
  newest_.clear();
  return {};
}

const Digest* LogWriter::previous(Database& db, std::uint64_t item_id) {
  if (item_id == 0) return nullptr;
  if (const auto known = newest_.find(item_id); known != newest_.end()) return &known->second;
  auto query = db.query("SELECT bytes FROM log_entry WHERE item = ? ORDER BY seq DESC LIMIT 1");
  query.bind(static_cast<std::int64_t>(item_id));
  if (!query.row()) return nullptr;
  return &(newest_[item_id] = audit::leaf_hash(query.text(0)));
}

std::uint64_t LogWriter::append(Database& db, const audit::Draft& draft, Instant time) {
  return append_after(db, draft, time, previous(db, draft.record.item_id()));
}

std::uint64_t LogWriter::append_first(Database& db, const audit::Draft& draft, Instant time) {
  return append_after(db, draft, time, nullptr);
}

std::uint64_t LogWriter::append_after(Database& db, const audit::Draft& draft, Instant time, const Digest* previous) {
  std::array<char, 32> salt{};
  if (!draft.open && RAND_bytes(reinterpret_cast<unsigned char*>(salt.data()), salt.size()) != 1) {
    throw std::runtime_error("no random bytes for a commitment");
  }
  const auto item_id = draft.record.item_id();
  const auto leaf = audit::place(draft, edge_.size(), time, last_time_, previous, {salt.data(), salt.size()});
  auto insert = db.query("INSERT INTO log_entry(seq, item, bytes, opening) VALUES(?, ?, ?, ?)");
  insert.bind(static_cast<std::int64_t>(leaf.seq));
  if (item_id == 0) {
    insert.null();
  } else {
    insert.bind(static_cast<std::int64_t>(item_id));
  }
  insert.blob(leaf.bytes).blob(leaf.opening).done();
  edge_.append(leaf.hash, filled_);
  last_time_ = std::max(last_time_, time);
  if (newest_.size() >= kRemembered) newest_.clear();
  if (item_id != 0) newest_[item_id] = leaf.hash;
  return leaf.seq;
}

void LogWriter::flush(Database& db) {
  for (const auto& tile : filled_) {
    db.query("INSERT INTO log_tile(key, hashes, root) VALUES(?, ?, ?)")
        .bind(tile_key(tile.level, tile.index))
        .blob(tile.hashes)
        .blob(tile.root.view())
        .done();
  }
  filled_.clear();
}

}  // namespace fabu::store
