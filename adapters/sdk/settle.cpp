#include "adapters/sdk/settle.h"

#include <algorithm>
#include <string>
#include <utility>

namespace fabu::sdk {
namespace {

constexpr std::size_t kCodeBytes = 100;      // v1::Failure.code
constexpr std::size_t kMessageBytes = 1000;  // v1::Failure.message

// Length of the well-formed UTF-8 character at the front (RFC 3629 section 4); 0 = there is none.
std::size_t character(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const auto tail = [&](std::size_t i, unsigned low = 0x80, unsigned high = 0xBF) {
    return i < text.size() && byte(i) >= low && byte(i) <= high;
  };
  const unsigned lead = byte(0);
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return tail(1) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    return tail(1, lead == 0xE0 ? 0xA0 : 0x80, lead == 0xED ? 0x9F : 0xBF) && tail(2) ? 3 : 0;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    return tail(1, lead == 0xF0 ? 0x90 : 0x80, lead == 0xF4 ? 0x8F : 0xBF) && tail(2) && tail(3) ? 4 : 0;
  }
  return 0;
}

void put(Ruling& ruling, v1::DeliveryState state, std::uint32_t attempts, Instant due) {
  ruling.setback.set_state(state);
  ruling.setback.set_attempts(attempts);
  ruling.setback.set_due_ms(to_ms(due));
}

}  // namespace

std::string bounded_text(std::string_view text, std::size_t bytes) {
  std::string bounded;
  while (!text.empty()) {
    const std::size_t length = character(text);
    if (bounded.size() + std::max<std::size_t>(length, 1) > bytes) break;
    bounded += length == 0 ? std::string_view("?") : text.substr(0, length);
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return bounded;
}

Ruling settle(const Try& tried, v1::Failure failure, Instant now, Backoff& backoff) {
  Ruling ruling;
  std::optional<Instant> not_before;
  if (failure.not_before_ms() > 0) not_before = from_ms(failure.not_before_ms());
  if (!v1::FailureClass_IsValid(failure.failure_class())) failure.set_failure_class(v1::FAILURE_CLASS_RETRY);
  failure.set_code(bounded_text(failure.code(), kCodeBytes));
  failure.set_message(bounded_text(failure.message(), kMessageBytes));
  switch (failure.failure_class()) {
    case v1::FAILURE_CLASS_THROTTLED:
      ruling.effect = ChannelEffect::pause;
      ruling.until = backoff.next(now, tried.throttles + 1, not_before);
      // A channel that says how long is taken at its word, and not kept waiting longer.
      if (not_before && *not_before > now) ruling.until = *not_before;
      put(ruling, v1::DELIVERY_STATE_PENDING, tried.attempts, ruling.until);
      break;
    case v1::FAILURE_CLASS_UNAUTHORIZED:
      ruling.effect = ChannelEffect::stop;
      put(ruling, v1::DELIVERY_STATE_PENDING, tried.attempts, std::max(now, not_before.value_or(now)));
      break;
    case v1::FAILURE_CLASS_REJECTED:
      put(ruling, v1::DELIVERY_STATE_DEAD, tried.attempts + 1, now);
      break;
    case v1::FAILURE_CLASS_UNAVAILABLE:
      ruling.effect = ChannelEffect::count;
      put(ruling, v1::DELIVERY_STATE_PENDING, tried.attempts, backoff.next(now, tried.outages + 1, not_before));
      break;
    case v1::FAILURE_CLASS_RETRY:
    case v1::FAILURE_CLASS_UNSPECIFIED:
    case v1::FailureClass_INT_MIN_SENTINEL_DO_NOT_USE_:
    case v1::FailureClass_INT_MAX_SENTINEL_DO_NOT_USE_:
      failure.set_failure_class(v1::FAILURE_CLASS_RETRY);
      ruling.effect = ChannelEffect::count;
      const std::uint32_t attempts = tried.attempts + 1;
      const bool dead = backoff.exhausted(attempts);
      put(ruling, dead ? v1::DELIVERY_STATE_DEAD : v1::DELIVERY_STATE_RETRYING, attempts,
          dead ? now : backoff.next(now, attempts, not_before));
      break;
  }
  *ruling.setback.mutable_failure() = std::move(failure);
  return ruling;
}

}  // namespace fabu::sdk
