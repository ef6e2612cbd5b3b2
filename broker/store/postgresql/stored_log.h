// The log as it is stored, to go on with.
#pragma once

#include "broker/domain/result.h"
#include "broker/store/ledger/ledger.h"
#include "broker/store/postgresql/connection.h"

namespace fabu::store::pg {

// Within a transaction that has the log's lock. Fails (corrupt) when entries and tiles contradict each other.
Result<Ledger::Stored> read_stored(Connection&);

}  // namespace fabu::store::pg
