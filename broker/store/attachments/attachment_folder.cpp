#include "broker/store/attachments/attachment_folder.h"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <optional>
#include <string>
#include <utility>

namespace fabu::store {
namespace fs = std::filesystem;
namespace {

Error system_error(const fs::path& path, const char* doing, int code) {
  const bool full = code == ENOSPC || code == EDQUOT;
  return Error{full ? ErrorCode::unavailable : ErrorCode::io,
               path.string(),
               std::string(doing) + ": " + std::strerror(code),
               full ? "Free some space, then send it again." : "Check the folder and its permissions.",
               {}};
}

Result<void> sync_folder(const fs::path& folder) {
  const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return system_error(folder, "open", errno);
  const int code = ::fsync(fd) == 0 ? 0 : errno;
  ::close(fd);
  if (code != 0) return system_error(folder, "sync", code);
  return {};
}

class FileWriter final : public AttachmentWriter {
 public:
  FileWriter(int fd, fs::path temporary, fs::path place, Digest digest, std::uint64_t max_size,
             std::shared_ptr<std::mutex> placing)
      : fd_(fd),
        temporary_(std::move(temporary)),
        place_(std::move(place)),
        digest_(digest),
        max_size_(max_size),
        placing_(std::move(placing)) {}
  ~FileWriter() override {
    if (fd_ >= 0) ::close(fd_);
    if (!kept_) ::unlink(temporary_.c_str());
  }
  FileWriter(const FileWriter&) = delete;
  FileWriter& operator=(const FileWriter&) = delete;

  Result<void> append(std::string_view bytes) override {
    if (failed_) return *failed_;
    if (size_ + bytes.size() > max_size_) {
      return fail(Error{ErrorCode::too_large,
                        "body",
                        "The file is larger than " + std::to_string(max_size_) + " bytes.",
                        "Split it, or ask the administrator to raise the bound.",
                        {}});
    }
    size_ += bytes.size();
    hasher_.update(bytes);
    while (!bytes.empty()) {
      const auto written = ::write(fd_, bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return fail(system_error(temporary_, "write", errno));
      bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
  }

  Result<std::uint64_t> finish() override {
    if (failed_) return *failed_;
    if (const auto found = hasher_.finish(); found != digest_) {
      return Error{ErrorCode::invalid,
                   "sha256",
                   "The bytes have the digest " + found.hex() + ".",
                   "Send the file that the digest names.",
                   {}};
    }
    if (::fsync(fd_) != 0) return system_error(temporary_, "sync", errno);
    if (const auto placed = put_in_place(); !placed) return placed.error();
    return size_;
  }

 private:
  // What could not be written once is not there, though the digest was computed over it: nothing more is taken.
  Result<void> fail(Error error) {
    failed_ = error;
    return error;
  }

  // One at a time: a name that could not be made durable is taken back, and nobody may have counted on it meanwhile. Both folders
  // are synced always, because whoever made them may have been killed before.
  Result<void> put_in_place() {
    const std::lock_guard lock(*placing_);
    std::error_code failed;
    fs::create_directory(place_.parent_path(), failed);
    if (failed) return system_error(place_.parent_path(), "create", failed.value());
    const bool there = ::access(place_.c_str(), F_OK) == 0;
    if (!there && ::rename(temporary_.c_str(), place_.c_str()) != 0) return system_error(place_, "rename", errno);
    kept_ = !there;
    auto synced = sync_folder(place_.parent_path());
    if (synced) synced = sync_folder(place_.parent_path().parent_path());
    if (!synced && !there) ::unlink(place_.c_str());
    return synced;
  }

  int fd_;
  fs::path temporary_, place_;
  Digest digest_;
  std::uint64_t max_size_, size_ = 0;
  Sha256 hasher_;
  std::optional<Error> failed_;
  bool kept_ = false;
  std::shared_ptr<std::mutex> placing_;
};

}  // namespace

AttachmentFolder::AttachmentFolder(fs::path folder) : folder_(std::move(folder)) {}

Result<void> AttachmentFolder::prepare() {
  std::error_code failed;
  fs::remove_all(folder_ / "tmp", failed);
  fs::create_directories(folder_ / "tmp", failed);
  if (failed) return system_error(folder_, "create", failed.value());
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
  if (fd < 0) return system_error(temporary, "create", errno);
  return std::unique_ptr<AttachmentWriter>(std::make_unique<FileWriter>(fd, temporary, path(digest), digest, max_size, placing_));
}

Result<std::optional<std::uint64_t>> AttachmentFolder::size(const Digest& digest) const {
  std::error_code failed;
  const auto bytes = fs::file_size(path(digest), failed);
  if (!failed) return std::optional<std::uint64_t>{bytes};
  if (failed == std::errc::no_such_file_or_directory) return std::optional<std::uint64_t>{};
  return system_error(path(digest), "look at", failed.value());
}

}  // namespace fabu::store
