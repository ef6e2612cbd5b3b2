#include "broker/store/sqlite/folder_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

namespace fabu::store {

Result<FolderLock> FolderLock::take(const std::filesystem::path& folder) {
  const auto file = folder / "lock";
  const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) {
    return Error{
        ErrorCode::io, file.string(), std::string("open: ") + std::strerror(errno), "Check the folder and its permissions.", {}};
  }
  FolderLock lock(fd);
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    std::array<char, 32> holder{};
    const auto read = ::pread(fd, holder.data(), holder.size() - 1, 0);
    const std::string process = read > 0 ? std::string(holder.data(), static_cast<std::size_t>(read)) : "unknown";
    return Error{ErrorCode::busy,
                 folder.string(),
                 "The folder is in use by process " + process + ".",
                 "Stop it, or use another folder; local verbs reach a running server by themselves.",
                 {}};
  }
  const std::string self = std::to_string(::getpid());
  if (::ftruncate(fd, 0) != 0 || ::pwrite(fd, self.data(), self.size(), 0) < 0) {
    return Error{ErrorCode::io, file.string(), std::string("write: ") + std::strerror(errno), "Check the disk.", {}};
  }
  return lock;
}

FolderLock::FolderLock(FolderLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

FolderLock::~FolderLock() {
  if (fd_ >= 0) ::close(fd_);
}

}  // namespace fabu::store
