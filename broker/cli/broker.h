// The embedded broker: one process with the store, the log, the use cases, HTTP and the channel hosts. `fabu serve` runs it;
// tests and the benchmark assemble their own with other channels; verbs on a data folder that no server holds open it without
// listening.
#pragma once

#include <memory>
#include <string>

#include "broker/cli/channel_crew.h"
#include "broker/cli/core.h"
#include "broker/domain/result.h"
#include "proto/fabu/time.h"

namespace fabu::cli {

struct BrokerSetup {
  CoreSetup core;         // its installation's channels are the names of those that `channels` makes
  MakeChannels channels;  // empty: none run
};

// Started when made; stopped by stop() or the destructor.
class Broker {
 public:
  // Opens the core, then listens, publishes and seals. The clock outlives the broker.
  static Result<std::unique_ptr<Broker>> start(BrokerSetup setup, const Clock& clock);
  ~Broker();
  Broker(const Broker&) = delete;
  Broker& operator=(const Broker&) = delete;

  unsigned short port() const;  // 0 when it does not listen
  const std::string& base_url() const;
  const std::string& verifier_key() const;  // empty when no log was begun yet
  // One request of the local administrator, answered as over the Unix socket. Blocks. Thread-safe until stop().
  http::Response call(http::Request request);
  // Takes no more requests, lets channels finish or give back what they hold, seals and closes. Idempotent; one thread.
  void stop();

 private:
  struct Parts;
  explicit Broker(std::unique_ptr<Parts> parts);
  Result<void> hire(const MakeChannels&, const Clock&);
  std::unique_ptr<Parts> parts_;
};

}  // namespace fabu::cli
