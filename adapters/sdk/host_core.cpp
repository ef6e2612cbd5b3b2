#include "adapters/sdk/host_core.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <utility>

namespace fabu::sdk {
namespace asio = boost::asio;

namespace {

constexpr Millis kAfterTransportError{1'000};

Limits limits_of(const Channel& channel, const HostOptions& options) {
  Limits limits = channel.limits();
  limits.concurrency = std::max<std::size_t>(options.concurrency.value_or(limits.concurrency), 1);
  limits.per_second = options.per_second.value_or(limits.per_second);
  limits.timeout = options.timeout.value_or(limits.timeout);
  return limits;
}

std::string what(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const std::exception& e) {
    return e.what();
  } catch (...) {
    return "an exception of unknown type";
  }
}

bool is_cancellation(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const boost::system::system_error& e) {
    return e.code() == asio::error::operation_aborted;
  } catch (...) {
    return false;
  }
}

}  // namespace

ChannelHost::Core::Core(std::string name, std::string kind, Channel& channel, transport::WorkerEnd& worker, const Clock& clock,
                        HostOptions options)
    : name_(std::move(name)),
      kind_(std::move(kind)),
      channel_(channel),
      worker_(worker),
      clock_(clock),
      options_(std::move(options)),
      limits_(limits_of(channel, options_)),
      timers_(clock),
      sleeper_(options_.sleeper != nullptr ? *options_.sleeper : timers_),
      gate_(options_.breaker, options_.reprobe),
      backoff_(options_.backoff, options_.seed),
      rate_(limits_.per_second, clock.now()) {}

// --- control, from any thread ---------------------------------------------------------------------------------------------

void ChannelHost::Core::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake();
}

void ChannelHost::Core::pause(std::string reason) {
  {
    const std::lock_guard lock(mutex_);
    gate_.pause(std::move(reason));
  }
  wake();
}

void ChannelHost::Core::resume() {
  {
    const std::lock_guard lock(mutex_);
    gate_.resume();
  }
  wake();
}

v1::ChannelView ChannelHost::Core::view() const {
  v1::ChannelView view;
  const std::lock_guard lock(mutex_);
  const GateView gate = gate_.view(clock_.now());
  view.set_name(name_);
  view.set_kind(kind_);
  view.set_state(std::string(word(gate.state)));
  view.set_reason(gate.reason);
  if (gate.until) view.set_until_ms(to_ms(*gate.until));
  view.set_in_flight(in_flight_);
  return view;
}

bool ChannelHost::Core::stopping() const {
  const std::lock_guard lock(mutex_);
  return stopping_;
}

// The loop looks at everything anew. Posted to the strand, so that it cannot slip between the loop's look and its wait.
void ChannelHost::Core::wake() {
  const std::lock_guard lock(mutex_);
  if (strand_) asio::post(strand_, [self = shared_from_this()] { self->loop_nap_.interrupt(); });
}

// --- the loop ---------------------------------------------------------------------------------------------------------------

asio::awaitable<void> ChannelHost::Core::run() {
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  const auto executor = co_await asio::this_coro::executor;
  const asio::any_io_executor strand = asio::make_strand(executor);
  {
    const std::lock_guard lock(mutex_);
    strand_ = strand;
  }
  auto outcome = co_await asio::co_spawn(strand, loop(), asio::as_tuple(asio::use_awaitable));
  {
    const std::lock_guard lock(mutex_);
    strand_ = {};
  }
  if (std::get<0>(outcome)) std::rethrow_exception(std::get<0>(outcome));
}

asio::awaitable<void> ChannelHost::Core::loop() {
  while (!stopping()) {
    tell_state();
    const Step step = next_step();
    if (step.take == 0) {
      co_await loop_nap_.sleep(strand_, sleeper_, step.until);
      continue;
    }
    auto works = co_await take(step.take);
    if (!works) continue;
    if (works->empty()) break;  // the transport was closed
    for (auto& work : *works) {
      if (may_begin()) {
        begin(std::move(work));
      } else {
        co_await give_back(work.delivery().id());
      }
    }
  }
  co_await drain();
}

ChannelHost::Core::Step ChannelHost::Core::next_step() const {
  const Instant now = clock_.now();
  const std::lock_guard lock(mutex_);
  const std::size_t free = limits_.concurrency - std::min(limits_.concurrency, flights_.size());
  if (free == 0) return {0, std::nullopt};  // woken by the next that ends
  const std::size_t admitted = gate_.admits(now, free);
  if (admitted == 0) return {0, gate_.next(now)};
  const std::size_t allowed = rate_.available(now, admitted);
  if (allowed == 0) return {0, rate_.next(now)};
  return {allowed, std::nullopt};
}

// Waits for works. Nothing: it was woken for another reason, or the transport failed for now.
asio::awaitable<std::optional<std::vector<v1::Work>>> ChannelHost::Core::take(std::size_t most) {
  receiving_ = true;
  auto [failure, works] = co_await loop_nap_.run(strand_, worker_.receive(name_, most));
  receiving_ = false;
  if (!failure) co_return std::move(works);
  if (!is_cancellation(failure)) {
    spdlog::error("channel={} event=receive-failed what=\"{}\"", name_, what(failure));
    co_await loop_nap_.sleep(strand_, sleeper_, clock_.now() + kAfterTransportError);
  }
  co_return std::nullopt;
}

// What came may not begin any more when the channel was paused or stopped while it was on its way.
bool ChannelHost::Core::may_begin() {
  const std::lock_guard lock(mutex_);
  return !stopping_ && gate_.admits(clock_.now(), 1) > 0;
}

void ChannelHost::Core::begin(v1::Work work) {
  const Instant now = clock_.now();
  flights_.emplace_back();
  const auto flight = std::prev(flights_.end());
  flight->work = std::move(work);
  flight->began = now;
  flight->deadline = now + limits_.timeout;
  {
    const std::lock_guard lock(mutex_);
    gate_.begun(flight->work.delivery().id(), now);
    rate_.spend(1);
    in_flight_ = flights_.size();
  }
  if (!watching_) {
    watching_ = true;
    asio::co_spawn(strand_, watch(), [self = shared_from_this()](std::exception_ptr failure) {
      self->watching_ = false;
      self->loop_nap_.interrupt();
      if (failure) spdlog::critical("channel={} event=watch-ended what=\"{}\"", self->name_, what(failure));
    });
  }
  asio::co_spawn(
      strand_, fly(*flight),
      asio::bind_cancellation_slot(flight->cancel.slot(), [self = shared_from_this(), flight](std::exception_ptr failure) {
        self->landed(flight, failure);
      }));
}

// A try has ended and was reported on. An exception here is a fault of the transport: the delivery comes again by itself.
void ChannelHost::Core::landed(std::list<Flight>::iterator flight, std::exception_ptr failure) {
  if (failure) {
    spdlog::error("channel={} delivery={} event=report-failed what=\"{}\"", name_, flight->work.delivery().id(), what(failure));
  }
  {
    const std::lock_guard lock(mutex_);
    gate_.undecided(flight->work.delivery().id());
    in_flight_ = flights_.size() - 1;
  }
  flights_.erase(flight);
  if (!receiving_) loop_nap_.interrupt();
}

asio::awaitable<void> ChannelHost::Core::give_back(std::string delivery_id) {
  v1::Report report;
  report.set_delivery_id(std::move(delivery_id));
  report.set_returned(true);
  const bool stored = co_await worker_.report(std::move(report));
  if (!stored) spdlog::warn("channel={} event=return-refused", name_);
}

// Lets what is under way finish within the grace, then cancels it and waits for its end.
asio::awaitable<void> ChannelHost::Core::drain() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  tell_state();
  const Instant end = clock_.now() + options_.grace;
  while (!flights_.empty() && clock_.now() < end) co_await loop_nap_.sleep(strand_, sleeper_, end);
  for (auto next = flights_.begin(); next != flights_.end();) {
    auto& flight = *next++;
    if (!flight.calling) continue;
    flight.cut_short = true;
    flight.cancel.emit(asio::cancellation_type::terminal);
  }
  watch_nap_.interrupt();
  while (!flights_.empty() || watching_) co_await loop_nap_.sleep(strand_, sleeper_, std::nullopt);
}

// Cancels calls that are past their time. All have the same limit, so the first under way is due first; ends when none is.
asio::awaitable<void> ChannelHost::Core::watch() {
  while (!flights_.empty()) {
    const Instant now = clock_.now();
    std::optional<Instant> next;
    std::vector<Flight*> late;
    for (auto& flight : flights_) {
      if (!flight.calling || flight.timed_out) continue;
      if (flight.deadline > now) {
        next = flight.deadline;
        break;
      }
      late.push_back(&flight);
    }
    for (auto* flight : late) {
      flight->timed_out = true;
      spdlog::warn("channel={} delivery={} event=over-time limit_s={}", name_, flight->work.delivery().id(),
                   limits_.timeout.count());
      flight->cancel.emit(asio::cancellation_type::terminal);
    }
    if (!late.empty()) continue;
    // A try that begins meanwhile is due no earlier than a whole limit from now.
    co_await watch_nap_.sleep(strand_, sleeper_, next.value_or(now + limits_.timeout));
  }
}

}  // namespace fabu::sdk
