// The embedded broker: one process with the store, the log, the use cases, HTTP and the channel hosts. `fabu serve` runs it;
// tests and the benchmark assemble their own with other channels; verbs on a data folder that no server holds open it without
// listening.
#pragma once

#include <boost/asio/thread_pool.hpp>
#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "adapters/sdk/attachments.h"
#include "broker/cli/channel_runner.h"
#include "broker/domain/catalogue.h"
#include "broker/domain/result.h"
#include "broker/flow/installation.h"
#include "broker/http/limits.h"
#include "broker/http/request.h"
#include "broker/http/response.h"
#include "broker/http/site.h"
#include "proto/fabu/time.h"

namespace fabu::cli {

// What channels are given of the process. All of it outlives them.
struct Surroundings {
  boost::asio::thread_pool& pool;  // for blocking work; joined before the channels go
  sdk::AttachmentSource& attachments;
  const Clock& clock;
  std::string base_url;  // of the public site, without a slash at the end
};

struct ChannelSet {
  std::vector<ChannelSetup> channels;
  http::SearchPage search;  // answers /search; empty = 404
};

// Makes the channels once the public address is known. May throw std::exception: the start then fails with its words.
using MakeChannels = std::function<ChannelSet(const Surroundings&)>;

struct BrokerSetup {
  std::filesystem::path data;  // made when missing
  domain::Catalogue catalogue;
  flow::Installation installation;  // its channels are the names of those that `channels` makes
  MakeChannels channels;            // empty: none run
  std::filesystem::path site;       // public folder that HTTP serves; empty = none
  std::string base_url;             // empty = http://{listen}
  std::string listen_host;          // empty: only call() works; nothing is published, and no log is begun
  unsigned short listen_port = 0;   // 0 = any
  http::Limits limits;
  std::chrono::milliseconds seal_every{1000};
};

// Started when made; stopped by stop() or the destructor.
class Broker {
 public:
  // Opens the store under `data`, reads or makes the log's key, refuses to run on a log that went back behind what was signed,
  // then listens, publishes and seals. The clock outlives the broker.
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
  std::unique_ptr<Parts> parts_;
};

}  // namespace fabu::cli
