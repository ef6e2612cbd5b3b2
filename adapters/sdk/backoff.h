// When to try again: exponential with jitter, so that what failed together does not come back together.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <random>

#include "proto/fabu/time.h"

namespace fabu::sdk {

struct BackoffOptions {
  Millis base{5'000};               // after the first failure; at least 1 ms
  double factor = 3;                // at least 1
  Millis cap{3'600'000};            // no delay is longer, jitter apart
  double jitter = 0.2;              // ± this share of the delay, 0 to 1
  std::uint32_t max_attempts = 12;  // tries that count; the delivery is dead after the last. At least 1
};

// Deterministic for a seed. Not thread-safe.
class Backoff {
 public:
  Backoff(BackoffOptions options, std::uint64_t seed) : options_(options), random_(seed) {}

  // The delay after the `attempt`th failure, from 1 on.
  Millis delay(std::uint32_t attempt);
  // now + delay(attempt), but never before `not_before`, which is honoured in full however far it lies.
  Instant next(Instant now, std::uint32_t attempt, std::optional<Instant> not_before);
  // No try is left after so many counted ones.
  bool exhausted(std::uint32_t attempts) const { return attempts >= options_.max_attempts; }
  const BackoffOptions& options() const { return options_; }

 private:
  BackoffOptions options_;
  std::mt19937_64 random_;
};

}  // namespace fabu::sdk
