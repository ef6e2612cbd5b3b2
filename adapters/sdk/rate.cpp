#include "adapters/sdk/rate.h"

#include <algorithm>
#include <cmath>

namespace fabu::sdk {
namespace {
constexpr double kRounding = 1e-9;  // a token that is whole but for floating point is whole
}

Rate::Rate(double per_second, Instant now)
    : per_second_(per_second), burst_(std::max(1.0, std::floor(per_second))), tokens_(burst_), filled_(now) {}

void Rate::refill(Instant now) {
  if (now <= filled_) return;
  const double seconds = std::chrono::duration<double>(now - filled_).count();
  tokens_ = std::min(burst_, tokens_ + seconds * per_second_);
  filled_ = now;
}

std::size_t Rate::available(Instant now, std::size_t most) {
  if (per_second_ <= 0) return most;
  refill(now);
  return std::min(most, static_cast<std::size_t>(tokens_ + kRounding));
}

void Rate::spend(std::size_t tokens) {
  if (per_second_ > 0) tokens_ = std::max(0.0, tokens_ - static_cast<double>(tokens));
}

Instant Rate::next(Instant now) {
  if (available(now, 1) > 0) return now;
  const double missing = std::max(0.0, 1 - tokens_);
  return std::max(now, filled_) + std::max(Millis{1}, Millis{static_cast<std::int64_t>(std::ceil(missing / per_second_ * 1000))});
}

}  // namespace fabu::sdk
