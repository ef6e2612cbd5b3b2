// A real file system that is soon full: in memory, mounted where only this process sees it.
#pragma once

#include <sched.h>
#include <sys/mount.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string>

#include "temp_folder.h"

namespace fabu::store {

class SmallDisk {
 public:
  explicit SmallDisk(int kib) {
    // A mount namespace of its own, from which nothing goes back to the machine's.
    mounted_ = ::unshare(CLONE_NEWNS) == 0 && ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
               ::mount("tmpfs", path().c_str(), "tmpfs", 0, size(kib).c_str()) == 0;
    if (!mounted_) why_not_ = std::string("This needs the right to mount, as root has it: ") + std::strerror(errno);
  }
  ~SmallDisk() {
    if (mounted_) ::umount2(path().c_str(), MNT_DETACH);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  bool mounted() const { return mounted_; }
  const std::string& why_not() const { return why_not_; }
  const std::filesystem::path& path() const { return folder_.path(); }
  // Somebody makes room.
  bool grow(int kib) { return ::mount("tmpfs", path().c_str(), "tmpfs", MS_REMOUNT, size(kib).c_str()) == 0; }

 private:
  static std::string size(int kib) { return "size=" + std::to_string(kib) + "k"; }

  TempFolder folder_;
  bool mounted_ = false;
  std::string why_not_;
};

}  // namespace fabu::store
