// A connection to PostgreSQL, by its own C library: prepared statements, any number of them in one round trip (pipeline mode),
// binary values. docs/decisions/0003 says why not libpqxx. Failures are thrown as Failure and never leave this room; after one
// the connection is in no known state and must be dropped. Nothing waits for ever: a server that does not answer in time has
// failed, whether its machine, the network or a lock is the cause.
#pragma once

#include <libpq-fe.h>

#include <chrono>
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
  // SQLSTATE; empty: the connection failed, or no answer came in time.
  const std::string& state() const { return state_; }
  // What was under way may have been done all the same: the answer is missing (SQLSTATE classes 08 and 57 are of connections and
  // of servers that go down).
  bool leaves_doubt() const { return state_.empty() || state_.starts_with("08") || state_.starts_with("57"); }

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

struct Notification {
  std::string channel, payload;
};

// How long a connection waits for an answer.
using Deadline = std::chrono::milliseconds;
inline constexpr Deadline kNoDeadline{0};
inline constexpr Deadline kUsualDeadline{5000};

// Not thread-safe.
class Connection {
 public:
  // `address`: a connection string or URI as PostgreSQL takes it; several hosts are tried in turn. What it does not say is set
  // here: 3 s for each connect, a server that can be written to, and TCP that notices within some 10 s that the other side is
  // gone, on both sides.
  explicit Connection(const std::string& address, Deadline deadline = kUsualDeadline);

  // Any number of statements without parameters; for schemas and BEGIN or COMMIT by themselves.
  void run(const std::string& sql);
  Answer query(const char* literal, const Values& = {});
  // Statements that are sent at once and answered at once; one that fails fails those after it, and is thrown by sync().
  void send(const char* literal, const Values& = {});
  std::vector<Answer> sync();
  // A statement whose answer may take as long as it likes.
  void start(const char* sql);
  // Whether start()'s answer is there. Waits for it until `wake` can be read, or this time is over.
  bool answered(int wake, std::chrono::milliseconds);
  // The same for what others notify on the channels that this connection listens on.
  std::vector<Notification> notifications(int wake, std::chrono::milliseconds);
  void wait_at_most(Deadline deadline) { deadline_ = deadline; }
  bool is_good() const { return PQstatus(handle_.get()) == CONNECTION_OK; }

 private:
  struct Finish {
    void operator()(PGconn* c) const { PQfinish(c); }
  };
  [[noreturn]] void fail(const char* doing) const;
  Answer checked(PGresult* result) const;
  void begin_waiting() { until_ = std::chrono::steady_clock::now() + deadline_; }
  PGresult* next();
  Answer last();
  void poll_for(short events, int wake, std::chrono::milliseconds) const;
  void take_answers(std::vector<Answer>& answers, std::unique_ptr<Failure>& failure);

  Deadline deadline_;
  std::chrono::steady_clock::time_point until_;  // of the statement under way
  std::unique_ptr<PGconn, Finish> handle_;
  std::unordered_set<const char*> prepared_;  // string literals: known by address
  std::vector<bool> expected_;                // of what was sent since the last sync: true where the answer is the caller's
};

}  // namespace fabu::store::pg
