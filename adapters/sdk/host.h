// The channel host: runs one Channel on a Transport. It owns, once for all channels, what adapters do not: leases, retries with
// jittered backoff, the circuit breaker, throttling, rate and concurrency limits, time limits, looking before sending again, and
// a clean stop.
//
//   ChannelHost host("website", "website", channel, transport, clock, options);
//   co_spawn(io, host.run(), on_end);        // any executor; the host makes a strand of its own on it
//   ...
//   host.stop();                             // run() ends when everything it holds was finished or given back
//
// Thread model: run() once. All calls into the Channel and all events come from the host's strand, one at a time. stop, pause,
// resume and view are thread-safe at any time. The host, channel, transport, clock and sleeper outlive run() and observe().
#pragma once

#include <fabu/v1/api.pb.h>
#include <fabu/v1/delivery.pb.h>

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "adapters/sdk/backoff.h"
#include "adapters/sdk/breaker.h"
#include "adapters/sdk/channel.h"
#include "adapters/sdk/gate.h"
#include "adapters/sdk/sleeper.h"
#include "broker/transport/transport.h"
#include "proto/fabu/time.h"

namespace fabu::sdk {

// A delivery was settled: the broker has stored it.
struct DeliveredEvent {
  std::string channel;
  v1::Receipt receipt;
  Millis took;  // from the start of the try until the channel had it
};

// A try failed: the broker has stored it, unless `stored` is false: then it will come again.
struct SetbackEvent {
  std::string channel;
  std::string delivery_id;
  v1::Setback setback;
  bool stored = true;
};

// The channel runs, pauses, opens its circuit, probes, or stops.
struct StateEvent {
  std::string channel;
  ChannelState state;
  std::string reason;            // empty when running
  std::optional<Instant> until;  // when it tries again by itself
};

using HostEvent = std::variant<DeliveredEvent, SetbackEvent, StateEvent>;
// Called on the host's strand; must neither block nor throw.
using OnHostEvent = std::function<void(const HostEvent&)>;

struct HostOptions {
  BackoffOptions backoff;
  BreakerOptions breaker;
  std::optional<std::size_t> concurrency;       // instead of Limits::concurrency; at least 1
  std::optional<double> per_second;             // instead of Limits::per_second
  std::optional<std::chrono::seconds> timeout;  // instead of Limits::timeout
  Millis reprobe{600'000};                      // a stopped channel lets one delivery probe after this time
  Millis grace{10'000};                         // what is under way at stop() may take so long before it is cancelled
  std::uint64_t seed = 0;                       // of the jitter
  OnHostEvent on_event;                         // may be empty
  Sleeper* sleeper = nullptr;                   // null: real timers
};

class ChannelHost {
 public:
  ChannelHost(std::string name, std::string kind, Channel&, transport::WorkerEnd&, const Clock&, HostOptions = {});
  ~ChannelHost();
  ChannelHost(const ChannelHost&) = delete;
  ChannelHost& operator=(const ChannelHost&) = delete;

  // Takes and works off deliveries until stop() or until the transport closes; only stop() ends it early, cancellation does not.
  // Ends when every call into the channel has ended: one that heeds neither its time limit nor cancellation holds it up.
  boost::asio::awaitable<void> run();
  // Takes no more, gives back what was not begun, lets what was begun finish within the grace and cancels it then. Waits for
  // nothing. Before run(): run() ends at once.
  void stop();

  // An operator's pause, until resume(). What is under way goes on.
  void pause(std::string reason);
  // Ends any pause, stop or open circuit at once.
  void resume();
  // Name, kind, state, reason, until and in_flight; the rest is the broker's to fill.
  v1::ChannelView view() const;

  // Reads back what the public sees, within the channel's time limit (code adapter.timeout). Runs beside deliveries, on a strand
  // of the caller's executor; not counted against concurrency.
  boost::asio::awaitable<Outcome<v1::Observation>> observe(v1::Receipt receipt);

 private:
  class Core;
  std::shared_ptr<Core> core_;
};

}  // namespace fabu::sdk
