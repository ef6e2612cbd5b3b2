// What a failed try means for its delivery and for its channel. Pure.
//
// | class        | delivery                          | attempt | channel                                       |
// | retry        | retrying by the backoff, or dead  | counts  | counts towards the breaker                    |
// | throttled    | pending, due when the pause ends  | none    | pauses until not_before, or by the backoff    |
// | unauthorized | pending, due at once              | none    | stops until an operator resumes or a re-probe |
// | rejected     | dead                              | counts  | none: the channel answered                    |
// | unavailable  | pending, due when worth a try     | none    | for the breaker; pauses until its not_before  |
#pragma once

#include <fabu/v1/delivery.pb.h>

#include <cstdint>
#include <optional>
#include <string_view>

#include "adapters/sdk/backoff.h"
#include "proto/fabu/time.h"

namespace fabu::sdk {

enum class ChannelEffect {
  none,   // the channel answered
  pause,  // until Ruling::until
  stop,   // credentials are refused
  count,  // a failure in a row for the breaker
};

struct Ruling {
  v1::Setback setback;
  ChannelEffect effect = ChannelEffect::none;
  Instant until{};  // of pause
};

// A try that failed.
struct Try {
  std::uint32_t attempts = 0;   // that counted before this one
  std::uint32_t throttles = 0;  // pauses of the channel in a row before this one
  std::uint32_t outages = 0;    // failures of the channel in a row before this one
};

// The failure goes into the setback with its code and message cut to the contract's bounds and made valid UTF-8. A failure
// without a class is a retry. Due times lie at or after `now`.
Ruling settle(const Try& tried, v1::Failure failure, Instant now, Backoff& backoff);

// Codes that the host itself gives.
inline constexpr std::string_view kAdapterException = "adapter.exception";     // the adapter threw
inline constexpr std::string_view kAdapterTimeout = "adapter.timeout";         // cancelled past Limits::timeout; outcome unknown
inline constexpr std::string_view kHostStopped = "host.stopped";               // cut short by a shutdown; outcome unknown
inline constexpr std::string_view kProgressRefused = "host.progress-refused";  // the broker did not take the adapter's progress
inline constexpr std::string_view kUnknownAction = "host.unknown-action";      // a newer broker asks what this host cannot do

// The first `bytes` bytes at most of the text, with no character cut in two; what is not UTF-8 becomes '?'.
std::string bounded_text(std::string_view text, std::size_t bytes);

}  // namespace fabu::sdk
