// The commands of the Store port, decided in memory: the same for every store. A store gives the rows that they ask for, runs a
// group of commands in one transaction, writes what they changed with flush(), and commits.
//
// A failure of a command itself is its result and leaves nothing behind. A failure of the database is thrown; the whole group has
// failed then, and begin() must be called before the next.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "broker/store/ledger/dossier.h"
#include "broker/store/ledger/log.h"
#include "broker/store/ledger/rows.h"
#include "broker/store/ledger/serials.h"
#include "broker/store/store.h"

namespace fabu::store {

// What a command will ask the rows for; a store that is far away reads it for a whole group at once. Empty or 0: nothing of the
// kind.
struct Need {
  std::string department, reference;  // an item by these
  std::uint64_t item = 0;             // or by its number
  std::string index_no;               // whether an item has it
  std::string index_prefix;           // how far its serials have come
};

// Of one writer; not thread-safe.
class Ledger {
 public:
  // What is stored: the log's end, the next item's number. Forgets everything else.
  struct Stored {
    Log log;
    std::uint64_t next_item = 1;
  };
  explicit Ledger(Rows& rows) : rows_(rows) {}
  void begin(Stored);
  // The broker that gives the commands from here on: the owner of what they open. Without it: 0.
  void act_for(std::uint64_t owner) { self_ = owner; }

  Result<Accepted> accept(const Accept&);
  Result<std::uint64_t> refuse(const Refuse&);
  Result<Withdrawn> withdraw(const Withdraw&);
  Result<Reviewed> review(const Review&);
  Result<Settled> settle(const Settle&);
  Result<Replayed> replay(const Replay&);
  Result<std::uint64_t> switch_channel(const SwitchChannel&);
  Result<std::uint64_t> create_key(const KeyRecord&, const Caller&, Instant);
  Result<std::uint64_t> revoke_key(const std::string& key_id, const Caller&, Instant);
  Result<std::uint64_t> record(const audit::Draft&, Instant);
  Result<std::uint64_t> save_checkpoint(const StoredCheckpoint&);

  // Writes all that was changed. Before COMMIT.
  void flush();
  // Writes all that was changed, and remembers no item: they are about to be changed in the rows. The records go with them, since
  // an item that is read again names its newest one by what is written.
  void forget_items();

  const audit::Edge& edge() const { return log_.edge(); }
  const Log& end() const { return log_; }
  std::uint64_t next_item() const { return next_item_; }
  // What of it would be asked of the rows; nothing: all of it is known.
  std::optional<Need> unknown(Need) const;

 private:
  struct Planned {
    std::vector<v1::Delivery> deliveries, superseded;
  };

  // The item's dossier, valid until the end of the transaction; null when there is none.
  Dossier* find(std::uint64_t id);
  Dossier* find(const std::string& department, const std::string& reference);
  Dossier* keep(std::unique_ptr<Dossier>);
  bool has_index(const std::string& index_no);
  std::string content(const Dossier&, const EditionEntry&);
  void touch(Dossier&, Mark& mark);
  void flush_dossiers();

  void set_state(Dossier&, DeliveryEntry&, v1::DeliveryState);
  void set_state(Dossier&, std::uint32_t edition, v1::EditionState);
  // Editions older than this that were under way or stood: a newer one is out, or the item was withdrawn.
  void retire_older(Dossier&, std::uint32_t edition, v1::EditionState);
  std::uint64_t log(const audit::Draft&, Instant, Dossier&);

  std::optional<Accepted> meets_standing(const Accept&, Dossier&);
  Dossier& new_item(const Accept&);
  Accepted store_edition(const Accept&, Dossier&);

  // Plans the edition's deliveries and makes older open and dead ones give way. A correction that no longer goes to a channel
  // where an earlier edition may stand is withdrawn from there.
  Planned plan(Dossier&, const v1::Edition&, v1::Action, const std::vector<std::string>& channels,
               const std::vector<std::string>& skipped, Instant);
  // Gives the owner of what replaces it: that of what was open, so that one broker keeps the order.
  std::uint64_t supersede(Dossier&, std::uint32_t edition, const std::string& channel, Instant,
                          std::vector<v1::Delivery>& superseded);
  v1::Delivery& add_delivery(Dossier&, const v1::Edition&, v1::Action, const std::string& channel, std::uint64_t owner, Instant);
  // Tells whoever else owns what is open of the item on the delivery's channel, which may be the delivery itself.
  void tell_outdated(const Dossier&, const v1::Delivery&);

  Result<Settled> delivered(Dossier&, DeliveryEntry&, const v1::Receipt&, Instant);
  Result<Settled> set_back(Dossier&, DeliveryEntry&, const v1::Setback&, Instant);
  Result<Settled> keep_notes(Dossier&, DeliveryEntry&, const std::string& notes);
  Result<Settled> observed(Dossier&, const v1::Delivery&, const v1::Observation&, Instant);
  v1::EditionState edition_after(Dossier&, std::uint32_t number);

  Rows& rows_;
  Log log_;
  Serials serials_;
  std::uint64_t self_ = 0;
  std::uint64_t next_item_ = 1;
  struct Moved {
    std::int64_t open = 0, dead = 0;
  };
  std::unordered_map<std::string, Moved> moved_;  // by channel, since the last flush
  // Dossiers of recent items, so that what is settled soon after it was accepted is not read again. Bounded: emptied by flush.
  std::unordered_map<std::uint64_t, std::unique_ptr<Dossier>> dossiers_;
  std::unordered_map<std::string, Dossier*> by_reference_;  // of those
  std::unordered_set<std::string> fresh_indexes_;           // index numbers of those not written yet
  std::vector<Dossier*> touched_;
};

// Whether the delivery still waits to be done.
bool is_open(v1::DeliveryState);
// Channels that have, or may have, something of the item: all that were planned and did not give way unsent.
std::vector<std::string> channels_to_clear(const Dossier&);
// Of an edition that is there.
Digest digest_of(const Dossier&, std::uint32_t edition);

}  // namespace fabu::store
