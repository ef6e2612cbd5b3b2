// The ledger's rows in PostgreSQL. What a group of commands will ask for is read in one round trip, which also takes the log's
// lock; what they change is written in another, with the COMMIT.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "broker/store/ledger/group_commit.h"
#include "broker/store/ledger/rows.h"
#include "broker/store/postgresql/batch.h"
#include "broker/store/postgresql/connection.h"
#include "broker/store/postgresql/notices.h"

namespace fabu::store::pg {

// The log as it is stored. `generation` grows with every transaction of any broker.
struct Head {
  std::uint64_t size = 0;
  Digest root;
  std::int64_t generation = 0;
  // Of the records beyond those that are known, in their order; at most kFollowed.
  std::vector<Digest> appended;
  // When something was appended: the newest record, and the number of the newest item.
  std::string newest_record;
  std::uint64_t newest_item = 0;
};
// Beyond so many records it is cheaper to read the log's right edge anew.
inline constexpr unsigned kFollowed = 1024;

// Of the writer's thread. The connection must outlive it.
class PgRows final : public Rows {
 public:
  explicit PgRows(Connection& db) : db_(db) {}

  // Begins a transaction of this session: waits for other brokers' ones to end, reads what is needed, and what was appended to
  // the log since it had `known` records.
  Head begin(std::uint64_t session, std::uint64_t known, const std::vector<Need>&);
  // Reads more.
  void prefetch(const std::vector<Need>&);
  // Writes all there is and commits.
  void commit(std::uint64_t log_size, const Digest& root);

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
  void tell_outdated(std::uint64_t owner, const v1::Delivery&) override;
  void tell_due(std::uint64_t owner, const std::string& channel) override;
  // Gives open deliveries of these owners to `heir`, and tells it. True: there are more, for another transaction.
  bool adopt(const std::vector<std::uint64_t>& owners, std::uint64_t heir);

 private:
  struct Wanted;
  Wanted wanted(const std::vector<Need>&) const;
  void ask(const Wanted&);
  void take(const Wanted&, const std::vector<Answer>&, std::size_t first);
  void take_dossiers(const Answer& items, const Answer& editions, const Answer& deliveries);
  void flush();

  Connection& db_;
  Batch batch_;
  Notices notices_;
  std::uint64_t session_ = 0;
  // What was read ahead. An item that is not there is known too.
  std::unordered_map<std::uint64_t, std::unique_ptr<Dossier>> items_;
  std::map<std::pair<std::string, std::string>, std::uint64_t> references_;  // 0: none
  std::unordered_map<std::string, bool> indexes_;
  std::unordered_map<std::string, SerialRow> serials_;
};

}  // namespace fabu::store::pg
