// What a disk holds of files that are written through a cache. A write waits in the cache until its file is synced; a loss of
// power empties the cache. Pure; not thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace fabu::store {

// What of the cache is on the disk when the power goes.
enum class Survival : std::uint8_t {
  lost,  // nothing
  torn,  // each write or not, by a seeded coin: caches are emptied in any order
  kept,  // everything: the process died and the machine did not
};

class DiskImage {
 public:
  void write(const std::string& file, std::uint64_t offset, std::string_view bytes);
  void truncate(const std::string& file, std::uint64_t size);
  void remove(const std::string& file);
  void sync(const std::string& file);
  // The folder is synced: files that were removed stay so.
  void sync_folder();
  // A sync failed. As Linux does, the cache forgets that the writes were never written: a later sync does not try them again.
  void fail_sync(const std::string& file);
  // Whether something of the file waits.
  bool unsynced(const std::string& file) const;
  // The files as they are found after the power went. Empty ones are not there.
  std::map<std::string, std::string> after_crash(Survival, std::uint64_t seed) const;

 private:
  enum class Kind : std::uint8_t { write, truncate, remove };
  struct Change {
    Kind kind;
    std::uint64_t at = 0;  // offset, or the new size
    std::string bytes;
  };
  struct File {
    std::string durable;
    std::vector<Change> waiting;
  };
  static void apply(std::string& content, const Change&);

  std::map<std::string, File> files_;
};

}  // namespace fabu::store
