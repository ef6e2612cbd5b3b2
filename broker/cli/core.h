// What every broker is, whatever carries its deliveries: the store, the log, the use cases and HTTP. `fabu serve` puts channels
// in the same process beside it (broker.h), `fabu broker` puts RabbitMQ beside it (cluster_broker.h).
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/thread_pool.hpp>
#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "adapters/sdk/attachments.h"
#include "broker/domain/catalogue.h"
#include "broker/domain/result.h"
#include "broker/flow/channels.h"
#include "broker/flow/installation.h"
#include "broker/flow/intake.h"
#include "broker/flow/operate.h"
#include "broker/http/limits.h"
#include "broker/http/request.h"
#include "broker/http/response.h"
#include "broker/http/site.h"
#include "broker/ops/metrics.h"
#include "broker/store/s3/s3_bucket.h"
#include "broker/store/store.h"
#include "broker/transport/transport.h"
#include "proto/fabu/time.h"

namespace fabu::cli {

// Which database a broker opens.
enum class StoreUse {
  alone,   // as the only broker on it
  shared,  // with other brokers
  noted,   // the one that the data folder belongs to, without serving it: `store` is not asked
};

struct CoreSetup {
  std::filesystem::path data;              // made when missing
  std::string store;                       // address of a PostgreSQL database; empty = SQLite under `data`
  std::optional<store::S3Options> bucket;  // for attachments, beside PostgreSQL
  StoreUse use = StoreUse::alone;
  domain::Catalogue catalogue;
  flow::Installation installation;
  std::filesystem::path site;      // public folder that HTTP serves; empty = none
  std::string base_url;            // empty = http://{listen}
  std::string listen_host;         // empty: only call() works; nothing is published, and no log is begun
  unsigned short listen_port = 0;  // 0 = any
  http::Limits limits;
  std::chrono::milliseconds seal_every{1000};
};

// open(), listen() where it listens, begin(); end_requests(), end_dispatch(), end(). Not thread-safe but where it is said.
class Core {
 public:
  // Opens the store, reads or makes the log's key, and refuses to run on a log that went back behind what was signed. The
  // transport and the clock outlive it.
  static Result<std::unique_ptr<Core>> open(CoreSetup setup, const Clock&, transport::BrokerEnd&);
  ~Core();  // after end(), or when it never began
  Core(const Core&) = delete;
  Core& operator=(const Core&) = delete;

  bool listens() const;
  // Connections wait until begin().
  Result<void> listen();
  // Begins to take requests, and when it listens to dispatch and to seal.
  void begin();
  // Takes no more requests and lets those under way finish.
  void end_requests();
  // Dispatches no more, closes the transport and seals. After end_requests() and after the end of workers in this process.
  void end_dispatch();
  // Closes the store.
  void end();

  unsigned short port() const;  // 0 when it does not listen
  const std::string& base_url() const;
  const std::string& verifier_key() const;  // empty when no log was begun yet
  // One request of the local administrator, answered as over the Unix socket. Blocks. Thread-safe until end_requests().
  http::Response call(http::Request request);

  // For those who run beside it. All of it lives as long as the core.
  boost::asio::any_io_executor executor();
  boost::asio::thread_pool& blocking();  // for adapters' work, joined by end()
  sdk::AttachmentSource& attachments();
  store::Store& store();
  ops::Metrics& metrics();
  flow::ChannelBoard& board();
  flow::Intake& intake();
  flow::Operate& operate();
  const flow::Installation& installation() const;

  // All before begin().
  void answer_searches(http::SearchPage);
  // Asked by /readyz beside the store and the log. On any thread.
  void ready_when(std::function<Result<void>()>);
  // Told when another broker paused channels or let them go on. On a thread for blocking work.
  void when_pauses_change(std::function<void(const std::vector<store::PausedChannel>&)>);

 private:
  struct Parts;
  explicit Core(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

// A channel stopped, or goes on, by itself: an audit record, written when the store comes to it.
void note_by_itself(Core&, std::string channel, bool paused, std::string reason);

}  // namespace fabu::cli
