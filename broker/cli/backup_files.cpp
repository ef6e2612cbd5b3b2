#include "broker/cli/backup_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace fabu::cli {
namespace fs = std::filesystem;

namespace {

Error system_error(const fs::path& path, const char* doing) {
  return Error{ErrorCode::io,
               path.string(),
               std::string(doing) + ": " + std::strerror(errno),
               "Look at the disk and the permissions.",
               {}};
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

// Files that only mean something to the process that made them, and what a crash may have left half done.
bool is_fleeting(const fs::path& below) {
  const auto name = below.filename().string();
  if (below == "lock" || below == "admin.sock" || below == "store") return true;
  for (const char* const end : {".lock", ".new", "-wal", "-shm", "-journal"}) {
    if (name.ends_with(end)) return true;
  }
  if (below.string().starts_with("attachments/tmp/")) return true;
  return std::any_of(below.begin(), below.end(), [](const auto& part) { return part == ".staging"; });
}

bool write_all(int fd, const char* data, std::size_t size) {
  while (size > 0) {
    const auto written = ::write(fd, data, size);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    data += written;
    size -= static_cast<std::size_t>(written);
  }
  return true;
}

}  // namespace

Result<FolderFiles> files_under(const fs::path& data) {
  FolderFiles found;
  std::error_code failed;
  fs::recursive_directory_iterator at(data, failed);
  for (const fs::recursive_directory_iterator end; !failed && at != end; at.increment(failed)) {
    std::error_code gone;
    if (!at->is_regular_file(gone) || at->is_symlink(gone)) continue;
    const auto below = at->path().lexically_relative(data);
    if (is_fleeting(below)) continue;
    auto& list = below.extension() == ".db" ? found.databases : found.plain;
    list.push_back(below.string());
  }
  if (failed && failed != std::errc::no_such_file_or_directory)
    return Error{ErrorCode::io, data.string(), failed.message(), "Look at the permissions.", {}};
  std::sort(found.databases.begin(), found.databases.end());
  std::sort(found.plain.begin(), found.plain.end());
  return found;
}

Result<bool> copy_whole(const fs::path& from, const fs::path& to) {
  const Descriptor in(::open(from.c_str(), O_RDONLY | O_CLOEXEC));
  if (in.get() < 0 && errno == ENOENT) return false;
  struct stat about {};
  if (in.get() < 0 || ::fstat(in.get(), &about) != 0) return system_error(from, "read");
  std::error_code failed;
  fs::create_directories(to.parent_path(), failed);
  const Descriptor out(::open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (out.get() < 0) return system_error(to, "create");
  std::array<char, 1 << 16> piece;
  for (;;) {
    const auto got = ::read(in.get(), piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_error(from, "read");
    if (got == 0) break;
    if (!write_all(out.get(), piece.data(), static_cast<std::size_t>(got))) return system_error(to, "write");
  }
  const std::array<timespec, 2> times{about.st_atim, about.st_mtim};
  const bool good =
      ::fchmod(out.get(), about.st_mode & 07777) == 0 && ::futimens(out.get(), times.data()) == 0 && ::fsync(out.get()) == 0;
  if (!good) return system_error(to, "finish");
  return true;
}

Result<BackupFile> describe(const fs::path& root, const std::string& path) {
  const auto file = root / path;
  const Descriptor in(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat about {};
  if (in.get() < 0 || ::fstat(in.get(), &about) != 0) return system_error(file, "read");
  BackupFile described{path, 0, static_cast<std::uint32_t>(about.st_mode & 07777), {}};
  Sha256 hasher;
  std::array<char, 1 << 16> piece;
  for (;;) {
    const auto got = ::read(in.get(), piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_error(file, "read");
    if (got == 0) break;
    described.size += static_cast<std::uint64_t>(got);
    hasher.update(std::string_view(piece.data(), static_cast<std::size_t>(got)));
  }
  described.digest = hasher.finish();
  return described;
}

Result<void> check_files(const fs::path& backup, const BackupManifest& manifest, const FilesDone& done) {
  std::size_t checked = 0;
  for (const auto& file : manifest.files) {
    const auto found = describe(backup, file.path);
    if (!found || found->size != file.size || found->digest != file.digest) {
      return Error{ErrorCode::corrupt,
                   (backup / file.path).string(),
                   found ? "It is not as it was backed up: its digest is another." : found.error().what,
                   "Use another backup, or find out which disk lies; `sha256sum -c SHA256SUMS` shows every file.",
                   {}};
    }
    if (done) done(++checked, manifest.files.size());
  }
  return {};
}

}  // namespace fabu::cli
