// Whether a channel may start deliveries now, and if not, why and until when: an operator's pause, refused credentials, the
// circuit breaker and throttling in one place. Pure: told the time and the outcomes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "adapters/sdk/breaker.h"
#include "adapters/sdk/settle.h"
#include "proto/fabu/time.h"

namespace fabu::sdk {

enum class ChannelState {
  running,
  paused,     // by an operator (no `until`), throttled, or away until a time that it told
  open,       // circuit open
  half_open,  // one delivery probes
  stopped,    // credentials refused; one delivery probes at `until`
};
// running, paused, open, half-open, stopped: the words of v1::ChannelView.state.
std::string_view word(ChannelState);

struct GateView {
  ChannelState state = ChannelState::running;
  std::string reason;
  std::optional<Instant> until;  // when it tries again by itself

  friend bool operator==(const GateView&, const GateView&) = default;
};

// Not thread-safe.
class Gate {
 public:
  // A stopped channel lets one delivery probe every `reprobe`.
  Gate(BreakerOptions breaker, Millis reprobe) : breaker_(breaker), reprobe_(reprobe) {}

  GateView view(Instant now) const;
  // How many of the `wanted` deliveries may start.
  std::size_t admits(Instant now, std::size_t wanted) const;
  // When admits() may rise by itself; nothing = only by an outcome or an operator.
  std::optional<Instant> next(Instant now) const;

  void begun(const std::string& delivery_id, Instant now);
  // It was delivered.
  void answered(const std::string& delivery_id, Instant now);
  // It failed with this ruling. An outage that leaves the circuit open moves the delivery's due time to its end; one that says
  // how long it lasts pauses the channel until then.
  void failed(const std::string& delivery_id, Ruling& ruling, Instant now);
  // It ended and says nothing of the channel.
  void undecided(const std::string& delivery_id);

  void pause(std::string reason) { paused_ = std::move(reason); }
  // Ends any pause, stop or open circuit at once.
  void resume();

  // In a row, for Try.
  std::uint32_t throttles() const { return throttles_; }
  std::uint32_t outages() const { return static_cast<std::uint32_t>(breaker_.failures()); }

 private:
  struct Stop {
    std::string reason;
    Instant until;
    std::string probe;  // delivery id; empty = none under way
  };
  void stop(const std::string& delivery_id, const Ruling&, Instant now);
  void throttle(const Ruling&, Instant now);
  void keep_quiet(const Ruling&, Instant now);
  void keep_stopped(const std::string& delivery_id, Instant now);

  Breaker breaker_;
  Millis reprobe_;
  std::optional<std::string> paused_;  // the operator's reason
  std::optional<Stop> stopped_;
  Instant quiet_until_{};  // throttled, or away for as long as it said
  std::uint32_t throttles_ = 0;
  std::string trouble_;  // the last reason to pause or open
};

}  // namespace fabu::sdk
