// Where a verifier reads a log of C2SP tlog-tiles: a folder, a server, an archive.
#pragma once

#include <filesystem>
#include <string>
#include <utility>

#include "broker/domain/result.h"

namespace fabu::audit {

// Largest file of a log: an entry bundle of 256 entries of 65,535 bytes and their lengths.
inline constexpr std::size_t kMaxLogFile = std::size_t{256} * (65535 + 2);

class LogReader {
 public:
  virtual ~LogReader() = default;
  // The bytes of "checkpoint", "tile/0/000", "tile/entries/000.p/12" … below the log's prefix. Fails: not_found when there is no
  // such file (the verifier may then ask for the full tile), anything else when it could not be read.
  virtual Result<std::string> read(const std::string& path) = 0;
};

// A log in a folder, as `wget --mirror` or an export leaves it.
class FolderReader final : public LogReader {
 public:
  explicit FolderReader(std::filesystem::path folder) : folder_(std::move(folder)) {}
  // Fails: not_found, too_large (past kMaxLogFile), io.
  Result<std::string> read(const std::string& path) override;

 private:
  std::filesystem::path folder_;
};

}  // namespace fabu::audit
