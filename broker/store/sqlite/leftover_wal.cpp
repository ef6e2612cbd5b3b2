#include "broker/store/sqlite/leftover_wal.h"

#include <algorithm>
#include <vector>

namespace fabu::store {
namespace {

constexpr sqlite3_int64 kPiece = 1 << 16;  // the largest page: a VFS need not take more at once

void expect_ok(int code, const char* doing) {
  if (code != SQLITE_OK) throw SqliteFailure(code, std::string(doing) + " the write-ahead log: " + sqlite3_errstr(code));
}

}  // namespace

void make_leftover_wal_durable(Database& db) {
  sqlite3_file* wal = nullptr;
  expect_ok(sqlite3_file_control(db.handle(), "main", SQLITE_FCNTL_JOURNAL_POINTER, &wal), "find");
  if (wal == nullptr || wal->pMethods == nullptr) return;
  sqlite3_int64 size = 0;
  expect_ok(wal->pMethods->xFileSize(wal, &size), "measure");
  if (size == 0) return;
  std::vector<char> piece(static_cast<std::size_t>(std::min(size, kPiece)));
  for (sqlite3_int64 at = 0; at < size; at += kPiece) {
    const auto count = static_cast<int>(std::min(size - at, kPiece));
    expect_ok(wal->pMethods->xRead(wal, piece.data(), count, at), "read");
    expect_ok(wal->pMethods->xWrite(wal, piece.data(), count, at), "write");
  }
  expect_ok(wal->pMethods->xSync(wal, SQLITE_SYNC_NORMAL), "sync");
}

}  // namespace fabu::store
