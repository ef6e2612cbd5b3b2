#include "broker/cli/data_folder.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <random>
#include <utility>

#include "broker/audit/rollback.h"

namespace fabu::cli {
namespace fs = std::filesystem;
namespace {

Error system_error(const fs::path& path, const char* doing) {
  return Error{
      ErrorCode::io, path.string(), std::string(doing) + ": " + std::strerror(errno), "Check the disk and the permissions.", {}};
}

Result<void> write_synced(const fs::path& file, const std::string& text) {
  const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (fd < 0) return system_error(file, "open");
  const auto written = ::write(fd, text.data(), text.size());
  const bool good = written == static_cast<ssize_t>(text.size()) && ::fsync(fd) == 0;
  ::close(fd);
  if (!good) return system_error(file, "write");
  return {};
}

Result<void> sync_folder(const fs::path& folder) {
  const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool good = fd >= 0 && ::fsync(fd) == 0;
  if (fd >= 0) ::close(fd);
  if (!good) return system_error(folder, "sync");
  return {};
}

// Puts a file in place whole and durably: written aside, synced, renamed.
Result<void> keep(const fs::path& file, const std::string& text) {
  const auto aside = file.string() + ".new";
  if (const auto written = write_synced(aside, text); !written) return written.error();
  if (::rename(aside.c_str(), file.c_str()) != 0) return system_error(file, "rename");
  return sync_folder(file.parent_path());
}

std::string first_line(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::string line;
  std::getline(in, line);
  return line;
}

}  // namespace

Result<void> DataFolder::prepare() const {
  std::error_code failed;
  const bool made = fs::create_directories(root_, failed);
  if (!failed) fs::create_directories(root_ / "log", failed);
  if (failed) return Error{ErrorCode::io, root_.string(), failed.message(), "Name a folder that can be made.", {}};
  if (made) ::chmod(root_.c_str(), 0711);  // a web server may pass through to DIR/site; everything else closes itself
  ::chmod((root_ / "log").c_str(), 0700);
  return {};
}

std::string DataFolder::store_address() const {
  return first_line(root_ / "store");
}

Result<void> DataFolder::note_store_address(const std::string& address) const {
  return keep(root_ / "store", address + "\n");
}

std::string DataFolder::origin() const {
  return first_line(root_ / "log" / "origin");
}

Result<std::string> DataFolder::fix_origin(const std::string& wanted) const {
  if (auto known = origin(); !known.empty()) return known;
  std::string fixed = wanted;
  if (fixed.empty()) {
    std::random_device random;
    char suffix[9];
    std::snprintf(suffix, sizeof suffix, "%08x", static_cast<unsigned>(random()));
    fixed = std::string("fabu.local/log-") + suffix;
  }
  if (const auto kept = keep(root_ / "log" / "origin", fixed + "\n"); !kept) return kept.error();
  return fixed;
}

Result<audit::SigningKey> DataFolder::key(const std::string& origin) const {
  return audit::SigningKey::load_or_make((root_ / "log" / "key.pem").string(), origin);
}

Result<void> DataFolder::keep_checkpoint(const std::string& note) const {
  return keep(kept_checkpoint(), note);
}

Result<std::vector<audit::VerifierKey>> DataFolder::signers(const audit::SigningKey& key) const {
  std::vector<audit::VerifierKey> known{key.verifier()};
  std::ifstream in(root_ / "log" / "former-keys", std::ios::binary);
  for (std::string line; std::getline(in, line);) {
    if (line.empty()) continue;
    auto former = audit::VerifierKey::parse(line);
    if (!former)
      return Error{ErrorCode::invalid,
                   (root_ / "log" / "former-keys").string(),
                   former.error().what,
                   "Write what `fabu keys show` printed, a key a line.",
                   {}};
    known.push_back(std::move(*former));
  }
  return known;
}

Result<void> DataFolder::check_not_rolled_back(store::Store& store, const audit::SigningKey& key) const {
  std::ifstream in(kept_checkpoint(), std::ios::binary);
  const std::string note((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  const auto head = store.log_head();
  const auto known = signers(key);
  if (!known) return known.error();
  return audit::check_not_rolled_back(store, head.size, head.root, note, *known);
}

}  // namespace fabu::cli
