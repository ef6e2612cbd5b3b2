#include "broker/store/ledger/log.h"

#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace fabu::store {

std::uint64_t Log::append(const audit::Draft& draft, Instant time, Dossier* item) {
  std::array<char, 32> salt{};
  if (!draft.open && RAND_bytes(reinterpret_cast<unsigned char*>(salt.data()), salt.size()) != 1) {
    throw std::runtime_error("no random bytes for a commitment");
  }
  const Digest* previous = item != nullptr && item->newest_record ? &*item->newest_record : nullptr;
  auto leaf = audit::place(draft, edge_.size(), time, last_time_, previous, {salt.data(), salt.size()});
  edge_.append(leaf.hash, filled_);
  last_time_ = std::max(last_time_, time);
  if (item != nullptr) item->newest_record = leaf.hash;
  leaves_.push_back(std::move(leaf));
  return leaves_.back().seq;
}

void Log::flush(Rows& rows) {
  if (leaves_.empty()) return;
  rows.write(leaves_, filled_);
  leaves_.clear();
  filled_.clear();
}

}  // namespace fabu::store
