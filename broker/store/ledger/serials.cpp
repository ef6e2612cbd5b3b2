#include "broker/store/ledger/serials.h"

#include <cstdio>

namespace fabu::store {
namespace {

constexpr std::size_t kRemembered = 1024;  // prefixes: one for each department and month

}  // namespace

std::string Serials::allot(Rows& rows, const std::string& prefix, const std::function<bool(const std::string&)>& is_taken) {
  auto found = known_.find(prefix);
  if (found == known_.end()) found = known_.emplace(prefix, Known{rows.serial(prefix), true}).first;
  auto& [row, written] = found->second;
  written = false;
  for (;;) {
    char serial[24];
    std::snprintf(serial, sizeof serial, "%05lld", static_cast<long long>(++row.last));
    std::string index = prefix + serial;
    if (!row.others_beyond || !is_taken(index)) return index;
  }
}

void Serials::brought(const std::string& index_no) {
  for (auto& [prefix, known] : known_) {
    if (index_no.starts_with(prefix)) known.row.others_beyond = true;
  }
}

void Serials::flush(Rows& rows) {
  for (auto& [prefix, known] : known_) {
    if (known.written) continue;
    rows.write_serial(prefix, known.row.last);
    known.written = true;
  }
  if (known_.size() > kRemembered) known_.clear();
}

}  // namespace fabu::store
