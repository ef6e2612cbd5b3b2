#include "broker/cli/cluster_broker.h"

#include <atomic>
#include <optional>
#include <utility>

#include "broker/cli/remote_channels.h"

namespace fabu::cli {
namespace {

using transport::rabbitmq::RabbitBrokerEnd;

}  // namespace

// In the order of their making; they go in the opposite one.
struct ClusterBroker::Parts {
  Parts(ClusterBrokerSetup s) : setup(std::move(s)), rabbit(setup.rabbitmq) {}

  ClusterBrokerSetup setup;
  RabbitBrokerEnd rabbit;
  std::unique_ptr<Core> core;
  std::optional<RemoteChannels> channels;
  std::optional<amqp::Intake> intake;
  std::atomic<bool> taking{false};  // intake is there
  bool begun = false;

  Result<void> prepare(const Clock&);
  void begin();
  Result<void> ready() const;
};

Result<void> ClusterBroker::Parts::ready() const {
  const bool up = taking && rabbit.up() && intake->up();
  if (up) return {};
  return Error{
      ErrorCode::unavailable, "rabbitmq", "RabbitMQ cannot be reached.", "See the log; it is tried again all the time.", {}};
}

// Channels are noted by the broker that leads: all of them hear every worker.
Result<void> ClusterBroker::Parts::prepare(const Clock& clock) {
  channels.emplace(
      core->installation().channels, clock, [this](const v1::ChannelSwitches& switches) { rabbit.tell(switches); },
      [this](std::string channel, bool paused, std::string reason) {
        if (core->store().leads()) note_by_itself(*core, std::move(channel), paused, std::move(reason));
      },
      core->metrics());
  channels->join(core->board());
  const auto paused = core->store().paused_channels();
  if (!paused) return paused.error();
  channels->set_paused(*paused);
  core->when_pauses_change([this](const std::vector<store::PausedChannel>& all) { channels->set_paused(all); });
  core->ready_when([this] { return ready(); });
  return {};
}

void ClusterBroker::Parts::begin() {
  begun = true;
  core->begin();
  rabbit.start({[this] { return channels->paused(); }, [this](const v1::WorkerStatus& status) { channels->heard(status); }});
  intake.emplace(setup.intake, core->intake(), rabbit.publisher(), core->executor());
  taking = true;
}

ClusterBroker::ClusterBroker(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

ClusterBroker::~ClusterBroker() {
  stop();
}

Result<std::unique_ptr<ClusterBroker>> ClusterBroker::start(ClusterBrokerSetup setup, const Clock& clock) {
  auto parts = std::make_unique<Parts>(std::move(setup));
  auto& p = *parts;
  auto core = Core::open(std::move(p.setup.core), clock, p.rabbit);
  if (!core) return core.error();
  p.core = std::move(*core);
  if (const auto listening = p.core->listen(); !listening) return listening.error();
  if (const auto prepared = p.prepare(clock); !prepared) return prepared.error();
  std::unique_ptr<ClusterBroker> broker(new ClusterBroker(std::move(parts)));
  p.begin();
  return broker;
}

unsigned short ClusterBroker::port() const {
  return parts_->core->port();
}
const std::string& ClusterBroker::base_url() const {
  return parts_->core->base_url();
}

// What was submitted over AMQP and is under way is stored and answered before the last seal is stored; what is not answered by
// then stays with RabbitMQ.
void ClusterBroker::stop() {
  auto& p = *parts_;
  if (!std::exchange(p.begun, false)) return;
  p.intake->stop();
  p.core->end_requests();
  p.core->end_dispatch();
  p.rabbit.stop();
  p.core->end();
}

}  // namespace fabu::cli
