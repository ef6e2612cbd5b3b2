// The running numbers of index prefixes, within the writer's transaction.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>

#include "broker/store/sqlite/database.h"

namespace fabu::store {

// Owned by the writer thread. Numbers given in a transaction are written once, by flush(); after a failed transaction all that is
// remembered is forgotten and read again.
class Serials {
 public:
  void forget() { last_.clear(); }
  // The next number of the prefix, from 1, without gaps.
  std::int64_t next(Database&, const std::string& prefix);
  // Writes what was given. Before COMMIT.
  void flush(Database&);

 private:
  struct Last {
    std::int64_t number = 0;
    bool written = true;
  };
  std::unordered_map<std::string, Last> last_;  // bounded: emptied by flush when it is large
};

}  // namespace fabu::store
