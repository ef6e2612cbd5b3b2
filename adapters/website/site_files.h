// Files of the site, put in place whole or not at all: each is written beside the site, synced, and renamed over its target.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "proto/fabu/digest.h"

namespace fabu::website {

// A file in the staging area, removed again unless it is adopted. Movable.
class StagedFile {
 public:
  explicit StagedFile(std::filesystem::path path) : path_(std::move(path)) {}
  ~StagedFile();
  StagedFile(StagedFile&& other) noexcept : path_(other.release()) {}
  StagedFile& operator=(StagedFile&& other) noexcept {
    std::swap(path_, other.path_);
    return *this;
  }
  std::filesystem::path release() { return std::exchange(path_, {}); }

 private:
  std::filesystem::path path_;
};

// Sync is one syncfs(2) for a whole group of files, before and after the renames: at 64 small pages a group it costs a quarter
// of an fsync for each (10 ms against 40 ms on ext4), and Linux reports write-back errors through it since 5.8.
//
// Thread-safety: stage_copy may be called from any thread; all else belongs to the one writer. Failures of the system throw
// std::filesystem::filesystem_error with the errno; files that were not committed are then removed by discard().
class SiteFiles {
 public:
  using Fault = std::function<void(std::string_view step)>;

  SiteFiles(std::filesystem::path folder, bool sync, Fault fault);
  ~SiteFiles();
  SiteFiles(const SiteFiles&) = delete;
  SiteFiles& operator=(const SiteFiles&) = delete;

  const std::filesystem::path& folder() const { return folder_; }

  // Stages bytes for a path below the folder. Nothing is visible before commit().
  void write(const std::filesystem::path& target, std::string_view bytes);
  // Copies a file to the staging area; its bytes must have the digest, else it throws std::runtime_error. Any thread.
  StagedFile stage_copy(const std::filesystem::path& source, const Digest& digest);
  // Stages a file that stage_copy made.
  void adopt(StagedFile staged, const std::filesystem::path& target);
  // Makes everything staged durable, puts it in place in the order it was staged, and makes that durable.
  // Returns how many files were put in place.
  std::size_t commit();
  void discard();

  // At once. `link` keeps what is there already.
  void link(const std::filesystem::path& existing, const std::filesystem::path& target);
  void remove(const std::filesystem::path& target);

  // The bytes of a file below the folder; nothing when it is not there.
  std::string read(const std::filesystem::path& target) const;
  bool exists(const std::filesystem::path& target) const;

  // Files put in place since construction.
  std::uint64_t written() const { return written_; }

 private:
  struct Staged {
    std::filesystem::path from, to;
  };

  void step(std::string_view name) const;
  std::filesystem::path staging_name();
  void barrier();
  void make_staging();

  std::filesystem::path folder_, staging_;
  bool sync_;
  Fault fault_;
  int staging_lock_ = -1;  // an flock on staging_
  int root_ = -1;          // the folder, open for syncfs
  std::vector<Staged> staged_;
  std::atomic<std::uint64_t> names_{0};
  std::uint64_t written_ = 0;
};

}  // namespace fabu::website
