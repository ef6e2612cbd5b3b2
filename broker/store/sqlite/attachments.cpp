#include "broker/store/sqlite/attachments.h"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

namespace fabu::store {
namespace fs = std::filesystem;
namespace {

Error system_error(const fs::path& path, const char* doing) {
  const bool full = errno == ENOSPC || errno == EDQUOT;
  return Error{full ? ErrorCode::unavailable : ErrorCode::io, path.string(), std::string(doing) + ": " + std::strerror(errno),
               full ? "Free some space, then send it again." : "Check the folder and its permissions.", {}};
}

Result<void> sync_folder(const fs::path& folder) {
  const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return system_error(folder, "open");
  const int synced = ::fsync(fd);
  ::close(fd);
  if (synced != 0) return system_error(folder, "sync");
  return {};
}

class FileWriter final : public AttachmentWriter {
 public:
  FileWriter(int fd, fs::path temporary, fs::path place, Digest digest, std::uint64_t max_size)
      : fd_(fd), temporary_(std::move(temporary)), place_(std::move(place)), digest_(digest), max_size_(max_size) {}
  ~FileWriter() override {
    if (fd_ >= 0) ::close(fd_);
    if (!kept_) ::unlink(temporary_.c_str());
  }
  FileWriter(const FileWriter&) = delete;
  FileWriter& operator=(const FileWriter&) = delete;

  Result<void> append(std::string_view bytes) override {
    if (size_ + bytes.size() > max_size_) {
      return Error{ErrorCode::too_large, "body", "The file is larger than " + std::to_string(max_size_) + " bytes.",
                   "Split it, or ask the administrator to raise the bound.", {}};
    }
    size_ += bytes.size();
    hasher_.update(bytes);
    while (!bytes.empty()) {
      const auto written = ::write(fd_, bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return system_error(temporary_, "write");
      bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
  }

  Result<std::uint64_t> finish() override {
    if (const auto found = hasher_.finish(); found != digest_) {
      return Error{ErrorCode::invalid, "sha256", "The bytes have the digest " + found.hex() + ".", "Send the file that the digest names.", {}};
    }
    if (::fsync(fd_) != 0) return system_error(temporary_, "sync");
    std::error_code failed;
    const bool made = fs::create_directory(place_.parent_path(), failed);
    if (failed) return Error{ErrorCode::io, place_.string(), failed.message(), "Check the folder and its permissions.", {}};
    if (::rename(temporary_.c_str(), place_.c_str()) != 0) return system_error(place_, "rename");
    kept_ = true;
    if (const auto synced = sync_folder(place_.parent_path()); !synced) return synced.error();
    if (made) {
      if (const auto synced = sync_folder(place_.parent_path().parent_path()); !synced) return synced.error();
    }
    return size_;
  }

 private:
  int fd_;
  fs::path temporary_, place_;
  Digest digest_;
  std::uint64_t max_size_, size_ = 0;
  Sha256 hasher_;
  bool kept_ = false;
};

}  // namespace

AttachmentFolder::AttachmentFolder(fs::path folder) : folder_(std::move(folder)) {}

Result<void> AttachmentFolder::prepare() {
  std::error_code failed;
  fs::remove_all(folder_ / "tmp", failed);
  fs::create_directories(folder_ / "tmp", failed);
  if (failed) return Error{ErrorCode::io, folder_.string(), failed.message(), "Check the folder and its permissions.", {}};
  return {};
}

fs::path AttachmentFolder::path(const Digest& digest) const {
  const auto hex = digest.hex();
  return folder_ / hex.substr(0, 2) / hex.substr(2);
}

Result<std::unique_ptr<AttachmentWriter>> AttachmentFolder::write(const Digest& digest, std::uint64_t max_size) {
  static std::atomic<std::uint64_t> serial{0};
  const auto temporary = folder_ / "tmp" / (digest.hex() + "." + std::to_string(++serial));
  const int fd = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
  if (fd < 0) return system_error(temporary, "create");
  return std::unique_ptr<AttachmentWriter>(std::make_unique<FileWriter>(fd, temporary, path(digest), digest, max_size));
}

Result<std::optional<std::uint64_t>> AttachmentFolder::size(const Digest& digest) const {
  std::error_code failed;
  const auto bytes = fs::file_size(path(digest), failed);
  if (!failed) return std::optional<std::uint64_t>{bytes};
  if (failed == std::errc::no_such_file_or_directory) return std::optional<std::uint64_t>{};
  return Error{ErrorCode::io, path(digest).string(), failed.message(), "Check the folder and its permissions.", {}};
}

}  // namespace fabu::store
