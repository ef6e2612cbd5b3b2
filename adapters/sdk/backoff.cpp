#include "adapters/sdk/backoff.h"

#include <algorithm>
#include <cmath>

namespace fabu::sdk {

Millis Backoff::delay(std::uint32_t attempt) {
  const auto cap = static_cast<double>(options_.cap.count());
  const double power = std::pow(options_.factor, static_cast<double>(std::max(attempt, 1U) - 1));
  const double plain = std::min(static_cast<double>(options_.base.count()) * power, cap);  // an infinite power is capped too
  std::uniform_real_distribution<double> spread(1 - options_.jitter, 1 + options_.jitter);
  return std::max(Millis{1}, Millis{std::llround(plain * spread(random_))});
}

Instant Backoff::next(Instant now, std::uint32_t attempt, std::optional<Instant> not_before) {
  const Instant own = now + delay(attempt);
  return not_before ? std::max(own, *not_before) : own;
}

}  // namespace fabu::sdk
