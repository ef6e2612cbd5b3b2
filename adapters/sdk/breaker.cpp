#include "adapters/sdk/breaker.h"

#include <algorithm>
#include <cmath>

namespace fabu::sdk {

Breaker::State Breaker::state(Instant now) const {
  if (closed_) return State::closed;
  return now < until_ ? State::open : State::half_open;
}

std::size_t Breaker::admits(Instant now, std::size_t wanted) const {
  switch (state(now)) {
    case State::closed:
      return wanted;
    case State::open:
      return 0;
    case State::half_open:
      return probe_.empty() ? std::min<std::size_t>(wanted, 1) : 0;
  }
  return 0;
}

void Breaker::begun(const std::string& delivery_id, Instant now) {
  if (state(now) == State::half_open) probe_ = delivery_id;
}

// While the circuit is not closed only the probe decides: what started before it opened tells of the past.
Breaker::Change Breaker::answered(const std::string& delivery_id) {
  if (closed_) {
    failed_.clear();
    return Change::none;
  }
  if (probe_ != delivery_id) return Change::none;
  reset();
  return Change::closed;
}

Breaker::Change Breaker::failed(const std::string& delivery_id, Instant now) {
  if (closed_) {
    failed_.insert(delivery_id);
    return failed_.size() < std::max<std::size_t>(options_.failures, 1) ? Change::none : open(now);
  }
  if (probe_ != delivery_id) return Change::none;
  return open(now);
}

void Breaker::undecided(const std::string& delivery_id) {
  if (probe_ == delivery_id) probe_.clear();
}

void Breaker::reset() {
  closed_ = true;
  opened_ = 0;
  probe_.clear();
  failed_.clear();
}

Breaker::Change Breaker::open(Instant now) {
  const double longer = static_cast<double>(options_.open.count()) * std::pow(options_.factor, static_cast<double>(opened_));
  const auto time = std::min(longer, static_cast<double>(options_.cap.count()));
  closed_ = false;
  ++opened_;
  until_ = now + Millis{std::llround(time)};
  probe_.clear();
  return Change::opened;
}

}  // namespace fabu::sdk
