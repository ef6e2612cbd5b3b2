// Makes fsync fail in this program, for what is written without SQLite: this program's fsync takes the place of the C library's.
#pragma once

namespace fabu::store {

// While it lives, the nth fsync from now on, from 1, fails with EIO. One at a time.
class SyncFault {
 public:
  explicit SyncFault(int nth);
  ~SyncFault();
  SyncFault(const SyncFault&) = delete;
  SyncFault& operator=(const SyncFault&) = delete;
};

}  // namespace fabu::store
