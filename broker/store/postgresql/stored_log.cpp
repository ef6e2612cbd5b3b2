#include "broker/store/postgresql/stored_log.h"

#include <utility>

namespace fabu::store::pg {
namespace {

Error contradiction(const std::string& what) {
  return Error{ErrorCode::corrupt, "log", what, "Do not start on this database; restore a backup and run fabu audit verify.", {}};
}

std::int64_t number(std::uint64_t value) {
  return static_cast<std::int64_t>(value);
}

Result<std::vector<Digest>> entry_hashes(Connection& db, std::uint64_t from, std::uint64_t to) {
  const auto rows = db.query("SELECT seq, bytes FROM log_entry WHERE seq >= $1 AND seq < $2 ORDER BY seq",
                             Values().number(number(from)).number(number(to)));
  std::vector<Digest> hashes;
  for (int row = 0; row < rows.count() && rows.number(row, 0) == number(from + hashes.size()); ++row)
    hashes.push_back(audit::leaf_hash(rows.text(row, 1)));
  if (hashes.size() != to - from)
    return contradiction("Record " + std::to_string(from + hashes.size()) + " is missing from the log.");
  return hashes;
}

Result<std::vector<Digest>> tile_roots(Connection& db, unsigned level, std::uint64_t from, std::uint64_t to) {
  const auto rows = db.query("SELECT root FROM log_tile WHERE level = $1 AND place >= $2 AND place < $3 ORDER BY place",
                             Values().number(level).number(number(from)).number(number(to)));
  std::vector<Digest> roots;
  for (int row = 0; row < rows.count(); ++row) {
    const auto root = Digest::from_raw(rows.text(row, 0));
    if (!root) return contradiction("A tile of level " + std::to_string(level) + " has no root.");
    roots.push_back(*root);
  }
  if (roots.size() != to - from) return contradiction("A tile of level " + std::to_string(level) + " is missing.");
  return roots;
}

Result<audit::Edge> edge_of(Connection& db, std::uint64_t size) {
  std::vector<std::vector<Digest>> partial;
  std::uint64_t count = size;
  for (unsigned level = 0; count > 0; ++level, count /= audit::kTileWidth) {
    const std::uint64_t from = count / audit::kTileWidth * audit::kTileWidth;
    auto hashes = level == 0 ? entry_hashes(db, from, count) : tile_roots(db, level - 1, from, count);
    if (!hashes) return hashes.error();
    partial.push_back(std::move(*hashes));
  }
  return audit::Edge::resume(size, std::move(partial));
}

}  // namespace

Result<Ledger::Stored> read_stored(Connection& db) {
  const auto head = db.query(
      "SELECT size, root, coalesce((SELECT max(id) FROM item), 0), (SELECT max(seq) FROM log_entry), "
      "(SELECT bytes FROM log_entry ORDER BY seq DESC LIMIT 1) FROM log_head");
  if (head.count() != 1) return contradiction("The log has no head.");
  const auto size = static_cast<std::uint64_t>(head.number(0, 0));
  if ((head.is_null(0, 3) ? 0 : head.number(0, 3) + 1) != number(size))
    return contradiction("The log does not end after " + std::to_string(size) + " records, as its head says.");
  auto edge = edge_of(db, size);
  if (!edge) return edge.error();
  if (edge->root().view() != head.text(0, 1)) return contradiction("The log's records do not have the root that its head says.");
  Instant last_time{};
  if (size > 0) {
    v1::AuditRecord last;
    if (!last.ParseFromArray(head.text(0, 4).data(), static_cast<int>(head.text(0, 4).size())))
      return contradiction("The last record cannot be read.");
    last_time = from_ms(last.time_ms());
  }
  return Ledger::Stored{Log(std::move(*edge), last_time), static_cast<std::uint64_t>(head.number(0, 2)) + 1};
}

}  // namespace fabu::store::pg
