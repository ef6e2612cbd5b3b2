// A few read-only connections, lent one at a time.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "broker/domain/result.h"
#include "broker/store/sqlite/database.h"

namespace fabu::store {

// Thread-safe. A read waits while all connections are lent.
class Readers {
 public:
  Readers(std::string file, std::string vfs, int cache_kib, std::size_t count);

  // Runs `read(db)` within one read transaction; a failure of the database becomes ErrorCode::io.
  template <typename T, typename Read>
  Result<T> run(Read read) {
    try {
      const Loan loan(*this);
      loan.db().query("BEGIN").done();
      Result<T> result = read(loan.db());
      loan.db().query("COMMIT").done();
      loan.keep();
      return result;
    } catch (const SqliteFailure& e) {
      return Error{ErrorCode::io, "store", e.what(), "Try again; if it stays so, look at the disk.", {}};
    }
  }

 private:
  // A connection while it is lent. One on which a read failed is closed; the next one who needs it opens another.
  class Loan {
   public:
    explicit Loan(Readers& readers);
    ~Loan();
    Loan(const Loan&) = delete;
    Loan& operator=(const Loan&) = delete;
    Database& db() const { return *db_; }
    void keep() const { kept_ = true; }

   private:
    Readers& readers_;
    std::unique_ptr<Database> db_;
    mutable bool kept_ = false;
  };
  void give_back(std::unique_ptr<Database>);

  const std::string file_, vfs_;
  const int cache_kib_;
  std::mutex mutex_;
  std::condition_variable free_;
  std::vector<std::unique_ptr<Database>> idle_;  // null: still to be opened
};

}  // namespace fabu::store
