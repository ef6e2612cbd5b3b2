// Channel names by number: small numbers, fixed once given, that keep keys and indexes short.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "broker/store/sqlite/database.h"

namespace fabu::store {

class ChannelNumbers {
 public:
  // Those that are stored.
  static ChannelNumbers read(Database&);
  // Gives a number when the name has none; throws past kMaxChannels.
  unsigned give(Database&, const std::string& name);
  unsigned find(const std::string& name) const;                     // 0: it has none
  const std::vector<std::string>& names() const { return names_; }  // by number - 1

 private:
  std::unordered_map<std::string, unsigned> numbers_;
  std::vector<std::string> names_;
};

}  // namespace fabu::store
