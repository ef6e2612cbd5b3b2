// The write-ahead log that a process left behind which was killed, or whose disk failed.
#pragma once

#include "broker/store/sqlite/database.h"

namespace fabu::store {

// What recovery finds in the log counts as committed: a submission that is sent again is answered `repeated` without a write, and
// the head may be signed. But some of it may lie in the system's cache alone: written and not yet synced, or dropped by a sync
// that failed, after which Linux takes the pages for clean. So all of it is written again and synced, before anything is
// answered. Does nothing after an orderly end, which leaves no log. Before other connections are opened. Throws SqliteFailure.
void make_leftover_wal_durable(Database&);

}  // namespace fabu::store
