// The running numbers of index prefixes (索引号).
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <unordered_map>

#include "broker/store/ledger/rows.h"

namespace fabu::store {

// Of one writer. Numbers are written once a transaction, by flush(); after a failed one all that is remembered is forgotten.
class Serials {
 public:
  void forget() { known_.clear(); }
  // The next index number of the prefix: "{prefix}00001" and on, without gaps but for those that an item brought along
  // (`is_taken`).
  std::string allot(Rows&, const std::string& prefix, const std::function<bool(const std::string&)>& is_taken);
  bool knows(const std::string& prefix) const { return known_.contains(prefix); }
  // An item brought this index number along.
  void brought(const std::string& index_no);
  void flush(Rows&);

 private:
  struct Known {
    SerialRow row;
    bool written = true;
  };
  std::unordered_map<std::string, Known> known_;  // by prefix; bounded: emptied by flush when it is large
};

}  // namespace fabu::store
