// A bounded folder of files by digest: FOLDER/ab/cdef…, the least recently used go first. Blocking.
#pragma once

#include <cstdint>
#include <filesystem>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "proto/fabu/digest.h"

namespace fabu::sdk {

// A file that is being written; gone unless the cache keeps it. Not thread-safe.
class CachedFile {
 public:
  explicit CachedFile(std::filesystem::path path);
  ~CachedFile();
  CachedFile(const CachedFile&) = delete;
  CachedFile& operator=(const CachedFile&) = delete;

  bool append(std::string_view bytes);  // false: it could not be written
  std::optional<Digest> finish();       // of all bytes, once they are on the disk; nothing when they could not be written
  const std::filesystem::path& path() const { return path_; }
  std::uint64_t size() const { return size_; }

 private:
  std::filesystem::path path_;
  int fd_;
  std::uint64_t size_ = 0;
  Sha256 hasher_;
};

// Thread-safe.
class AttachmentCache {
 public:
  // Takes up what an earlier process left. Throws std::filesystem::filesystem_error when the folder cannot be made or read.
  AttachmentCache(std::filesystem::path folder, std::uint64_t most_bytes);

  // The file, now the most recently used. Its bytes are read again the first time.
  std::optional<std::filesystem::path> find(const Digest&);
  // Where to write a file to before it is kept.
  std::filesystem::path temporary();
  // Moves a finished file into its place, and removes others to make room. Nothing when it could not be moved.
  std::optional<std::filesystem::path> keep(const CachedFile&, const Digest&);

 private:
  struct Kept {
    std::uint64_t size = 0;
    bool checked = false;
    std::list<Digest>::iterator use;
  };
  std::filesystem::path place(const Digest&) const;
  void add(const Digest&, std::uint64_t size, bool checked);
  void remove(const Digest&);
  void make_room();

  const std::filesystem::path folder_;
  const std::uint64_t most_bytes_;
  std::mutex mutex_;  // guards what follows
  std::uint64_t bytes_ = 0, temporaries_ = 0;
  std::list<Digest> uses_;  // the most recently used first
  std::unordered_map<std::string, Kept> kept_;
};

}  // namespace fabu::sdk
