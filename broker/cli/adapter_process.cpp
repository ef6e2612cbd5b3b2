#include "broker/cli/adapter_process.h"

#include <spdlog/spdlog.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <exception>
#include <map>
#include <mutex>
#include <utility>

#include "broker/cli/adapter_pages.h"
#include "broker/cli/fault_channel.h"
#include "broker/cli/loop.h"
#include "broker/http/server.h"
#include "broker/store/sqlite/folder_lock.h"

namespace fabu::cli {
namespace asio = boost::asio;

namespace {

constexpr std::size_t kThreads = 6;  // pages, sheets, files, printers, attachments
constexpr std::chrono::seconds kRequestGrace{10};

}  // namespace

// In the order of their making; they go in the opposite one.
struct AdapterProcess::Parts {
  Parts(AdapterSetup s, transport::WorkerEnd& t, const Clock& c, AdapterHooks h, store::FolderLock l)
      : setup(std::move(s)), transport(t), clock(c), hooks(std::move(h)), lock(std::move(l)), metrics(setup.names) {}

  AdapterSetup setup;
  transport::WorkerEnd& transport;
  const Clock& clock;
  AdapterHooks hooks;
  store::FolderLock lock;
  Loop loop;
  asio::thread_pool pool{kThreads};
  ops::Metrics metrics;
  sdk::HttpsAttachments attachments{setup.attachments, pool, clock};
  ChannelCrew crew;
  http::SearchPage search;
  std::unique_ptr<http::Router> router;
  std::unique_ptr<http::Server> server;
  unsigned short port = 0;
  bool begun = false;
  std::mutex mutex;
  std::map<std::string, std::string> paused;  // guarded by mutex: by operators, with the reason

  Result<void> hire();
  Result<void> listen();
  Result<void> ready() const;
};

Result<void> AdapterProcess::Parts::hire() {
  const MakeChannels make = [this](const Surroundings& around) {
    ChannelSet set = setup.channels(around);
    for (auto& one : set.channels) {
      if (setup.exit_before_report) one.channel = with_fault(std::move(one.channel), *setup.exit_before_report);
    }
    return set;
  };
  auto hired =
      crew.hire(make, {pool, attachments, clock, setup.base_url},
                {transport, clock, metrics, loop.io().get_executor(), [this](const std::string&, bool, const std::string&) {
                   if (hooks.changed) hooks.changed();
                 }});
  if (!hired) return hired.error();
  search = std::move(*hired);
  return {};
}

Result<void> AdapterProcess::Parts::ready() const {
  if (!hooks.up || hooks.up()) return {};
  return Error{
      ErrorCode::unavailable, "rabbitmq", "RabbitMQ cannot be reached.", "See the log; it is tried again all the time.", {}};
}

Result<void> AdapterProcess::Parts::listen() {
  if (setup.listen_host.empty()) return {};
  AdapterPages pages{setup.site, search, [this] { return metrics.text(); }, [this] { return ready(); }};
  router = std::make_unique<http::Router>(adapter_router(std::move(pages), pool));
  http::ServerOptions options;
  options.observe = [this](const std::string& route, int status, double seconds) { metrics.request(route, status, seconds); };
  server = std::make_unique<http::Server>(loop.io().get_executor(), *router, std::move(options));
  const auto got = server->listen_tcp(setup.listen_host, setup.listen_port);
  if (!got) return got.error();
  port = *got;
  return {};
}

AdapterProcess::AdapterProcess(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

AdapterProcess::~AdapterProcess() {
  stop();
}

Result<std::unique_ptr<AdapterProcess>> AdapterProcess::start(AdapterSetup setup, transport::WorkerEnd& transport,
                                                              const Clock& clock, AdapterHooks hooks) {
  try {
    std::filesystem::create_directories(setup.data);
    auto lock = store::FolderLock::take(setup.data);
    if (!lock) return lock.error();
    auto parts = std::make_unique<Parts>(std::move(setup), transport, clock, std::move(hooks), std::move(*lock));
    auto& p = *parts;
    if (const auto hired = p.hire(); !hired) return hired.error();
    if (const auto listening = p.listen(); !listening) return listening.error();
    std::unique_ptr<AdapterProcess> process(new AdapterProcess(std::move(parts)));
    p.begun = true;
    p.loop.start();
    p.crew.start();
    return process;
  } catch (const std::filesystem::filesystem_error& e) {
    return Error{ErrorCode::io, "--data", e.what(), "Name a folder that can be made.", {}};
  }
}

unsigned short AdapterProcess::port() const {
  return parts_->port;
}

// Who was paused by an operator and is no longer named goes on; who was not is left alone, whatever stopped it, unless it is the
// one that was just resumed.
void AdapterProcess::switched(const v1::ChannelSwitches& switches) {
  const std::lock_guard lock(parts_->mutex);
  std::map<std::string, std::string> paused;
  for (const auto& one : switches.paused()) paused[one.channel()] = one.reason();
  for (const auto& runner : parts_->crew.runners()) {
    const auto before = parts_->paused.find(runner->name());
    const auto after = paused.find(runner->name());
    if (after != paused.end()) {
      if (before == parts_->paused.end() || before->second != after->second) runner->pause(after->second);
    } else if (before != parts_->paused.end() || switches.resumed() == runner->name()) {
      runner->resume();
    }
  }
  parts_->paused = std::move(paused);
}

std::vector<v1::ChannelView> AdapterProcess::views() const {
  std::vector<v1::ChannelView> views;
  for (const auto& runner : parts_->crew.runners()) views.push_back(runner->view());
  return views;
}

void AdapterProcess::stop() {
  auto& p = *parts_;
  if (!std::exchange(p.begun, false)) return;
  if (p.server) asio::co_spawn(p.loop.io(), p.server->stop(kRequestGrace), asio::use_future).get();
  p.crew.stop();
  p.loop.finish();
  p.pool.join();
}

}  // namespace fabu::cli
