#include "adapters/website/sqlite.h"

namespace fabu::website {
namespace {

constexpr int kBusyMillis = 5'000;

void check(sqlite3* db, int code) {
  if (code != SQLITE_OK) throw DatabaseError(sqlite3_extended_errcode(db), std::string("site index: ") + sqlite3_errmsg(db));
}

}  // namespace

Statement::~Statement() {
  if (stmt_ == nullptr) return;
  sqlite3_reset(stmt_);
  sqlite3_clear_bindings(stmt_);
}

Statement& Statement::text(std::string_view value) {
  const char* bytes = value.data() == nullptr ? "" : value.data();
  check(db_, sqlite3_bind_text64(stmt_, next_++, bytes, value.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
  return *this;
}

Statement& Statement::blob(std::string_view value) {
  const char* bytes = value.data() == nullptr ? "" : value.data();
  check(db_, sqlite3_bind_blob64(stmt_, next_++, bytes, value.size(), SQLITE_TRANSIENT));
  return *this;
}

Statement& Statement::integer(std::int64_t value) {
  check(db_, sqlite3_bind_int64(stmt_, next_++, value));
  return *this;
}

bool Statement::row() {
  const int code = sqlite3_step(stmt_);
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) throw DatabaseError(sqlite3_extended_errcode(db_), std::string("site index: ") + sqlite3_errmsg(db_));
  return false;
}

void Statement::run() {
  while (row()) continue;
}

std::string Statement::text_at(int column) const {
  const void* bytes = sqlite3_column_blob(stmt_, column);
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(stmt_, column));
  return bytes == nullptr ? std::string() : std::string(static_cast<const char*>(bytes), size);
}

Connection::Connection(const std::filesystem::path& file, Mode mode) {
  const int flags = (mode == Mode::read_write ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY) |
                    SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  const int code = sqlite3_open_v2(file.c_str(), &db_, flags, nullptr);
  if (code != SQLITE_OK) {
    const std::string what = "site index " + file.string() + ": " + (db_ == nullptr ? "no memory" : sqlite3_errmsg(db_));
    sqlite3_close(db_);
    throw DatabaseError(code, what);
  }
  sqlite3_busy_timeout(db_, kBusyMillis);
}

Connection::~Connection() {
  for (auto& [sql, stmt] : statements_) sqlite3_finalize(stmt);
  sqlite3_close(db_);
}

Statement Connection::operator()(const char* sql) {
  auto found = statements_.find(std::string_view(sql));
  if (found == statements_.end()) {
    sqlite3_stmt* stmt = nullptr;
    check(db_, sqlite3_prepare_v3(db_, sql, -1, SQLITE_PREPARE_PERSISTENT, &stmt, nullptr));
    found = statements_.emplace(sql, stmt).first;
  }
  return {db_, found->second};
}

void Connection::script(const char* sql) {
  check(db_, sqlite3_exec(db_, sql, nullptr, nullptr, nullptr));
}

Transaction::~Transaction() {
  if (open_) sqlite3_exec(db_.raw(), "ROLLBACK", nullptr, nullptr, nullptr);
}

void Transaction::commit() {
  db_.script("COMMIT");
  open_ = false;
}

}  // namespace fabu::website
