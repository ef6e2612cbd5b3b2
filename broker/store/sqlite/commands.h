// The commands of the Store port, each within the writer's transaction. A failure of the command itself is its result and leaves
// nothing behind; a failure of the database is thrown and fails the whole group.
#pragma once

#include "broker/store/sqlite/transaction.h"

namespace fabu::store {

Result<Accepted> accept(Transaction&, const Accept&);
Result<std::uint64_t> refuse(Transaction&, const Refuse&);
Result<Withdrawn> withdraw(Transaction&, const Withdraw&);
Result<Reviewed> review(Transaction&, const Review&);
Result<Settled> settle(Transaction&, const Settle&);
Result<Replayed> replay(Transaction&, const Replay&);
Result<std::uint64_t> switch_channel(Transaction&, const SwitchChannel&);
Result<std::uint64_t> create_key(Transaction&, const KeyRecord&, const Caller&, Instant);
Result<std::uint64_t> revoke_key(Transaction&, const std::string& key_id, const Caller&, Instant);
Result<std::uint64_t> save_checkpoint(Transaction&, const StoredCheckpoint&);

// Shared by accept, review and withdraw: plans the edition's deliveries and makes older open and dead ones give way.
struct Planned {
  std::vector<v1::Delivery> deliveries, superseded;
};
// A correction that no longer goes to a channel where an earlier edition may stand is withdrawn from there.
Planned plan_deliveries(Transaction&, const v1::Edition&, v1::Action, const std::vector<std::string>& channels,
                        const std::vector<std::string>& skipped, Instant);

// Channels that have, or may have, something of the item: all that were planned and did not give way unsent.
std::vector<std::string> channels_to_clear(Transaction&, std::uint64_t item);

}  // namespace fabu::store
