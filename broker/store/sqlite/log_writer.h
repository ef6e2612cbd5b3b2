// Appends audit records to the log within the writer's transaction.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "broker/audit/records.h"
#include "broker/audit/tree.h"
#include "broker/store/sqlite/database.h"
#include "broker/store/store.h"

namespace fabu::store {

// Owned by the writer thread. What it holds in memory is the tree's right edge and the newest leaf of recently used items; both
// are read again from the database after a failed transaction.
class LogWriter {
 public:
  // Takes up the stored log. Fails (corrupt) when entries and tiles contradict each other.
  Result<void> resume(Database&);
  // Within a transaction. Gives the record's leaf index.
  std::uint64_t append(Database&, const audit::Draft&, Instant);
  // The same for the first record of a new item: there is no earlier one to look for.
  std::uint64_t append_first(Database&, const audit::Draft&, Instant);
  // Writes the tiles that became full. Before COMMIT.
  void flush(Database&);
  const audit::Edge& edge() const { return edge_; }

 private:
  const Digest* previous(Database&, std::uint64_t item_id);
  std::uint64_t append_after(Database&, const audit::Draft&, Instant, const Digest* previous);

  audit::Edge edge_;
  Instant last_time_{};
  std::vector<audit::FullTile> filled_;
  std::unordered_map<std::uint64_t, Digest> newest_;  // leaf hash of an item's newest record; bounded
};

}  // namespace fabu::store
