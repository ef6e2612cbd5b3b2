#include "adapters/website/site_files.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace fabu::website {
namespace fs = std::filesystem;
namespace {

[[noreturn]] void fail(const char* what, const fs::path& path) {
  throw fs::filesystem_error(what, path, std::error_code(errno, std::generic_category()));
}

class Descriptor {
 public:
  Descriptor(const fs::path& path, int flags) : fd_(::open(path.c_str(), flags | O_CLOEXEC, 0644)) {
    if (fd_ < 0) fail("open", path);
  }
  ~Descriptor() { ::close(fd_); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

void write_all(int fd, std::string_view bytes, const fs::path& path) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail("write", path);
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
}

// Up to a buffer's worth; 0 at the end.
std::size_t read_some(int fd, std::array<char, 65536>& buffer, const fs::path& path) {
  for (;;) {
    const ssize_t n = ::read(fd, buffer.data(), buffer.size());
    if (n >= 0) return static_cast<std::size_t>(n);
    if (errno != EINTR) fail("read", path);
  }
}

}  // namespace

StagedFile::~StagedFile() {
  std::error_code ignored;
  if (!path_.empty()) fs::remove(path_, ignored);
}

SiteFiles::SiteFiles(fs::path folder, bool sync, Fault fault)
    : folder_(std::move(folder)), sync_(sync), fault_(std::move(fault)) {
  make_staging();
  root_ = ::open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (root_ < 0) fail("open", folder_);
}

SiteFiles::~SiteFiles() {
  discard();
  std::error_code ignored;
  fs::remove(staging_, ignored);
  ::close(staging_lock_);
  ::close(root_);
}

// One for each process, held by a lock; those that nobody holds were left behind by a crash.
void SiteFiles::make_staging() {
  const auto all = folder_ / ".staging";
  fs::create_directories(all);
  for (const auto& left : fs::directory_iterator(all)) {
    const int fd = ::open(left.path().c_str(), O_RDONLY | O_CLOEXEC);
    if (fd >= 0 && ::flock(fd, LOCK_EX | LOCK_NB) == 0) fs::remove_all(left.path());
    if (fd >= 0) ::close(fd);
  }
  std::string name = (all / "XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) fail("create", all);
  staging_ = name;
  staging_lock_ = ::open(name.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (staging_lock_ < 0 || ::flock(staging_lock_, LOCK_EX | LOCK_NB) != 0) fail("lock", staging_);
}

void SiteFiles::step(std::string_view name) const {
  if (fault_) fault_(name);
}

fs::path SiteFiles::staging_name() {
  return staging_ / std::to_string(names_.fetch_add(1));
}

void SiteFiles::write(const fs::path& target, std::string_view bytes) {
  step("stage " + target.string());
  fs::path staged = staging_name();
  const Descriptor file(staged, O_WRONLY | O_CREAT | O_TRUNC);
  staged_.push_back({staged, target});
  write_all(file.get(), bytes, staged);
}

StagedFile SiteFiles::stage_copy(const fs::path& source, const Digest& digest) {
  const fs::path staged = staging_name();
  StagedFile file(staged);
  Sha256 hash;
  {
    const Descriptor from(source, O_RDONLY);
    const Descriptor to(staged, O_WRONLY | O_CREAT | O_TRUNC);
    std::array<char, 65536> buffer;
    while (const std::size_t n = read_some(from.get(), buffer, source)) {
      hash.update(std::string_view(buffer.data(), n));
      write_all(to.get(), {buffer.data(), n}, staged);
    }
  }
  if (hash.finish() != digest) {
    throw std::runtime_error("attachment " + source.string() + " does not have the digest " + digest.hex());
  }
  return file;
}

void SiteFiles::adopt(StagedFile staged, const fs::path& target) {
  staged_.push_back({staged.release(), target});
}

void SiteFiles::barrier() {
  if (sync_ && ::syncfs(root_) != 0) fail("syncfs", folder_);
}

std::size_t SiteFiles::commit() {
  if (staged_.empty()) return 0;
  barrier();
  std::size_t done = 0;
  for (const Staged& file : staged_) {
    step("place " + file.to.string());
    const fs::path target = folder_ / file.to;
    if (::rename(file.from.c_str(), target.c_str()) != 0) {
      if (errno != ENOENT) fail("rename", target);
      fs::create_directories(target.parent_path());
      if (::rename(file.from.c_str(), target.c_str()) != 0) fail("rename", target);
    }
    ++done;
    ++written_;
  }
  staged_.clear();
  barrier();
  return done;
}

void SiteFiles::discard() {
  std::error_code ignored;
  for (const Staged& file : staged_) fs::remove(file.from, ignored);
  staged_.clear();
}

void SiteFiles::link(const fs::path& existing, const fs::path& target) {
  step("link " + target.string());
  fs::create_directories((folder_ / target).parent_path());
  if (::link((folder_ / existing).c_str(), (folder_ / target).c_str()) != 0 && errno != EEXIST) fail("link", target);
}

void SiteFiles::remove(const fs::path& target) {
  if (!exists(target)) return;
  step("remove " + target.string());
  fs::remove_all(folder_ / target);
}

std::string SiteFiles::read(const fs::path& target) const {
  if (!exists(target)) return {};
  const Descriptor file(folder_ / target, O_RDONLY);
  std::array<char, 65536> buffer;
  std::string bytes;
  while (const std::size_t n = read_some(file.get(), buffer, target)) bytes.append(buffer.data(), n);
  return bytes;
}

bool SiteFiles::exists(const fs::path& target) const {
  std::error_code ignored;
  return fs::exists(folder_ / target, ignored);
}

}  // namespace fabu::website
