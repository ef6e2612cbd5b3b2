// The Store on PostgreSQL: any number of brokers on one database. One connection writes, a few read.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>

#include "broker/store/store.h"

namespace fabu::store {

struct PostgresOptions {
  std::string address;             // connection string or URI; see PostgreSQL 15, 34.1.1 "Connection Strings"
  std::filesystem::path copies;    // folder for copies of attachments; made when missing
  std::size_t max_waiting = 4096;  // writes that may wait before ErrorCode::busy
  std::size_t max_waiting_bytes = 64 << 20;
  std::chrono::microseconds patience{200};  // how long settlements alone wait for other writes to share their sync
  std::size_t readers = 3;                  // connections
};

// Fails when the database cannot be reached, is newer than this program, or contradicts itself.
Result<std::unique_ptr<Store>> open_postgres(const PostgresOptions&);

}  // namespace fabu::store
