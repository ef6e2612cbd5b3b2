// What the ledger needs of a database within one transaction of its only writer. Implemented by each store. Failures of the
// database are thrown, and end the transaction.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "broker/audit/records.h"
#include "broker/audit/tree.h"
#include "broker/store/ledger/dossier.h"
#include "broker/store/store.h"

namespace fabu::store {

// How far the running numbers of an index prefix have come.
struct SerialRow {
  std::int64_t last = 0;       // given
  bool others_beyond = false;  // an item brought along an index number of this prefix that sorts after it
};

struct DeliveryKey {
  std::uint64_t item = 0;
  std::uint32_t edition = 0;
  std::string channel;
};

class Rows {
 public:
  virtual ~Rows() = default;

  // Reads. They see what was written in this transaction.
  virtual std::unique_ptr<Dossier> item(std::uint64_t id) = 0;  // null: there is none
  virtual std::unique_ptr<Dossier> item(std::string_view department, std::string_view reference) = 0;
  virtual bool has_index(std::string_view index_no) = 0;
  virtual std::string content(std::uint64_t item, std::uint32_t edition) = 0;  // of an edition that is there
  virtual SerialRow serial(const std::string& prefix) = 0;
  // Dead deliveries of the channel (empty: of all) whose last failure has the code (empty: any), by item and edition.
  virtual std::vector<DeliveryKey> dead(const std::string& channel, const std::string& code) = 0;
  virtual std::optional<KeyRecord> key(const std::string& id) = 0;

  // Writes.
  virtual void write(const Dossier&) = 0;  // what is marked in it
  virtual void write(const std::vector<audit::Leaf>&, const std::vector<audit::FullTile>&) = 0;
  virtual void write_serial(const std::string& prefix, std::int64_t last) = 0;
  virtual void write(const KeyRecord&) = 0;  // new or changed
  virtual void write_pause(const std::string& channel, const std::optional<std::string>& reason,
                           Instant since) = 0;  // none: it goes on
  virtual void write(const StoredCheckpoint&) = 0;
  // By how many more deliveries of the channel are open and dead.
  virtual void count(const std::string& channel, std::int64_t open, std::int64_t dead) = 0;

  // What another owner is told once the transaction has committed; see News. Where there is one owner nobody is told.
  virtual void tell_outdated(std::uint64_t /*owner*/, const v1::Delivery&) {}
  virtual void tell_due(std::uint64_t /*owner*/, const std::string& /*channel*/) {}
};

}  // namespace fabu::store
