// The embedded broker: one process with the store, the log, the use cases, HTTP and the channel hosts. `fabu serve` runs it; tests and
// the benchmark assemble their own with other channels; local verbs open it without listening.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "adapters/sdk/attachments.h"
#include "adapters/sdk/channel.h"
#include "adapters/sdk/host.h"
#include "broker/domain/catalogue.h"
#include "broker/domain/result.h"
#include "broker/flow/installation.h"
#include "broker/http/api.h"
#include "proto/fabu/time.h"

namespace fabu::cli {

// What a channel's adapter is given of the process.
struct Surroundings {
  boost::asio::thread_pool& pool;        // for its blocking work
  sdk::AttachmentSource& attachments;
  const Clock& clock;
};

// One channel to run.
struct ChannelSetup {
  std::string name, kind;
  std::unique_ptr<sdk::Channel> channel;
  sdk::HostOptions host;
};

struct BrokerSetup {
  std::filesystem::path data;            // made when missing, mode 0700
  std::string origin = "fabu.local/log"; // the log's origin line: a scheme-less URL prefix
  domain::Catalogue catalogue;
  flow::Installation installation;       // its channels are those of `channels`
  std::vector<ChannelSetup> channels;
  std::filesystem::path site;            // public folder that HTTP serves; empty = none
  http::SearchPage search;               // answers /search; empty = 404
  std::string listen_host = "127.0.0.1";
  unsigned short listen_port = 8080;     // 0 = any
  std::chrono::milliseconds seal_every{1000};
};

// Not thread-safe; start and stop are called from one thread.
class Broker {
 public:
  // Opens the store under `data`, makes or reads the log's key, refuses to run when the log went back behind what was signed.
  // Nothing listens or publishes yet.
  static Result<std::unique_ptr<Broker>> open(std::filesystem::path data, std::string origin, const Clock& clock);
  virtual ~Broker() = default;

  // For the making of channels, before start.
  virtual Surroundings surroundings() = 0;
  // Begins to listen, publish and seal. `listen` false: only call() works.
  virtual Result<void> start(BrokerSetup setup, bool listen) = 0;
  virtual unsigned short port() const = 0;
  // One request of the local administrator, answered as over the Unix socket. Blocks. Thread-safe after start.
  virtual http::Response call(http::Request request) = 0;
  virtual const std::string& verifier_key() const = 0;
  // Takes no more requests, lets channels finish or give back what they hold, commits, closes. Idempotent.
  virtual void stop() = 0;
};

}  // namespace fabu::cli
