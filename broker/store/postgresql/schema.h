// The tables, and how older databases come up to date.
#pragma once

#include "broker/domain/result.h"
#include "broker/store/postgresql/connection.h"

namespace fabu::store::pg {

// Brings the database up to this version, one transaction a step; brokers that start at once do it one after the other. Fails
// (unsupported) on a newer one.
Result<void> migrate(Connection&);

}  // namespace fabu::store::pg
