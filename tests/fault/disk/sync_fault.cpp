#include "fault/disk/sync_fault.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>

namespace {

std::atomic<int> to_failure{0};  // 0: none is ordered

}  // namespace

extern "C" int fsync(int fd) {
  if (to_failure > 0 && --to_failure == 0) {
    errno = EIO;
    return -1;
  }
  return static_cast<int>(::syscall(SYS_fsync, fd));
}

namespace fabu::store {

SyncFault::SyncFault(int nth) {
  to_failure = nth;
}
SyncFault::~SyncFault() {
  to_failure = 0;
}

}  // namespace fabu::store
