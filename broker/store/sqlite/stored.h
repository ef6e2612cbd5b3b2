// What the ledger takes up from a database: the log's end and the next item's number.
#pragma once

#include "broker/domain/result.h"
#include "broker/store/ledger/ledger.h"
#include "broker/store/sqlite/database.h"

namespace fabu::store {

// Fails (corrupt) when the log's entries and tiles contradict each other.
Result<Ledger::Stored> read_stored(Database&);

}  // namespace fabu::store
