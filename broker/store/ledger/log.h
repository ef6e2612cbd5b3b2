// The audit log's growing end: records get their places here, in memory, and are written with what they record.
#pragma once

#include <cstdint>
#include <vector>

#include "broker/audit/records.h"
#include "broker/audit/tree.h"
#include "broker/store/ledger/dossier.h"
#include "broker/store/ledger/rows.h"

namespace fabu::store {

// Of one writer. After a failed transaction it is resumed from what is stored.
class Log {
 public:
  Log() = default;
  Log(audit::Edge edge, Instant last_time) : edge_(std::move(edge)), last_time_(last_time) {}

  // A record of the item (null: of none). Gives its leaf index.
  std::uint64_t append(const audit::Draft&, Instant, Dossier* item);
  // Writes the records since the last time, and the tiles that they filled.
  void flush(Rows&);
  const audit::Edge& edge() const { return edge_; }
  Instant last_time() const { return last_time_; }

 private:
  audit::Edge edge_;
  Instant last_time_{};
  std::vector<audit::Leaf> leaves_;
  std::vector<audit::FullTile> filled_;
};

}  // namespace fabu::store
