// The files of a backup: which there are, copying, checking.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "broker/cli/backup_manifest.h"
#include "broker/domain/result.h"

namespace fabu::cli {

// Told how many of how many files are done.
using FilesDone = std::function<void(std::size_t done, std::size_t all)>;

// What lies under a data folder and belongs into a backup, but for its databases (DatabaseFiles): paths below it, in their order.
// What is made anew by every process (locks, sockets, unfinished files) does not.
struct FolderFiles {
  std::vector<std::string> databases;  // of SQLite
  std::vector<std::string> plain;
};
Result<FolderFiles> files_under(const std::filesystem::path& data);

// Copies one, with its permissions and its time of change, synced. True: it is there. False: it was gone.
Result<bool> copy_whole(const std::filesystem::path& from, const std::filesystem::path& to);

// Reads a file again from its beginning: size, permissions, digest. `path` is what the manifest calls it.
Result<BackupFile> describe(const std::filesystem::path& root, const std::string& path);

// Whether every file of the manifest is there as it was. Fails (corrupt) with the name of the first that is not.
Result<void> check_files(const std::filesystem::path& backup, const BackupManifest&, const FilesDone&);

}  // namespace fabu::cli
