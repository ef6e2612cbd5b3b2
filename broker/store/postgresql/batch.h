// The writes of a transaction, gathered: one statement a table, with an array for each column.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "broker/audit/records.h"
#include "broker/store/ledger/dossier.h"
#include "broker/store/postgresql/connection.h"

namespace fabu::store::pg {

class Batch {
 public:
  void add(const Dossier&);  // what is marked in it
  void add(const audit::Leaf&);
  void add(const audit::FullTile&);
  void add_serial(const std::string& prefix, std::int64_t last);
  void add_count(const std::string& channel, std::int64_t open, std::int64_t dead);
  // Sends the statements, and forgets what they write. The caller syncs.
  void send(Connection&);

 private:
  using Numbers = std::vector<std::int64_t>;
  using Texts = std::vector<std::string>;
  struct Items {
    Numbers id, newest, state, received_ms;
    Texts department, reference, index_no, entry, title;
    void add(const Dossier&);
  };
  struct Editions {
    Numbers item, number, kind, state, received_ms, log_index, accepted_state;
    Texts digest, reason, channels, content;
    void add(const EditionEntry&);
  };
  struct Deliveries {
    Numbers item, edition, place, action, state, attempts, due_ms, planned_ms, settled_ms, owner;
    Texts channel, failure, progress, receipt;
    std::vector<std::optional<std::string>> code;
    void add(const DeliveryEntry&, std::int64_t place);
  };
  void send_items(Connection&) const;
  void send_editions(Connection&) const;
  void send_deliveries(Connection&) const;
  void send_log(Connection&) const;
  void send_counters(Connection&) const;

  Items new_items_, changed_items_;
  Editions new_editions_, changed_editions_;
  Deliveries new_deliveries_, changed_deliveries_;
  Numbers entry_seq_, tile_level_, tile_place_, serial_last_, count_open_, count_dead_;
  std::vector<std::optional<std::int64_t>> entry_item_;
  Texts entry_bytes_, entry_opening_, tile_hashes_, tile_root_, serial_prefix_, count_channel_;
};

}  // namespace fabu::store::pg
