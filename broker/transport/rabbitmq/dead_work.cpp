#include "broker/transport/rabbitmq/dead_work.h"

namespace fabu::transport::rabbitmq {
namespace {

constexpr std::uint32_t kTries = 3;
constexpr std::int64_t kRestMs = 3'600'000;

}  // namespace

v1::Report death_of(const v1::Work& work, Instant now) {
  const auto tries = work.delivery().attempts() + 1;
  const bool dead = tries >= kTries;
  v1::Report report;
  report.set_delivery_id(work.delivery().id());
  auto& setback = *report.mutable_setback();
  setback.set_attempts(tries);
  setback.set_state(dead ? v1::DELIVERY_STATE_DEAD : v1::DELIVERY_STATE_RETRYING);
  if (!dead) setback.set_due_ms(to_ms(now) + kRestMs);
  auto& failure = *setback.mutable_failure();
  failure.set_failure_class(dead ? v1::FAILURE_CLASS_REJECTED : v1::FAILURE_CLASS_RETRY);
  failure.set_code("transport.delivery-limit");
  failure.set_message("Every worker that took this delivery ended before it could report. Look at the adapter's log.");
  return report;
}

}  // namespace fabu::transport::rabbitmq
