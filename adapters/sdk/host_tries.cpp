// How the host runs one try and what it makes of its end.
#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <utility>

#include "adapters/sdk/host_core.h"
#include "adapters/sdk/settle.h"

namespace fabu::sdk {
namespace asio = boost::asio;

namespace {

v1::Failure over_time(const Limits& limits, const std::string& what) {
  return failure(v1::FAILURE_CLASS_RETRY, std::string(kAdapterTimeout),
                 "cancelled after " + std::to_string(limits.timeout.count()) + " s, outcome unknown; " + what);
}

// The adapter's own reading of the channel, which keeps its exceptions and its time.
asio::awaitable<Outcome<v1::Observation>> look(Channel& channel, const v1::Receipt& receipt) {
  std::string thrown;
  try {
    Outcome<v1::Observation> seen = co_await channel.observe(receipt);
    if (seen) seen->set_delivery_id(receipt.delivery_id());
    co_return seen;
  } catch (const std::exception& e) {
    thrown = e.what();
  } catch (...) {
    thrown = "an exception of unknown type";
  }
  co_return failure(v1::FAILURE_CLASS_RETRY, std::string(kAdapterException), bounded_text(thrown, 1000));
}

asio::awaitable<void> sleep_until(Sleeper& sleeper, const Clock& clock, Instant until) {
  while (clock.now() < until) co_await sleeper.sleep(until);
}

}  // namespace

asio::awaitable<void> ChannelHost::Core::fly(Flight& flight) {
  ReportedProgress progress(worker_, flight.work.delivery());
  Outcome<v1::Receipt> outcome = co_await attempt(channel_, flight.work, progress);
  flight.calling = false;
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  const v1::Report report = conclude(flight, progress, std::move(outcome));
  const bool stored = co_await worker_.report(report);
  tell_outcome(flight, report, stored);
}

// What the try means for the channel takes effect at once, before the broker has stored it.
v1::Report ChannelHost::Core::conclude(const Flight& flight, const ReportedProgress& progress, Outcome<v1::Receipt> outcome) {
  const std::string& id = flight.work.delivery().id();
  v1::Report report;
  report.set_delivery_id(id);
  if (outcome) {
    const Instant now = clock_.now();
    if (outcome->time_ms() == 0) outcome->set_time_ms(to_ms(now));
    *report.mutable_delivered() = std::move(*outcome);
    const std::lock_guard lock(mutex_);
    gate_.answered(id, now);
  } else {
    *report.mutable_setback() = set_back(flight, progress.refused(), std::move(outcome.error()));
  }
  tell_state();
  return report;
}

v1::Setback ChannelHost::Core::set_back(const Flight& flight, bool progress_refused, v1::Failure failure) {
  const auto& delivery = flight.work.delivery();
  const Instant now = clock_.now();
  const bool unclear = failure.failure_class() == v1::FAILURE_CLASS_RETRY || !v1::FailureClass_IsValid(failure.failure_class());
  const std::lock_guard lock(mutex_);
  if (unclear && !flight.timed_out && (progress_refused || flight.cut_short)) {
    // The fault lies on this side: it costs the delivery nothing and says nothing of the channel.
    failure.set_code(std::string(progress_refused ? kProgressRefused : kHostStopped));
    Ruling spared = settle({.attempts = delivery.attempts(), .throttles = 0, .outages = 0}, failure, now, backoff_);
    spared.setback.set_state(v1::DELIVERY_STATE_PENDING);
    spared.setback.set_attempts(delivery.attempts());
    spared.setback.set_due_ms(to_ms(now));
    gate_.undecided(delivery.id());
    return spared.setback;
  }
  if (unclear && flight.timed_out) failure = over_time(limits_, failure.message());
  const Try tried{.attempts = delivery.attempts(), .throttles = gate_.throttles(), .outages = gate_.outages()};
  Ruling ruling = settle(tried, std::move(failure), now, backoff_);
  gate_.failed(delivery.id(), ruling, now);
  return ruling.setback;
}

void ChannelHost::Core::tell_outcome(const Flight& flight, const v1::Report& report, bool stored) {
  const auto& id = flight.work.delivery().id();
  if (!stored) {
    spdlog::warn("channel={} delivery={} event=report-refused outcome={}", name_, id,
                 report.has_delivered() ? "delivered" : "setback");
  }
  if (!options_.on_event) return;
  if (report.has_setback()) {
    options_.on_event(SetbackEvent{name_, id, report.setback(), stored});
  } else if (stored) {
    const Millis took = std::max(Millis{0}, Millis{clock_.now() - flight.began});
    options_.on_event(DeliveredEvent{name_, report.delivered(), took});
  }
}

// Tells a change of the channel's state once, and makes the loop heed it.
void ChannelHost::Core::tell_state() {
  GateView view;
  {
    const std::lock_guard lock(mutex_);
    view = gate_.view(clock_.now());
  }
  if (view == told_) return;
  told_ = view;
  loop_nap_.interrupt();
  if (options_.on_event) options_.on_event(StateEvent{name_, view.state, view.reason, view.until});
}

asio::awaitable<Outcome<v1::Observation>> ChannelHost::Core::observe(v1::Receipt receipt) {
  using asio::experimental::awaitable_operators::operator||;
  const auto limited = [](Core& core, v1::Receipt what) -> asio::awaitable<Outcome<v1::Observation>> {
    const Instant deadline = core.clock_.now() + core.limits_.timeout;
    auto seen = co_await (look(core.channel_, what) || sleep_until(core.sleeper_, core.clock_, deadline));
    if (seen.index() == 0) co_return std::get<0>(std::move(seen));
    co_return over_time(core.limits_, "reading back " + bounded_text(what.locator(), 500));
  };
  // Of two that run at once only a strand keeps the state apart.
  const auto executor = co_await asio::this_coro::executor;
  const asio::any_io_executor strand = asio::make_strand(executor);
  co_return co_await asio::co_spawn(strand, limited(*this, std::move(receipt)), asio::use_awaitable);
}

}  // namespace fabu::sdk
