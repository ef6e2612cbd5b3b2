// A site for one writer at a time, of whichever process.
#pragma once

#include <filesystem>

namespace fabu::website {

// Waits until nobody else has the lock of the index, and holds it until destroyed; the end of the process ends it as well.
class SiteLock {
 public:
  // Throws std::filesystem::filesystem_error when the lock's file cannot be made.
  explicit SiteLock(const std::filesystem::path& index_file);
  ~SiteLock();
  SiteLock(const SiteLock&) = delete;
  SiteLock& operator=(const SiteLock&) = delete;

 private:
  int fd_;
};

}  // namespace fabu::website
