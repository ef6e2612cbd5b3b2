// The ledger's rows in SQLite, within the writer's transaction.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "broker/store/ledger/rows.h"
#include "broker/store/sqlite/channel_numbers.h"
#include "broker/store/sqlite/database.h"

namespace fabu::store {

// Of the writer's thread. The database must outlive it.
class SqliteRows final : public Rows {
 public:
  explicit SqliteRows(Database&);
  // Kept in memory: one process has the database.
  const std::unordered_map<std::string, ChannelCounts>& counts() const { return counts_; }

  std::unique_ptr<Dossier> item(std::uint64_t id) override;
  std::unique_ptr<Dossier> item(std::string_view department, std::string_view reference) override;
  bool has_index(std::string_view index_no) override;
  std::string content(std::uint64_t item, std::uint32_t edition) override;
  SerialRow serial(const std::string& prefix) override;
  std::vector<DeliveryKey> dead(const std::string& channel, const std::string& code) override;
  std::optional<KeyRecord> key(const std::string& id) override;

  void write(const Dossier&) override;
  void write(const std::vector<audit::Leaf>&, const std::vector<audit::FullTile>&) override;
  void write_serial(const std::string& prefix, std::int64_t last) override;
  void write(const KeyRecord&) override;
  void write_pause(const std::string& channel, const std::optional<std::string>& reason, Instant since) override;
  void write(const StoredCheckpoint&) override;
  void count(const std::string& channel, std::int64_t open, std::int64_t dead) override;

 private:
  void write_item(const Dossier&);
  void write_edition(const Dossier&, const EditionEntry&);
  void write_delivery(const DeliveryEntry&);

  Database& db_;
  ChannelNumbers channels_;
  std::unordered_map<std::string, ChannelCounts> counts_;
};

}  // namespace fabu::store
