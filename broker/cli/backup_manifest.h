// What a backup says of itself: BACKUP/manifest.json, and BACKUP/SHA256SUMS for `sha256sum -c`.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "broker/domain/result.h"
#include "broker/store/store.h"
#include "proto/fabu/digest.h"

namespace fabu::cli {

inline constexpr const char* kManifest = "manifest.json";
inline constexpr const char* kDigests = "SHA256SUMS";
inline constexpr const char* kSqliteCopy = "fabu.db";
inline constexpr const char* kPostgresDump = "database.dump";  // pg_dump's custom format

struct BackupFile {
  std::string path;  // below the backup, and below the data folder but for the dump
  std::uint64_t size = 0;
  std::uint32_t mode = 0;  // permission bits
  Digest digest;
};

struct BackupManifest {
  std::string version;       // of the program
  std::int64_t time_ms = 0;  // when it began: what was acked before is in it
  bool postgresql = false;
  std::string origin;  // of the log; empty when none was begun
  store::LogHead log;
  std::string checkpoint;                  // the newest signed note that was there; empty = none
  std::vector<std::string> verifier_keys;  // of the log, then its former ones; empty when none was begun
  bool has_log_key = false;
  std::vector<BackupFile> files;  // all but the two above

  const BackupFile* file(const std::string& path) const;
};

// Writes both files, synced, the digests last: a backup without them was not finished.
Result<void> write_manifest(const std::filesystem::path& backup, const BackupManifest&);
// Strict. Fails: not_found when there is none, corrupt when it is not of this form or was changed since.
Result<BackupManifest> read_manifest(const std::filesystem::path& backup);

}  // namespace fabu::cli
