#include "broker/cli/broker.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <chrono>
#include <exception>
#include <future>
#include <optional>
#include <thread>
#include <utility>

#include "broker/cli/data_folder.h"
#include "broker/cli/escape.h"
#include "broker/cli/local_attachments.h"
#include "broker/flow/dispatch.h"
#include "broker/flow/inquiry.h"
#include "broker/flow/intake.h"
#include "broker/flow/operate.h"
#include "broker/flow/published_log.h"
#include "broker/flow/sealer.h"
#include "broker/flow/settlement.h"
#include "broker/http/api.h"
#include "broker/http/auth.h"
#include "broker/http/key_text.h"
#include "broker/http/router.h"
#include "broker/http/server.h"
#include "broker/ops/health.h"
#include "broker/ops/metrics.h"
#include "broker/store/sqlite/sqlite_store.h"
#include "broker/transport/embedded/embedded.h"

namespace fabu::cli {
namespace asio = boost::asio;

namespace {

constexpr std::size_t kReads = 2;                         // the store has as many reader connections
constexpr std::size_t kAdapters = 4;                      // pages, sheets, files, printers
constexpr std::chrono::microseconds kOfferPatience{200};  // docs/decisions/0002
constexpr std::chrono::seconds kRequestGrace{10};

flow::Operate::FreshKey fresh_key() {
  const auto key = http::make_key(http::system_random());
  flow::Operate::FreshKey fresh;
  fresh.record.id = key.id;
  fresh.record.secret = key.digest();
  fresh.text = key.text();
  return fresh;
}

// "https://ggj.example.gov.cn" → "ggj.example.gov.cn/log": the scheme-less prefix of the log's address. Empty stays empty.
std::string origin_of(const std::string& base_url) {
  const auto scheme = base_url.find("://");
  return scheme == std::string::npos ? std::string() : base_url.substr(scheme + 3) + "/log";
}

// The log's key, once the log was begun; a broker that listens begins it. The stored log must continue what was signed.
Result<std::optional<audit::SigningKey>> signing_key(const DataFolder& folder, const BrokerSetup& setup, store::Store& store) {
  if (setup.listen_host.empty() && folder.origin().empty()) return std::optional<audit::SigningKey>{};
  const auto origin = folder.fix_origin(origin_of(setup.base_url));
  if (!origin) return origin.error();
  auto key = folder.key(*origin);
  if (!key) return key.error();
  if (const auto good = folder.check_not_rolled_back(store, *key); !good) return good.error();
  return std::optional<audit::SigningKey>(std::move(*key));
}

// An io_context with its one thread.
class Loop {
 public:
  asio::io_context& io() { return io_; }
  void start() {
    thread_ = std::thread([this] { run_or_die(io_); });
  }
  // Lets everything that was begun end.
  void finish() {
    guard_.reset();
    if (thread_.joinable()) thread_.join();
  }

 private:
  asio::io_context io_{1};
  asio::executor_work_guard<asio::io_context::executor_type> guard_{io_.get_executor()};
  std::thread thread_;
};

}  // namespace

// In the order of their making; they go in the opposite one.
struct Broker::Parts {
  Parts(BrokerSetup s, const Clock& c, std::unique_ptr<store::Store> opened, std::optional<audit::SigningKey> key)
      : setup(std::move(s)), clock(c), started(c.now()), store(std::move(opened)), signing(std::move(key)) {}

  BrokerSetup setup;
  const Clock& clock;
  const Instant started;
  std::unique_ptr<store::Store> store;
  std::optional<audit::SigningKey> signing;  // nothing before the log was begun
  const std::string verifier = signing ? signing->verifier_text() : std::string();
  DataFolder folder{setup.data};
  Loop serving;  // HTTP, the use cases and the channel hosts; what blocks runs on the pools
  asio::thread_pool reads{kReads}, adapters{kAdapters};
  ops::Metrics metrics{setup.installation.channels};
  flow::ChannelBoard board;
  transport::EmbeddedTransport transport;
  flow::Sealer sealer{*store,
                      [this](std::uint64_t size, const Digest& root) { return signing->sign_checkpoint(size, root); },
                      [this](const std::string& note) { return folder.keep_checkpoint(note); },
                      clock,
                      metrics,
                      serving.io().get_executor(),
                      reads};
  flow::Dispatch dispatch{*store, transport,     setup.catalogue, setup.installation, clock, metrics, serving.io().get_executor(),
                          reads,  kOfferPatience};
  flow::Settlement settlement{*store, dispatch, clock, metrics};
  flow::Intake intake{*store, setup.catalogue, setup.installation, clock, dispatch, metrics};
  flow::Inquiry inquiry{*store, setup.catalogue, setup.installation, board, clock, reads, [this] { return seal(); }, verifier};
  flow::Operate operate{*store, setup.catalogue, setup.installation, board, clock, dispatch, fresh_key};
  http::Auth auth{[this](const std::string& id) { return store->key(id); }, reads};
  LocalAttachments attachments{*store};
  http::SearchPage search;
  std::vector<std::shared_ptr<ChannelRunner>> runners;
  std::unique_ptr<http::Router> router;
  std::unique_ptr<http::Server> server;
  std::future<void> sealing;
  unsigned short port = 0;
  bool begun = false;

  bool listens() const { return !setup.listen_host.empty(); }
  void make_router();
  Result<void> listen();
  Result<void> make_channels();
  void begin();
  void end_sealing();
  void stop();
  asio::awaitable<Result<store::StoredCheckpoint>> seal();
  Result<void> ready() const { return ops::readiness(store->log_head().size, sealer.newest(), started, clock.now()); }
};

void Broker::Parts::make_router() {
  http::ApiDeps deps{intake, inquiry, operate, *store, auth, clock, reads, {}, {}, {}, {}, setup.site};
  deps.metrics = [this] { return metrics.text(*store); };
  deps.ready = [this] { return ready(); };
  deps.log = [this](const std::string& path) -> Result<std::string> {
    flow::PublishedLog log(*store, sealer);
    auto file = audit::serve_path(log, path);
    if (!file) return file.error();
    return std::move(file->bytes);
  };
  deps.search = [this](const http::Request& request) {
    return search ? search(request) : http::text_response(404, "text/plain; charset=utf-8", "There is no search here.\n");
  };
  router = std::make_unique<http::Router>(http::make_router(std::move(deps)));
}

asio::awaitable<Result<store::StoredCheckpoint>> Broker::Parts::seal() {
  if (!signing) {
    co_return Error{ErrorCode::unavailable,
                    "log",
                    "The log was not begun yet: nothing was ever signed.",
                    "Start `fabu serve` on this folder once.",
                    {}};
  }
  auto sealed = co_await sealer.seal();
  co_return sealed;
}

// Connections wait in the backlog until the loops run.
Result<void> Broker::Parts::listen() {
  http::ServerOptions options;
  options.limits = setup.limits;
  options.observe = [this](const std::string& route, int status, double seconds) { metrics.request(route, status, seconds); };
  server = std::make_unique<http::Server>(serving.io().get_executor(), *router, std::move(options));
  const auto got = server->listen_tcp(setup.listen_host, setup.listen_port);
  if (!got) return got.error();
  port = *got;
  if (setup.base_url.empty()) setup.base_url = "http://" + setup.listen_host + ":" + std::to_string(port);
  return server->listen_unix(folder.socket());
}

Result<void> Broker::Parts::make_channels() {
  if (!setup.channels) return {};
  try {
    ChannelSet set = setup.channels({adapters, attachments, clock, setup.base_url});
    search = std::move(set.search);
    const auto paused = store->paused_channels();
    if (!paused) return paused.error();
    for (auto& channel : set.channels) {
      const std::string name = channel.name;
      runners.push_back(
          std::make_shared<ChannelRunner>(std::move(channel), transport, clock, metrics, operate, serving.io().get_executor()));
      board.add(name, runners.back());
      const auto pause = std::find_if(paused->begin(), paused->end(), [&](const auto& p) { return p.channel == name; });
      if (pause != paused->end()) runners.back()->pause(pause->reason);
    }
    return {};
  } catch (const std::exception& e) {
    return Error{ErrorCode::io, "channels", e.what(), "Mend it, or take the channel out of the configuration.", {}};
  }
}

void Broker::Parts::begin() {
  begun = true;
  serving.start();
  if (!listens()) return;
  transport.attach(
      [this](v1::Report report, std::function<void(bool)> done) { settlement.report(std::move(report), std::move(done)); },
      [this](const std::string& channel) { dispatch.room(channel); },
      [this](const std::string& channel) { dispatch.due(channel, clock.now()); });
  store->record(audit::started(FABU_VERSION), clock.now(), [this](const Result<std::uint64_t>& recorded) {
    if (!recorded) metrics.store_failed("record start", recorded.error().what);
  });
  dispatch.start();
  for (auto& runner : runners) runner->start();
  const auto every = std::chrono::duration_cast<Millis>(setup.seal_every);
  sealing = asio::co_spawn(serving.io(), sealer.run(every), asio::use_future);
}

// What is left unsealed is sealed by the next start.
void Broker::Parts::end_sealing() {
  sealer.stop();
  try {
    sealing.get();
    const auto sealed = asio::co_spawn(serving.io(), sealer.seal(), asio::use_future).get();
    if (!sealed) metrics.store_failed("seal", sealed.error().what);
  } catch (...) {
    log_escape("sealing_failed", std::current_exception());
  }
}

void Broker::Parts::stop() {
  if (!std::exchange(begun, false)) return;
  if (server) asio::co_spawn(serving.io(), server->stop(kRequestGrace), asio::use_future).get();
  for (auto& runner : runners) runner->stop();
  for (auto& runner : runners) runner->wait();
  dispatch.stop();
  transport.close();
  if (sealing.valid()) end_sealing();
  serving.finish();
  adapters.join();
  reads.join();
  store->close();
}

Broker::Broker(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Broker::~Broker() {
  stop();
}

Result<std::unique_ptr<Broker>> Broker::start(BrokerSetup setup, const Clock& clock) {
  const DataFolder folder(setup.data);
  if (const auto prepared = folder.prepare(); !prepared) return prepared.error();
  store::SqliteOptions options;
  options.folder = setup.data;
  auto opened = store::open_sqlite(options);
  if (!opened) return opened.error();
  auto key = signing_key(folder, setup, **opened);
  if (!key) return key.error();
  auto checkpoint = (*opened)->latest_checkpoint();
  if (!checkpoint) return checkpoint.error();
  auto parts = std::make_unique<Parts>(std::move(setup), clock, std::move(*opened), std::move(*key));
  if (*checkpoint) parts->sealer.adopt(std::move(**checkpoint));
  parts->make_router();
  std::unique_ptr<Broker> broker(new Broker(std::move(parts)));
  auto& p = *broker->parts_;
  if (p.listens()) {
    if (const auto listening = p.listen(); !listening) return listening.error();
    if (const auto made = p.make_channels(); !made) return made.error();
  }
  p.begin();
  return broker;
}

unsigned short Broker::port() const {
  return parts_->port;
}
const std::string& Broker::base_url() const {
  return parts_->setup.base_url;
}
const std::string& Broker::verifier_key() const {
  return parts_->verifier;
}

http::Response Broker::call(http::Request request) {
  request.local = true;
  return asio::co_spawn(parts_->serving.io(), http::handle(*parts_->router, std::move(request)), asio::use_future).get();
}

void Broker::stop() {
  parts_->stop();
}

}  // namespace fabu::cli
