// A connection to PostgreSQL, by its own C library: prepared statements, any number of them in one round trip (pipeline mode),
// binary values. docs/decisions/0003 says why not libpqxx. Failures are thrown as Failure and never leave this room; after one
// the connection is in no known state and must be dropped.
#pragma once

#include <libpq-fe.h>

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "broker/store/postgresql/values.h"

namespace fabu::store::pg {

class Failure : public std::runtime_error {
 public:
  Failure(const std::string& what, std::string state) : std::runtime_error(what), state_(std::move(state)) {}
  // SQLSTATE; empty: the connection failed.
  const std::string& state() const { return state_; }

 private:
  std::string state_;
};

// The rows of a statement, in memory.
class Answer {
 public:
  explicit Answer(PGresult* result) : result_(result) {}
  int count() const { return PQntuples(result_.get()); }
  bool is_null(int row, int column) const { return PQgetisnull(result_.get(), row, column) != 0; }
  std::int64_t number(int row, int column) const;    // 0 for NULL
  std::string_view text(int row, int column) const;  // or bytes; empty for NULL; valid as long as this object
  std::string string(int row, int column) const { return std::string(text(row, column)); }
  std::int64_t changed() const;  // rows that the statement inserted, updated or deleted

 private:
  struct Clear {
    void operator()(PGresult* r) const { PQclear(r); }
  };
  std::unique_ptr<PGresult, Clear> result_;
};

// Not thread-safe.
class Connection {
 public:
  // `address`: a connection string or URI as PostgreSQL takes it.
  explicit Connection(const std::string& address);

  // Any number of statements without parameters; for schemas and BEGIN or COMMIT by themselves.
  void run(const std::string& sql);
  Answer query(const char* literal, const Values& = {});
  // Statements that are sent at once and answered at once; one that fails fails those after it, and is thrown by sync().
  void send(const char* literal, const Values& = {});
  std::vector<Answer> sync();
  bool is_good() const { return PQstatus(handle_.get()) == CONNECTION_OK; }

 private:
  struct Finish {
    void operator()(PGconn* c) const { PQfinish(c); }
  };
  [[noreturn]] void fail(const char* doing) const;
  Answer checked(PGresult* result) const;
  void prepare(const char* literal, const std::string& name, const Values&);
  void take_answers(std::vector<Answer>& answers, std::unique_ptr<Failure>& failure);

  std::unique_ptr<PGconn, Finish> handle_;
  std::unordered_set<const char*> prepared_;  // string literals: known by address
  std::vector<bool> expected_;                // of what was sent since the last sync: true where the answer is the caller's
};

}  // namespace fabu::store::pg
