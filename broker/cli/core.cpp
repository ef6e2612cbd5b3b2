#include "broker/cli/core.h"

#include <spdlog/spdlog.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_future.hpp>
#include <exception>
#include <future>
#include <optional>
#include <stdexcept>
#include <utility>

#include "broker/audit/rollback.h"
#include "broker/cli/data_folder.h"
#include "broker/cli/escape.h"
#include "broker/cli/local_attachments.h"
#include "broker/cli/log_key.h"
#include "broker/cli/loop.h"
#include "broker/cli/lost_records.h"
#include "broker/cli/open_store.h"
#include "broker/cli/sealing.h"
#include "broker/flow/dispatch.h"
#include "broker/flow/inquiry.h"
#include "broker/flow/published_log.h"
#include "broker/flow/sealer.h"
#include "broker/flow/settlement.h"
#include "broker/http/api.h"
#include "broker/http/auth.h"
#include "broker/http/key_text.h"
#include "broker/http/router.h"
#include "broker/http/server.h"
#include "broker/ops/health.h"

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

Result<OpenStore> open_store_of(const CoreSetup& setup, const DataFolder& folder) {
  switch (setup.use) {
    case StoreUse::alone:
      return open_store(folder, setup.store, true, setup.bucket);
    case StoreUse::shared:
      return open_store(folder, setup.store, false, setup.bucket);
    case StoreUse::noted:
      return open_noted_store(folder, false);
  }
  return open_noted_store(folder, false);
}

}  // namespace

// In the order of their making; they go in the opposite one.
struct Core::Parts {
  Parts(CoreSetup s, const Clock& c, transport::BrokerEnd& t, OpenStore o, std::optional<audit::SigningKey> key)
      : setup(std::move(s)), clock(c), started(c.now()), transport(t), opened(std::move(o)), signing(std::move(key)) {}

  CoreSetup setup;
  const Clock& clock;
  const Instant started;
  transport::BrokerEnd& transport;
  OpenStore opened;
  std::optional<audit::SigningKey> signing;  // nothing before the log was begun
  store::Store* const store = opened.store.get();
  const std::string verifier = signing ? signing->verifier_text() : std::string();
  DataFolder folder{setup.data};
  Loop serving;  // HTTP, the use cases and the channel hosts; what blocks runs on the pools
  asio::thread_pool reads{kReads}, adapters{kAdapters};
  ops::Metrics metrics{setup.installation.channels};
  flow::ChannelBoard board;
  flow::Sealer sealer{*store,
                      [this](std::uint64_t size, const Digest& root) { return sign(size, root); },
                      [this](const std::string& note) { return folder.keep_checkpoint(note); },
                      clock,
                      metrics,
                      serving.io().get_executor(),
                      reads};
  Sealing sealing{*store, sealer, folder, metrics, serving.io().get_executor(), reads};
  flow::Dispatch dispatch{*store, transport,     setup.catalogue, setup.installation, clock, metrics, serving.io().get_executor(),
                          reads,  kOfferPatience};
  flow::Settlement settlement{*store, dispatch, clock, metrics};
  flow::Intake intake{*store, setup.catalogue, setup.installation, clock, dispatch, metrics};
  flow::Inquiry inquiry{*store, setup.catalogue, setup.installation, board, clock, reads, [this] { return seal(); }, verifier};
  flow::Operate operate{*store, setup.catalogue, setup.installation, board, clock, dispatch, fresh_key};
  http::Auth auth{[this](const std::string& id) { return store->key(id); }, reads};
  LocalAttachments attachments{*store};
  http::SearchPage search;
  std::function<Result<void>()> ready_beside;
  std::function<void(const std::vector<store::PausedChannel>&)> pauses_changed;
  std::unique_ptr<http::Router> router;
  std::unique_ptr<http::Server> server;
  unsigned short port = 0;
  bool begun = false;

  bool listens() const { return !setup.listen_host.empty(); }
  void make_router();
  Result<void> listen();
  void begin();
  std::string sign(std::uint64_t size, const Digest& root) const;
  void record_start();
  void heard(const store::News&);
  void end_dispatch();
  void end();
  asio::awaitable<Result<store::StoredCheckpoint>> seal();
  Result<void> ready() const;
};

Result<void> Core::Parts::ready() const {
  auto well = ops::readiness(store->log_head().size, sealer.newest(), started, clock.now());
  if (well && ready_beside) well = ready_beside();
  return well;
}

void Core::Parts::make_router() {
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

asio::awaitable<Result<store::StoredCheckpoint>> Core::Parts::seal() {
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

Result<void> Core::Parts::listen() {
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

// Never a second history: a database that went back while this broker ran, as a standby that was behind does, is not signed.
std::string Core::Parts::sign(std::uint64_t size, const Digest& root) const {
  const auto known = folder.signers(*signing);
  if (!known) throw std::runtime_error(known.error().what);
  const auto good = audit::check_not_rolled_back(*store, size, root, sealer.newest().note, *known);
  if (!good) throw std::runtime_error(good.error().what);
  return signing->sign_checkpoint(size, root);
}

// A restore that lost records has left words about them.
void Core::Parts::record_start() {
  auto draft = audit::started(FABU_VERSION);
  const auto loss = loss_to_tell(folder);
  if (!loss.empty()) draft.detail.set_note(draft.detail.note() + "; " + loss);
  store->record(std::move(draft), clock.now(), [this, loss](const Result<std::uint64_t>& recorded) {
    if (!recorded) return metrics.store_failed("record start", recorded.error().what);
    if (!loss.empty()) loss_was_told(folder);
  });
}

void Core::Parts::begin() {
  begun = true;
  serving.start();
  if (!listens()) return;
  transport.attach(
      [this](v1::Report report, transport::ReportDone done) { settlement.report(std::move(report), std::move(done)); },
      [this](const std::string& channel) { dispatch.room(channel); },
      [this](const std::string& channel) { dispatch.lost(channel); });
  store->subscribe([this](const store::News& news) { heard(news); });
  store->campaign([](bool) {});  // sealing asks before each time
  record_start();
  dispatch.start();
  sealing.start(setup.seal_every);
}

// On a thread of the store's: what reads it is posted.
void Core::Parts::heard(const store::News& news) {
  dispatch.heard(news);
  if (!pauses_changed || (!news.channels && !news.everything)) return;
  asio::post(reads, [this] {
    const auto all = store->paused_channels();
    if (!all) return metrics.store_failed("paused channels", all.error().what);
    pauses_changed(*all);
  });
}

// What is left unsealed is sealed by the next start.
void Core::Parts::end_dispatch() {
  dispatch.stop();
  transport.close();
  sealing.end();
}

void Core::Parts::end() {
  serving.finish();
  adapters.join();
  reads.join();
  store->close();
}

Core::Core(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Core::~Core() = default;

Result<std::unique_ptr<Core>> Core::open(CoreSetup setup, const Clock& clock, transport::BrokerEnd& transport) {
  const DataFolder folder(setup.data);
  if (const auto prepared = folder.prepare(); !prepared) return prepared.error();
  auto opened = open_store_of(setup, folder);
  if (!opened) return opened.error();
  auto& store = *opened->store;
  auto key = log_key(folder, store, setup.base_url, !setup.listen_host.empty());
  if (!key) return key.error();
  auto checkpoint = store.latest_checkpoint();
  if (!checkpoint) return checkpoint.error();
  auto parts = std::make_unique<Parts>(std::move(setup), clock, transport, std::move(*opened), std::move(*key));
  if (*checkpoint && is_of_log(**checkpoint, folder)) parts->sealer.adopt(std::move(**checkpoint));
  parts->make_router();
  return std::unique_ptr<Core>(new Core(std::move(parts)));
}

bool Core::listens() const {
  return parts_->listens();
}
Result<void> Core::listen() {
  return parts_->listen();
}
void Core::begin() {
  parts_->begin();
}
void Core::end_requests() {
  auto& p = *parts_;
  if (p.begun && p.server) asio::co_spawn(p.serving.io(), p.server->stop(kRequestGrace), asio::use_future).get();
}
void Core::end_dispatch() {
  if (parts_->begun) parts_->end_dispatch();
}
void Core::end() {
  if (std::exchange(parts_->begun, false)) parts_->end();
}

unsigned short Core::port() const {
  return parts_->port;
}
const std::string& Core::base_url() const {
  return parts_->setup.base_url;
}
const std::string& Core::verifier_key() const {
  return parts_->verifier;
}
http::Response Core::call(http::Request request) {
  request.local = true;
  return asio::co_spawn(parts_->serving.io(), http::handle(*parts_->router, std::move(request)), asio::use_future).get();
}

asio::any_io_executor Core::executor() {
  return parts_->serving.io().get_executor();
}
asio::thread_pool& Core::blocking() {
  return parts_->adapters;
}
sdk::AttachmentSource& Core::attachments() {
  return parts_->attachments;
}
store::Store& Core::store() {
  return *parts_->store;
}
ops::Metrics& Core::metrics() {
  return parts_->metrics;
}
flow::ChannelBoard& Core::board() {
  return parts_->board;
}
flow::Intake& Core::intake() {
  return parts_->intake;
}
flow::Operate& Core::operate() {
  return parts_->operate;
}
const flow::Installation& Core::installation() const {
  return parts_->setup.installation;
}
void Core::answer_searches(http::SearchPage page) {
  parts_->search = std::move(page);
}
void Core::ready_when(std::function<Result<void>()> beside) {
  parts_->ready_beside = std::move(beside);
}
void Core::when_pauses_change(std::function<void(const std::vector<store::PausedChannel>&)> tell) {
  parts_->pauses_changed = std::move(tell);
}

void note_by_itself(Core& core, std::string channel, bool paused, std::string reason) {
  asio::co_spawn(core.executor(), core.operate().note_channel(std::move(channel), paused, std::move(reason)),
                 [](std::exception_ptr failure) { log_escape("channel_note_failed", failure); });
}

}  // namespace fabu::cli
