#include "adapters/website/site_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace fabu::website {

SiteLock::SiteLock(const std::filesystem::path& index_file) {
  const auto file = index_file.string() + ".lock";
  fd_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  const auto failed = [&] {
    return std::filesystem::filesystem_error("lock", file, std::error_code(errno, std::generic_category()));
  };
  if (fd_ < 0) throw failed();
  while (::flock(fd_, LOCK_EX) != 0) {
    if (errno == EINTR) continue;
    const auto error = failed();
    ::close(fd_);
    throw error;
  }
}

SiteLock::~SiteLock() {
  ::close(fd_);
}

}  // namespace fabu::website
