#include "adapters/sdk/gate.h"

#include <algorithm>

namespace fabu::sdk {
namespace {

std::string reason_of(const v1::Failure& failure) {
  return failure.code() + ": " + failure.message();
}

}  // namespace

std::string_view word(ChannelState state) {
  switch (state) {
    case ChannelState::running:
      return "running";
    case ChannelState::paused:
      return "paused";
    case ChannelState::open:
      return "open";
    case ChannelState::half_open:
      return "half-open";
    case ChannelState::stopped:
      return "stopped";
  }
  return "running";
}

GateView Gate::view(Instant now) const {
  if (paused_) return {ChannelState::paused, *paused_, std::nullopt};
  if (stopped_) return {ChannelState::stopped, stopped_->reason, std::max(stopped_->until, quiet_until_)};
  const bool quiet = now < quiet_until_;
  switch (breaker_.state(now)) {
    case Breaker::State::open:
      return {ChannelState::open, trouble_, std::max(breaker_.until(), quiet_until_)};
    case Breaker::State::half_open:
      if (quiet) return {ChannelState::open, trouble_, quiet_until_};
      return {ChannelState::half_open, trouble_, std::nullopt};
    case Breaker::State::closed:
      break;
  }
  if (quiet) return {ChannelState::paused, trouble_, quiet_until_};
  return {};
}

std::size_t Gate::admits(Instant now, std::size_t wanted) const {
  if (paused_ || now < quiet_until_) return 0;
  if (stopped_) return now >= stopped_->until && stopped_->probe.empty() ? std::min<std::size_t>(wanted, 1) : 0;
  return breaker_.admits(now, wanted);
}

std::optional<Instant> Gate::next(Instant now) const {
  if (paused_) return std::nullopt;
  Instant earliest = std::max(now, quiet_until_);
  if (stopped_) {
    if (!stopped_->probe.empty()) return std::nullopt;
    return std::max(earliest, stopped_->until);
  }
  switch (breaker_.state(now)) {
    case Breaker::State::closed:
      return earliest;
    case Breaker::State::open:
      return std::max(earliest, breaker_.until());
    case Breaker::State::half_open:
      if (breaker_.admits(now, 1) == 0) return std::nullopt;
      return earliest;
  }
  return earliest;
}

void Gate::begun(const std::string& delivery_id, Instant now) {
  if (stopped_) {
    stopped_->probe = delivery_id;
  } else {
    breaker_.begun(delivery_id, now);
  }
}

void Gate::answered(const std::string& delivery_id, Instant now) {
  if (stopped_ && stopped_->probe == delivery_id) stopped_.reset();
  breaker_.answered(delivery_id);
  if (now >= quiet_until_) throttles_ = 0;
}

void Gate::failed(const std::string& delivery_id, Ruling& ruling, Instant now) {
  switch (ruling.effect) {
    case ChannelEffect::none:
      answered(delivery_id, now);
      return;
    case ChannelEffect::pause:
      breaker_.answered(delivery_id);
      keep_stopped(delivery_id, now);
      throttle(ruling, now);
      return;
    case ChannelEffect::stop:
      breaker_.answered(delivery_id);
      stop(delivery_id, ruling, now);
      return;
    case ChannelEffect::count:
      break;
  }
  keep_stopped(delivery_id, now);
  if (breaker_.failed(delivery_id, now) == Breaker::Change::opened) trouble_ = reason_of(ruling.setback.failure());
  const bool spared = ruling.setback.state() == v1::DELIVERY_STATE_PENDING;
  if (spared) keep_quiet(ruling, now);
  if (spared && breaker_.state(now) == Breaker::State::open) {
    ruling.setback.set_due_ms(std::max(to_ms(breaker_.until()), ruling.setback.failure().not_before_ms()));
  }
}

void Gate::undecided(const std::string& delivery_id) {
  breaker_.undecided(delivery_id);
  if (stopped_ && stopped_->probe == delivery_id) stopped_->probe.clear();
}

void Gate::resume() {
  paused_.reset();
  stopped_.reset();
  breaker_.reset();
  quiet_until_ = Instant{};
  throttles_ = 0;
}

void Gate::stop(const std::string& delivery_id, const Ruling& ruling, Instant now) {
  const bool probing = stopped_ && !stopped_->probe.empty() && stopped_->probe != delivery_id;
  const std::string probe = probing ? stopped_->probe : std::string{};
  const Instant asked = from_ms(ruling.setback.failure().not_before_ms());
  stopped_ = Stop{reason_of(ruling.setback.failure()), std::max(now + reprobe_, asked), probe};
}

// What fails at once with others that were under way is one pause, not several.
void Gate::throttle(const Ruling& ruling, Instant now) {
  if (now >= quiet_until_) ++throttles_;
  quiet_until_ = std::max(quiet_until_, ruling.until);
  trouble_ = reason_of(ruling.setback.failure());
}

// An outage that says how long it lasts (503 with Retry-After) is one of the whole channel.
void Gate::keep_quiet(const Ruling& ruling, Instant now) {
  const Instant asked = from_ms(ruling.setback.failure().not_before_ms());
  if (asked <= now) return;
  quiet_until_ = std::max(quiet_until_, asked);
  trouble_ = reason_of(ruling.setback.failure());
}

// The probe of a stopped channel ended with neither an answer nor a refusal: another one later.
void Gate::keep_stopped(const std::string& delivery_id, Instant now) {
  if (!stopped_ || stopped_->probe != delivery_id) return;
  stopped_->probe.clear();
  stopped_->until = now + reprobe_;
}

}  // namespace fabu::sdk
