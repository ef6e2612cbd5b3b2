// Moves pages from the write-ahead log to the database beside the writer, so that single accepts do not pay for it.
#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

namespace fabu::store {

class Checkpointer {
 public:
  // Works when told that the log has `every_pages` or more.
  Checkpointer(std::string file, std::string vfs, int every_pages);
  ~Checkpointer();
  void notice(int wal_pages);
  void stop();  // idempotent

 private:
  void loop();

  const std::string file_, vfs_;
  const int every_pages_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool due_ = false, stopped_ = false;
  std::thread thread_;
};

}  // namespace fabu::store
