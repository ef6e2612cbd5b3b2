#include "broker/store/sqlite/database.h"

namespace fabu::store {
namespace {

[[noreturn]] void fail(sqlite3* db, const char* doing) {
  const int code = db != nullptr ? sqlite3_extended_errcode(db) : SQLITE_NOMEM;
  throw SqliteFailure(code, std::string(doing) + ": " + (db != nullptr ? sqlite3_errmsg(db) : "out of memory"));
}

}  // namespace

void Query::bound(int code) const {
  if (code != SQLITE_OK) throw SqliteFailure(code, std::string("bind: ") + sqlite3_errstr(code));
}

Query& Query::bind(std::int64_t value) {
  bound(sqlite3_bind_int64(statement_, next_++, value));
  return *this;
}

Query& Query::bind(std::string_view text) {
  const char* const bytes = text.data() != nullptr ? text.data() : "";
  bound(sqlite3_bind_text64(statement_, next_++, bytes, text.size(), SQLITE_STATIC, SQLITE_UTF8));
  return *this;
}

Query& Query::blob(std::string_view bytes) {
  if (bytes.empty()) return null();
  bound(sqlite3_bind_blob64(statement_, next_++, bytes.data(), bytes.size(), SQLITE_STATIC));
  return *this;
}

Query& Query::bytes(std::string_view bytes) {
  bound(sqlite3_bind_blob64(statement_, next_++, bytes.data() != nullptr ? bytes.data() : "", bytes.size(), SQLITE_STATIC));
  return *this;
}

Query& Query::null() {
  bound(sqlite3_bind_null(statement_, next_++));
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
  run("PRAGMA synchronous=FULL; PRAGMA temp_store=MEMORY");
  auto wal = query("PRAGMA journal_mode=WAL");
  if (!wal.row() || wal.text(0) != "wal") throw SqliteFailure(SQLITE_CANTOPEN, "this file system cannot hold a write-ahead log");
  wal.done();  // the change is committed at the statement's end, and that may fail
  sqlite3_wal_autocheckpoint(handle_.get(), 0);
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
