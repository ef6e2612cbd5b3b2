#include "adapters/sdk/attachment_cache.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>
#include <vector>

namespace fabu::sdk {
namespace fs = std::filesystem;

namespace {

std::optional<Digest> digest_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  Sha256 hasher;
  std::array<char, 1 << 16> piece;
  while (in.read(piece.data(), piece.size()) || in.gcount() > 0)
    hasher.update({piece.data(), static_cast<std::size_t>(in.gcount())});
  if (!in.eof()) return std::nullopt;
  return hasher.finish();
}

struct Found {
  fs::file_time_type used;
  Digest digest;
  std::uint64_t size;
};

std::vector<Found> files_in(const fs::path& folder) {
  std::vector<Found> found;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    const auto digest = Digest::from_hex(entry.path().parent_path().filename().string() + entry.path().filename().string());
    if (digest) found.push_back({entry.last_write_time(), *digest, entry.file_size()});
  }
  std::sort(found.begin(), found.end(), [](const Found& a, const Found& b) { return a.used < b.used; });
  return found;
}

}  // namespace

CachedFile::CachedFile(fs::path path)
    : path_(std::move(path)), fd_(::open(path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640)) {}

CachedFile::~CachedFile() {
  if (fd_ >= 0) ::close(fd_);
  ::unlink(path_.c_str());  // once it was kept, there is nothing of this name
}

bool CachedFile::append(std::string_view bytes) {
  hasher_.update(bytes);
  size_ += bytes.size();
  while (fd_ >= 0 && !bytes.empty()) {
    const auto written = ::write(fd_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return fd_ >= 0;
}

std::optional<Digest> CachedFile::finish() {
  if (fd_ < 0 || ::fsync(fd_) != 0) return std::nullopt;
  return hasher_.finish();
}

AttachmentCache::AttachmentCache(fs::path folder, std::uint64_t most_bytes)
    : folder_(std::move(folder)), most_bytes_(most_bytes) {
  fs::remove_all(folder_ / "tmp");
  fs::create_directories(folder_ / "tmp");
  for (const auto& file : files_in(folder_)) add(file.digest, file.size, false);
  make_room();
}

fs::path AttachmentCache::place(const Digest& digest) const {
  const auto hex = digest.hex();
  return folder_ / hex.substr(0, 2) / hex.substr(2);
}

fs::path AttachmentCache::temporary() {
  const std::lock_guard lock(mutex_);
  return folder_ / "tmp" / std::to_string(++temporaries_);
}

std::optional<fs::path> AttachmentCache::find(const Digest& digest) {
  const auto file = place(digest);
  bool checked = false;
  {
    const std::lock_guard lock(mutex_);
    const auto found = kept_.find(digest.hex());
    if (found == kept_.end()) return std::nullopt;
    uses_.splice(uses_.begin(), uses_, found->second.use);
    checked = found->second.checked;
  }
  std::error_code ignored;
  fs::last_write_time(file, fs::file_time_type::clock::now(), ignored);  // for the next process
  const bool good = checked ? fs::exists(file, ignored) : digest_of(file) == digest;
  const std::lock_guard lock(mutex_);
  if (!good) {
    remove(digest);
    return std::nullopt;
  }
  if (const auto found = kept_.find(digest.hex()); found != kept_.end()) found->second.checked = true;
  return file;
}

std::optional<fs::path> AttachmentCache::keep(const CachedFile& file, const Digest& digest) {
  const auto to = place(digest);
  const std::lock_guard lock(mutex_);
  std::error_code failed;
  fs::create_directories(to.parent_path(), failed);
  if (!failed) fs::rename(file.path(), to, failed);
  if (failed) return std::nullopt;
  if (!kept_.contains(digest.hex())) add(digest, file.size(), true);
  make_room();
  return to;
}

void AttachmentCache::add(const Digest& digest, std::uint64_t size, bool checked) {
  uses_.push_front(digest);
  kept_[digest.hex()] = {size, checked, uses_.begin()};
  bytes_ += size;
}

void AttachmentCache::remove(const Digest& digest) {
  const auto found = kept_.find(digest.hex());
  if (found == kept_.end()) return;
  bytes_ -= found->second.size;
  uses_.erase(found->second.use);
  kept_.erase(found);
  std::error_code ignored;
  fs::remove(place(digest), ignored);
}

// The newest one stays, however large it is.
void AttachmentCache::make_room() {
  while (bytes_ > most_bytes_ && uses_.size() > 1) remove(Digest(uses_.back()));
}

}  // namespace fabu::sdk
