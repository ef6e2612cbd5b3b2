// What lies in a data folder besides the database, and the checks at the start.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "broker/audit/signing_key.h"
#include "broker/domain/result.h"
#include "broker/store/store.h"

namespace fabu::cli {

class DataFolder {
 public:
  explicit DataFolder(std::filesystem::path root) : root_(std::move(root)) {}

  const std::filesystem::path& root() const { return root_; }
  std::filesystem::path socket() const { return root_ / "admin.sock"; }
  std::filesystem::path kept_checkpoint() const { return root_ / "log" / "checkpoint"; }

  // The database that the folder's store is, as the configuration said at the last start; empty = SQLite under the folder. Verbs
  // that work on the folder alone go by it.
  std::string store_address() const;
  Result<void> note_store_address(const std::string& address) const;
  // Makes the folders. Only the site can be passed through to by others.
  Result<void> prepare() const;
  // The log's origin; empty before it was fixed.
  std::string origin() const;
  // Fixes it for as long as the log lives, unless it was before: `wanted`, or one that is made up when that is empty.
  Result<std::string> fix_origin(const std::string& wanted) const;
  // The log's key, made on first start.
  Result<audit::SigningKey> key(const std::string& origin) const;
  // Those that may have signed what was kept: the log's key, and the former ones of log/former-keys, a verifier key a line.
  Result<std::vector<audit::VerifierKey>> signers(const audit::SigningKey&) const;
  // Puts a signed checkpoint beside the database, durably.
  Result<void> keep_checkpoint(const std::string& note) const;
  // Refuses a store that is behind, or contradicts, the checkpoint that was signed last; see audit/rollback.h.
  Result<void> check_not_rolled_back(store::Store&, const audit::SigningKey&) const;

 private:
  std::filesystem::path root_;
};

}  // namespace fabu::cli
