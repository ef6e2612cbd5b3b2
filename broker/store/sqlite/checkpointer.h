// Moves pages from the write-ahead log to the database beside the writer, so that single accepts do not pay for it.
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "broker/store/sqlite/database.h"

namespace fabu::store {

class Checkpointer {
 public:
  // Works when `every_pages` pages of the log are not in the database yet.
  Checkpointer(std::string file, std::string vfs, int every_pages);
  ~Checkpointer();
  // The log has `wal_pages` pages after a commit. How many of them are in the database already, on stable storage too; a guess
  // that is too high right after the log began again.
  int notice(int wal_pages);
  void stop();  // idempotent

 private:
  void loop();
  void copy();

  const std::string file_, vfs_;
  const int every_pages_;
  std::unique_ptr<Database> db_;  // of the thread
  std::atomic<int> copied_{0};
  int noticed_ = 0;  // of the one who calls notice()
  std::mutex mutex_;
  std::condition_variable wake_;
  bool due_ = false, stopped_ = false;
  std::thread thread_;
};

}  // namespace fabu::store
