// Moves an installation from SQLite to PostgreSQL: every item, delivery, key and file, and the audit log as it is, to the byte.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "broker/domain/result.h"
#include "broker/store/store.h"

namespace fabu::store {

struct Migration {
  std::filesystem::path from;  // the data folder of a broker that is stopped
  std::string to;              // the address of an empty database
  // Told now and then how many of how many log records were moved; may be empty.
  std::function<void(std::uint64_t done, std::uint64_t all)> progress;
};

struct Moved {
  std::uint64_t items = 0, files = 0;
  LogHead log;  // the same on both sides
};

// All or nothing, but for files that were moved already. The folder is left as it is. Fails when a broker has the folder
// (conflict), the database is not empty (conflict), or what arrived does not have the log's root (corrupt).
Result<Moved> migrate_to_postgres(const Migration&);

}  // namespace fabu::store
