// A SQLite VFS over the default one that fails when it is told to, and that knows what the disk would hold if the power went now.
// Files are really written, so that SQLite reads what it wrote; syncs are only modelled (disk_image.h), which also makes them
// quick.
//
//   FaultyVfs vfs;
//   options.vfs = vfs.name();
//   vfs.fail(Call::sync, 3, SQLITE_IOERR_FSYNC);   // the third sync from now
//
// One folder for each. Thread-safe.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <filesystem>
#include <limits>
#include <map>
#include <mutex>
#include <string>

#include "fault/disk/disk_image.h"

namespace fabu::store {

enum class Call : std::uint8_t { write, sync };

inline constexpr std::uint64_t kForEver = std::numeric_limits<std::uint64_t>::max();

class FaultyVfs {
 public:
  FaultyVfs();   // registers
  ~FaultyVfs();  // unregisters: after everything that was opened through it
  FaultyVfs(const FaultyVfs&) = delete;
  FaultyVfs& operator=(const FaultyVfs&) = delete;
  const std::string& name() const { return name_; }

  // The nth call of this kind from now on, from 1, and the `times` - 1 after it fail with `code`. With a `file` ("fabu.db"), only
  // calls on that one count.
  void fail(Call, std::uint64_t nth, int code, std::uint64_t times = 1, std::string file = "");
  // At the nth call of this kind everything stops: it and all that comes after does nothing, and fails.
  void stop_at(Call, std::uint64_t nth, std::string file = "");
  // All calls work again. After stop_at: another process begins, while what the first wrote may still wait in the cache.
  void restore();
  // Calls of this kind since the last fail, stop_at or restore.
  std::uint64_t calls(Call) const;
  // Whether what was ordered has happened.
  bool struck() const;
  bool unsynced(const std::string& file) const;
  // Writes into `folder` what is found there after the power went.
  void leave(const std::filesystem::path& folder, Survival, std::uint64_t seed = 0) const;

 private:
  struct Handle;
  struct OpenFile;
  enum class Verdict : std::uint8_t { go_on, fail, stopped };

  static int open(sqlite3_vfs*, const char*, sqlite3_file*, int, int*);
  static int remove(sqlite3_vfs*, const char*, int);
  static int close(sqlite3_file*);
  static int read(sqlite3_file*, void*, int, sqlite3_int64);
  static int write(sqlite3_file*, const void*, int, sqlite3_int64);
  static int truncate(sqlite3_file*, sqlite3_int64);
  static int sync(sqlite3_file*, int);
  static int file_size(sqlite3_file*, sqlite3_int64*);
  static int lock(sqlite3_file*, int);
  static int unlock(sqlite3_file*, int);
  static int check_reserved_lock(sqlite3_file*, int*);
  static int file_control(sqlite3_file*, int, void*);
  static int sector_size(sqlite3_file*);
  static int device_characteristics(sqlite3_file*);
  static int shm_map(sqlite3_file*, int, int, int, void volatile**);
  static int shm_lock(sqlite3_file*, int, int, int);
  static void shm_barrier(sqlite3_file*);
  static int shm_unmap(sqlite3_file*, int);
  static const sqlite3_io_methods kMethods;

  void arm(Call, std::uint64_t nth, int code, std::uint64_t times, std::string file, bool stops);
  Verdict judge(Call, const std::string& file);

  std::string name_;
  sqlite3_vfs* below_;
  sqlite3_vfs vfs_{};

  mutable std::mutex mutex_;  // guards what follows
  DiskImage disk_;
  std::map<std::string, unsigned> failed_syncs_;
  std::map<Call, std::uint64_t> calls_;
  Call call_ = Call::write;  // what was ordered
  std::uint64_t first_ = 0, last_ = 0, seen_ = 0;
  int code_ = 0;
  std::string file_;
  bool stops_ = false, stopped_ = false, struck_ = false;
};

}  // namespace fabu::store
