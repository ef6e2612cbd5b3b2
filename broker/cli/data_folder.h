// What lies in a data folder besides the database, and the checks at the start.
#pragma once

#include <filesystem>
#include <string>

#include "broker/audit/signing_key.h"
#include "broker/domain/result.h"
#include "broker/store/store.h"

namespace fabu::cli {

class DataFolder {
 public:
  explicit DataFolder(std::filesystem::path root) : root_(std::move(root)) {}

  const std::filesystem::path& root() const { return root_; }
  std::filesystem::path socket() const { return root_ / "admin.sock"; }
  std::filesystem::path log_key() const { return root_ / "log" / "key.pem"; }
  std::filesystem::path kept_checkpoint() const { return root_ / "log" / "checkpoint"; }

  // Makes the folders (mode 0700).
  Result<void> prepare() const;
  // The log's key, made on first start.
  Result<audit::SigningKey> key(const std::string& origin) const;
  // Puts a signed checkpoint beside the database, durably: written aside, synced, renamed.
  Result<void> keep_checkpoint(const std::string& note) const;
  // Refuses (corrupt) a store that is behind, or contradicts, the checkpoint that was signed last.
  Result<void> check_not_rolled_back(store::Store&, const audit::SigningKey&) const;

 private:
  std::filesystem::path root_;
};

}  // namespace fabu::cli
