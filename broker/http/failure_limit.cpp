#include "broker/http/failure_limit.h"

#include <algorithm>

namespace fabu::http {

bool FailureLimit::exhausted(const std::string& address, Time now) const {
  const auto found = until_.find(address);
  return found != until_.end() && found->second - now > regain_ * (burst_ - 1);
}

void FailureLimit::failed(const std::string& address, Time now) {
  if (until_.size() >= max_addresses_ && !until_.contains(address)) {
    std::erase_if(until_, [now](const auto& entry) { return entry.second <= now; });
    // All of them are failing right now: forget one, so that memory stays bounded.
    if (until_.size() >= max_addresses_) until_.erase(until_.begin());
  }
  auto& until = until_[address];
  until = std::min(std::max(until, now) + regain_, now + regain_ * burst_);
}

}  // namespace fabu::http
