// SQLite behind RAII: a connection with its prepared statements. Failures are thrown as SqliteFailure and caught where a
// transaction or a read ends; they never leave this room.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unordered_map>

namespace fabu::store {

class SqliteFailure : public std::runtime_error {
 public:
  SqliteFailure(int code, const std::string& what) : std::runtime_error(what), code_(code) {}
  int code() const { return code_; }

 private:
  int code_;
};

// A prepared statement in use: bind by position from 1, then step; reset when it goes out of scope. Not thread-safe.
class Query {
 public:
  explicit Query(sqlite3_stmt* statement) : statement_(statement) {}
  ~Query() { sqlite3_reset(statement_); }
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;

  // Bound texts and blobs must live until the query is done.
  Query& bind(std::int64_t value);
  Query& bind(std::string_view text);
  Query& blob(std::string_view bytes);   // an empty one is NULL
  Query& bytes(std::string_view bytes);  // an empty one is empty
  Query& null();

  // Position 1 of a Query is bound by the first call, 2 by the second. All must be bound each time.
  bool row();   // true: a row is there
  void done();  // runs to the end; for statements without rows

  std::int64_t number(int column) const { return sqlite3_column_int64(statement_, column); }
  std::string_view text(int column) const;  // or blob; valid until the next row()

 private:
  void bound(int code) const;

  sqlite3_stmt* statement_;
  int next_ = 1;
};

// One connection. Not thread-safe.
class Database {
 public:
  enum class Mode { write, read };
  // `vfs` null: the default one.
  Database(const std::string& file, Mode mode, const char* vfs, int cache_kib);

  // The statement of a string literal, prepared once for this connection.
  Query query(const char* literal);
  void run(const char* sql);  // any number of statements
  // Rows that the last INSERT, UPDATE or DELETE changed.
  int changed() const { return sqlite3_changes(handle_.get()); }
  sqlite3* handle() const { return handle_.get(); }

 private:
  struct Close {
    void operator()(sqlite3* db) const { sqlite3_close_v2(db); }
  };
  struct Finalize {
    void operator()(sqlite3_stmt* s) const { sqlite3_finalize(s); }
  };
  std::unique_ptr<sqlite3, Close> handle_;
  std::unordered_map<const void*, std::unique_ptr<sqlite3_stmt, Finalize>> statements_;
};

}  // namespace fabu::store
