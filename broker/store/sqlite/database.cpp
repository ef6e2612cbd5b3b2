#include "broker/store/sqlite/database.h"

namespace fabu::store {
namespace {

[[noreturn]] void fail(sqlite3* db, const char* doing) {
  const int code = db != nullptr ? sqlite3_extended_errcode(db) : SQLITE_NOMEM;
  throw SqliteFailure(code, std::string(doing) + ": " + (db != nullptr ? sqlite3_errmsg(db) : "out of memory"));
}

}  // namespace

Query& Query::bind(std::int64_t value) {
  sqlite3_bind_int64(statement_, next_++, value);
  return *this;
}

Query& Query::bind(std::string_view text) {
  sqlite3_bind_text(statement_, next_++, text.data() != nullptr ? text.data() : "", static_cast<int>(text.size()), SQLITE_STATIC);
  return *this;
}

Query& Query::blob(std::string_view bytes) {
  if (bytes.empty()) return null();
  sqlite3_bind_blob(statement_, next_++, bytes.data(), static_cast<int>(bytes.size()), SQLITE_STATIC);
  return *this;
}

Query& Query::null() {
  sqlite3_bind_null(statement_, next_++);
  return *this;
}

bool Query::row() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) fail(sqlite3_db_handle(statement_), sqlite3_sql(statement_));
  return false;
}

void Query::done() {
  while (row()) {
  }
}

std::string_view Query::text(int column) const {
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_, column));
  return {bytes, bytes == nullptr ? 0 : static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

Database::Database(const std::string& file, Mode mode, const char* vfs, int cache_kib) {
  sqlite3* db = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | (mode == Mode::write ? SQLITE_OPEN_CREATE : 0);
  const int code = sqlite3_open_v2(file.c_str(), &db, flags, vfs);
  handle_.reset(db);
  if (code != SQLITE_OK) fail(db, ("open " + file).c_str());
  sqlite3_busy_timeout(db, 10'000);
  run(("PRAGMA cache_size=-" + std::to_string(cache_kib)).c_str());
  if (mode == Mode::read) {
    run("PRAGMA query_only=1");
    return;
  }
  run("PRAGMA page_size=8192; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=0; PRAGMA temp_store=MEMORY");
}

Query Database::query(const char* literal) {
  auto& statement = statements_[literal];
  if (!statement) {
    sqlite3_stmt* made = nullptr;
    if (sqlite3_prepare_v3(handle_.get(), literal, -1, SQLITE_PREPARE_PERSISTENT, &made, nullptr) != SQLITE_OK) {
      fail(handle_.get(), literal);
    }
    statement.reset(made);
  }
  return Query(statement.get());
}

void Database::run(const char* sql) {
  if (sqlite3_exec(handle_.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK) fail(handle_.get(), sql);
}

}  // namespace fabu::store
