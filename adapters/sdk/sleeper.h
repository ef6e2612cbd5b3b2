// How the host waits for a time: real timers, or a test's own time.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "proto/fabu/time.h"

namespace fabu::sdk {

// Thread-safe.
class Sleeper {
 public:
  virtual ~Sleeper() = default;
  // Returns at `until` by the clock, or earlier: the caller looks at the clock and waits again. Cancellable: then it throws
  // system_error(operation_aborted).
  virtual boost::asio::awaitable<void> sleep(Instant until) = 0;
};

// Real timers. Sleeps a minute at most, so that a clock that is set forward is noticed within that time.
class TimerSleeper final : public Sleeper {
 public:
  explicit TimerSleeper(const Clock& clock) : clock_(clock) {}
  boost::asio::awaitable<void> sleep(Instant until) override;

 private:
  const Clock& clock_;
};

}  // namespace fabu::sdk
