// A circuit breaker for one channel: after several deliveries in a row failed it stops sending, waits, and lets one delivery
// probe before the rest may follow.
//
//   closed ──N different deliveries failed in a row──▶ open ──its time is over──▶ half-open ──probe answered──▶ closed
//                                                       ▲                            │
//                                                       └───── probe failed; longer ─┘
#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>

#include "proto/fabu/time.h"

namespace fabu::sdk {

struct BreakerOptions {
  std::size_t failures = 5;  // different deliveries in a row; at least 1
  Millis open{30'000};       // the first time
  double factor = 2;         // each time a probe fails
  Millis cap{600'000};
};

// Pure: told the time and the outcomes. Not thread-safe.
class Breaker {
 public:
  enum class State { closed, open, half_open };

  explicit Breaker(BreakerOptions options) : options_(options) {}

  State state(Instant now) const;
  // When an open circuit lets a probe through; meaningless when closed.
  Instant until() const { return until_; }
  // Deliveries that failed in a row.
  std::size_t failures() const { return failed_.size(); }

  // How many more deliveries may start: all that are wanted when closed, none when open, one probe at a time when half-open.
  std::size_t admits(Instant now, std::size_t wanted) const;
  // A delivery starts; half-open, it is the probe.
  void begun(const std::string& delivery_id, Instant now);

  enum class Change { none, opened, closed };
  // The channel answered: it had the delivery, or refused it for what it is.
  Change answered(const std::string& delivery_id);
  // The channel did not answer, or not in a way that tells the delivery from the channel. The same delivery counts once.
  Change failed(const std::string& delivery_id, Instant now);
  // It ended without telling anything of the channel (given back, throttled): another may probe.
  void undecided(const std::string& delivery_id);
  // An operator says that the channel is well.
  void reset();

 private:
  Change open(Instant now);

  BreakerOptions options_;
  bool closed_ = true;
  std::uint32_t opened_ = 0;  // times in a row
  Instant until_{};
  std::string probe_;             // delivery id; empty = none under way
  std::set<std::string> failed_;  // since the last answer; at most options_.failures
};

}  // namespace fabu::sdk
