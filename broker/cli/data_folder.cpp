#include "broker/cli/data_folder.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

#include "broker/audit/checkpoint.h"

namespace fabu::cli {
namespace fs = std::filesystem;
namespace {

Error system_error(const fs::path& path, const char* doing) {
  return Error{ErrorCode::io, path.string(), std::string(doing) + ": " + std::strerror(errno), "Check the disk and the permissions.", {}};
}

Error went_back(const std::string& what) {
  return Error{ErrorCode::corrupt, "log", "The log went back behind what was signed: " + what,
               "Restore the newest database. Do not remove log/checkpoint. See docs/operations.md, Restore.", {}};
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

Result<audit::SigningKey> DataFolder::key(const std::string& origin) const {
  return audit::SigningKey::load_or_make(log_key().string(), origin);
}

Result<void> DataFolder::keep_checkpoint(const std::string& note) const {
  const auto aside = kept_checkpoint().string() + ".new";
  if (const auto written = write_synced(aside, note); !written) return written.error();
  if (::rename(aside.c_str(), kept_checkpoint().c_str()) != 0) return system_error(kept_checkpoint(), "rename");
  return sync_folder(kept_checkpoint().parent_path());
}

Result<void> DataFolder::check_not_rolled_back(store::Store& store, const audit::SigningKey& key) const {
  std::ifstream in(kept_checkpoint(), std::ios::binary);
  if (!in) return {};  // nothing was ever signed here
  std::ostringstream text;
  text << in.rdbuf();
  const std::array known{key.verifier()};
  const auto signed_head = audit::open_checkpoint(text.str(), known);
  if (!signed_head) return went_back("log/checkpoint cannot be read or is signed by another key (" + signed_head.error().what + ").");
  const auto head = store.log_head();
  if (head.size < signed_head->size) {
    return went_back("the database has " + std::to_string(head.size) + " records, the checkpoint " + std::to_string(signed_head->size) + ".");
  }
  const auto root = audit::root_at(store, signed_head->size);
  if (!root) return root.error();
  if (*root != signed_head->root) return went_back("the first " + std::to_string(signed_head->size) + " records are not those that were signed.");
  return {};
}

}  // namespace fabu::cli
