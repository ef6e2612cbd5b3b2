#include "broker/store/postgresql/stored_log.h"

#include <utility>

#include "broker/store/ledger/taking_up.h"

namespace fabu::store::pg {
namespace {

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
    return log_contradiction("Record " + std::to_string(from + hashes.size()) + " is missing from the log.");
  return hashes;
}

Result<std::vector<Digest>> tile_roots(Connection& db, unsigned level, std::uint64_t from, std::uint64_t to) {
  const auto rows = db.query("SELECT root FROM log_tile WHERE level = $1 AND place >= $2 AND place < $3 ORDER BY place",
                             Values().number(level).number(number(from)).number(number(to)));
  std::vector<Digest> roots;
  for (int row = 0; row < rows.count(); ++row) {
    const auto root = Digest::from_raw(rows.text(row, 0));
    if (!root) return log_contradiction("A tile of level " + std::to_string(level) + " has no root.");
    roots.push_back(*root);
  }
  if (roots.size() != to - from) return log_contradiction("A tile of level " + std::to_string(level) + " is missing.");
  return roots;
}

}  // namespace

Result<Ledger::Stored> read_stored(Connection& db) {
  const auto head = db.query(
      "SELECT size, root, coalesce((SELECT max(id) FROM item), 0), (SELECT max(seq) FROM log_entry), "
      "(SELECT bytes FROM log_entry ORDER BY seq DESC LIMIT 1) FROM log_head");
  if (head.count() != 1) return log_contradiction("The log has no head.");
  const auto size = static_cast<std::uint64_t>(head.number(0, 0));
  if ((head.is_null(0, 3) ? 0 : head.number(0, 3) + 1) != number(size))
    return log_contradiction("The log does not end after " + std::to_string(size) + " records, as its head says.");
  auto edge = stored_edge(size, [&db](unsigned level, std::uint64_t from, std::uint64_t to) {
    return level == 0 ? entry_hashes(db, from, to) : tile_roots(db, level - 1, from, to);
  });
  if (!edge) return edge.error();
  if (edge->root().view() != head.text(0, 1))
    return log_contradiction("The log's records do not have the root that its head says.");
  Instant last_time{};
  if (size > 0) {
    const auto time = time_of_record(head.text(0, 4));
    if (!time) return time.error();
    last_time = *time;
  }
  return Ledger::Stored{Log(std::move(*edge), last_time), static_cast<std::uint64_t>(head.number(0, 2)) + 1};
}

}  // namespace fabu::store::pg
