// The Store on SQLite: one file, one writer thread, a few readers. For one process; the folder is locked.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>

#include "broker/store/store.h"

namespace fabu::store {

struct SqliteOptions {
  std::filesystem::path folder;    // made when missing, mode 0700: fabu.db, attachments/, lock
  std::size_t max_waiting = 4096;  // writes that may wait before ErrorCode::busy
  std::size_t max_waiting_bytes = 64 << 20;
  std::chrono::microseconds patience{
      200};                  // how long settlements alone wait for other writes to share their sync; 0 = not at all
  int cache_kib = 16 << 10;  // of the writer; each of two readers has a quarter
  std::string vfs;           // empty: SQLite's default; tests inject faults through their own
};

// Fails when another process has the folder (its number is told), the database is newer than this program, or stored data
// contradicts itself.
Result<std::unique_ptr<Store>> open_sqlite(const SqliteOptions&);

}  // namespace fabu::store
