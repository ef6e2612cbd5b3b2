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
    std::unique_ptr<Database> db = lend();
    try {
      db->query("BEGIN").done();
      Result<T> result = read(*db);
      db->query("COMMIT").done();
      give_back(std::move(db));
      return result;
    } catch (const SqliteFailure& e) {
      give_back(nullptr);  // opened anew by the next one who needs it
      return Error{ErrorCode::io, "store", e.what(), "Try again; if it stays so, look at the disk.", {}};
    } catch (...) {
      give_back(nullptr);
      throw;
    }
  }

 private:
  std::unique_ptr<Database> lend();
  void give_back(std::unique_ptr<Database>);

  const std::string file_, vfs_;
  const int cache_kib_;
  std::mutex mutex_;
  std::condition_variable free_;
  std::vector<std::unique_ptr<Database>> idle_;  // null: still to be opened
};

}  // namespace fabu::store
