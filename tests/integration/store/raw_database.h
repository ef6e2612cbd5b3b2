// A second connection to a store's database, as an operator with the sqlite3 shell, or a fault of the disk, would change it.
#pragma once

#include <sqlite3.h>

#include <filesystem>
#include <stdexcept>
#include <string>

namespace fabu::store {

class RawDatabase {
 public:
  explicit RawDatabase(const std::filesystem::path& folder, const char* vfs = nullptr) {
    if (sqlite3_open_v2((folder / "fabu.db").c_str(), &db_, SQLITE_OPEN_READWRITE, vfs) != SQLITE_OK)
      throw std::runtime_error("open");
  }
  ~RawDatabase() { sqlite3_close_v2(db_); }
  RawDatabase(const RawDatabase&) = delete;
  RawDatabase& operator=(const RawDatabase&) = delete;

  void run(const std::string& sql) {
    if (sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) throw std::runtime_error(sqlite3_errmsg(db_));
  }
  // The first column of the first row as text; "" when there is none.
  std::string ask(const std::string& sql) {
    std::string answer;
    const auto first = [](void* to, int, char** values, char**) {
      auto& text = *static_cast<std::string*>(to);
      if (text.empty() && values[0] != nullptr) text = values[0];
      return 0;
    };
    if (sqlite3_exec(db_, sql.c_str(), first, &answer, nullptr) != SQLITE_OK) throw std::runtime_error(sqlite3_errmsg(db_));
    return answer;
  }

 private:
  sqlite3* db_ = nullptr;
};

}  // namespace fabu::store
