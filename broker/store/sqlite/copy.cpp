#include "broker/store/sqlite/copy.h"

#include <sqlite3.h>

#include <memory>
#include <string>

#include "broker/store/sqlite/database.h"

namespace fabu::store {
namespace {

struct Close {
  void operator()(sqlite3* db) const { sqlite3_close_v2(db); }
};
using Handle = std::unique_ptr<sqlite3, Close>;

Error failure(const std::filesystem::path& file, sqlite3* db) {
  return Error{ErrorCode::io, file.string(), db == nullptr ? "out of memory" : sqlite3_errmsg(db), "Look at the disk.", {}};
}

Handle open(const std::filesystem::path& file, int flags) {
  sqlite3* db = nullptr;
  sqlite3_open_v2(file.c_str(), &db, flags, nullptr);
  if (db != nullptr) sqlite3_busy_timeout(db, 10'000);
  return Handle(db);
}

}  // namespace

Result<void> copy_database(const std::filesystem::path& from, const std::filesystem::path& to) {
  const auto source = open(from, SQLITE_OPEN_READWRITE);  // a log that a killed process left must be read
  if (sqlite3_errcode(source.get()) != SQLITE_OK) return failure(from, source.get());
  const auto target = open(to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
  if (sqlite3_errcode(target.get()) != SQLITE_OK) return failure(to, target.get());
  auto* const backup = sqlite3_backup_init(target.get(), "main", source.get(), "main");
  if (backup == nullptr) return failure(to, target.get());
  sqlite3_backup_step(backup, -1);
  if (sqlite3_backup_finish(backup) != SQLITE_OK) return failure(to, target.get());
  if (sqlite3_exec(target.get(), "PRAGMA journal_mode=DELETE", nullptr, nullptr, nullptr) != SQLITE_OK)
    return failure(to, target.get());
  return {};
}

Result<void> each_entry(const std::filesystem::path& copy, const std::function<void(std::uint64_t, std::string_view)>& take) {
  try {
    Database db(copy.string(), Database::Mode::read, nullptr, 16 << 10);
    auto query = db.query("SELECT seq, bytes FROM log_entry ORDER BY seq");
    while (query.row()) take(static_cast<std::uint64_t>(query.number(0)), query.text(1));
    return {};
  } catch (const SqliteFailure& e) {
    return Error{ErrorCode::corrupt, copy.string(), e.what(), "The copy is no good: make another one.", {}};
  }
}

}  // namespace fabu::store
