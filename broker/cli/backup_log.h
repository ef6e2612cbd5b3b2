// The audit log inside a backup: its roots, computed again from the entries.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "broker/cli/backup_manifest.h"
#include "broker/domain/result.h"
#include "broker/store/store.h"

namespace fabu::cli {

// The log of a copied database, SQLite's or a dump of PostgreSQL's. Holds 32 bytes for each record in memory.
class BackedUpLog {
 public:
  // Fails: corrupt when a record is missing; io when a dump cannot be read (pg_restore).
  static Result<BackedUpLog> read(const std::filesystem::path& backup, bool postgresql);

  store::LogHead head() const;
  // Whether it continues a signed checkpoint: one of `verifiers` signed it, and the first records are those that were signed.
  // Fails: unauthorized or malformed for the note; precondition when the log is shorter; corrupt when it differs.
  Result<void> continues(const std::string& note, const std::vector<std::string>& verifiers) const;

 private:
  Digest root_over(std::uint64_t size) const;
  std::vector<Digest> leaves_;
};

}  // namespace fabu::cli
