// A few connections for reads, lent one at a time.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "broker/domain/result.h"
#include "broker/store/postgresql/connection.h"

namespace fabu::store::pg {

// Thread-safe. A read waits while all connections are lent. One on which a read failed is closed, and the read is tried once more
// on a new one: the database may have been restarted since.
class Pool {
 public:
  Pool(std::string address, std::size_t count, Deadline deadline = kUsualDeadline)
      : address_(std::move(address)), deadline_(deadline), idle_(count) {}

  // Runs `read(connection)`; a failure of the database becomes ErrorCode::unavailable.
  template <typename T, typename Read>
  Result<T> run(Read read) {
    Loan loan(*this);
    for (;;) {
      const bool fresh = !loan.connection;
      try {
        if (fresh) loan.connection = std::make_unique<Connection>(address_, deadline_);
        return read(*loan.connection);
      } catch (const Failure& e) {
        loan.connection.reset();
        if (!fresh) continue;
        return Error{ErrorCode::unavailable, "store", e.what(), "Try again; if it stays so, look at the database.", {}};
      }
    }
  }
  // The same for several statements that must see one state.
  template <typename T, typename Read>
  Result<T> snapshot(Read read) {
    return run<T>([&read](Connection& db) {
      db.run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
      Result<T> result = read(db);
      db.run("COMMIT");
      return result;
    });
  }

 private:
  // A connection while it is lent.
  struct Loan {
    explicit Loan(Pool& whose) : pool(whose), connection(whose.lend()) {}
    ~Loan() { pool.give_back(std::move(connection)); }
    Loan(const Loan&) = delete;
    Loan& operator=(const Loan&) = delete;
    Pool& pool;
    std::unique_ptr<Connection> connection;
  };
  std::unique_ptr<Connection> lend();
  void give_back(std::unique_ptr<Connection>);

  const std::string address_;
  const Deadline deadline_;
  std::mutex mutex_;
  std::condition_variable free_;
  std::vector<std::unique_ptr<Connection>> idle_;  // null: still to be opened
};

}  // namespace fabu::store::pg
