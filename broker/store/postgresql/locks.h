// The advisory locks of a database, by their first key; the second is a session's number, or 0. Statements are literals, so these
// are too.
#pragma once

#define FABU_PG_SESSIONS "20260821"
#define FABU_PG_LEADER "20260822"
#define FABU_PG_TENANCY "20260823"  // shared by brokers; exclusively of one that has the database to itself

// Those that are held, for a FROM.
#define FABU_PG_LOCKS(key)                                  \
  "pg_locks WHERE locktype = 'advisory' AND classid = " key \
  " AND objsubid = 2 AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
