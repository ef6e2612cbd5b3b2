// Rows of PostgreSQL as the contract's messages.
#pragma once

#include <string>
#include <vector>

#include "broker/store/ledger/dossier.h"
#include "broker/store/postgresql/connection.h"

namespace fabu::store::pg {

// item, number, kind, state, digest, received_ms, reason, log_index, accepted_state, channels
#define FABU_PG_EDITION "item, number, kind, state, digest, received_ms, reason, log_index, accepted_state, channels"
EditionEntry edition_of(const Answer&, int row);
// item, edition, channel, action, state, attempts, due_ms, planned_ms, settled_ms, failure, receipt, progress
#define FABU_PG_DELIVERY \
  "item, edition, channel, action, state, attempts, due_ms, planned_ms, settled_ms, failure, receipt, progress"
v1::Delivery delivery_of(const Answer&, int row, bool with_progress);
// id, department, name, scopes, secret, created_ms, revoked_ms
#define FABU_PG_KEY "id, department, name, scopes, secret, created_ms, revoked_ms"
KeyRecord key_of(const Answer&, int row);

}  // namespace fabu::store::pg
