// The Store on PostgreSQL: any number of brokers on one database. One connection writes, a few read, one holds the broker's
// session and hears what the others tell, one stands for leader (docs/decisions/0004).
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "broker/store/s3/s3_bucket.h"
#include "broker/store/store.h"

namespace fabu::store {

struct PostgresOptions {
  std::string address;             // connection string or URI; see PostgreSQL 15, 34.1.1 "Connection Strings"
  std::filesystem::path copies;    // folder for copies of attachments; made when missing
  std::optional<S3Options> s3;     // where attachments lie from now on; else in the database
  std::size_t max_waiting = 4096;  // writes that may wait before ErrorCode::busy
  std::size_t max_waiting_bytes = 64 << 20;
  std::chrono::microseconds patience{200};  // how long settlements alone wait for other writes to share their sync
  std::size_t readers = 3;                  // connections
  // The database is this store's alone, as long as it is open: no other fabu may be on it, and what others left is its own.
  bool alone = false;
  std::chrono::milliseconds deadline{5000};           // for the database to answer; then a write or a read fails
  std::chrono::milliseconds check{5000};              // how soon a connection that is silent is seen to be dead
  std::chrono::milliseconds leader_patience{10'000};  // how long a leader may stand still before another one takes its place
};

// Fails when the database cannot be reached, is newer than this program, contradicts itself, or is another fabu's (conflict).
// Takes over at once what earlier brokers left open and no living one owns.
Result<std::unique_ptr<Store>> open_postgres(const PostgresOptions&);

}  // namespace fabu::store
