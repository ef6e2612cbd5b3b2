// Keeps two processes from sharing a data folder.
#pragma once

#include <filesystem>

#include "broker/domain/result.h"

namespace fabu::store {

// Holds an flock on FOLDER/lock, which also names the holder's process, until destroyed or the process ends.
class FolderLock {
 public:
  static Result<FolderLock> take(const std::filesystem::path& folder);
  FolderLock(FolderLock&&) noexcept;
  FolderLock& operator=(FolderLock&&) = delete;
  ~FolderLock();

 private:
  explicit FolderLock(int fd) : fd_(fd) {}
  int fd_;
};

}  // namespace fabu::store
