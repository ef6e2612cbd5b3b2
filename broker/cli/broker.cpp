#include "broker/cli/broker.h"

#include <utility>

#include "broker/cli/channel_crew.h"
#include "broker/transport/embedded/embedded.h"

namespace fabu::cli {

// In the order of their making; they go in the opposite one.
struct Broker::Parts {
  transport::EmbeddedTransport transport;
  std::unique_ptr<Core> core;
  ChannelCrew crew;
};

Broker::Broker(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Broker::~Broker() {
  stop();
}

Result<std::unique_ptr<Broker>> Broker::start(BrokerSetup setup, const Clock& clock) {
  auto parts = std::make_unique<Parts>();
  auto& p = *parts;
  auto core = Core::open(std::move(setup.core), clock, p.transport);
  if (!core) return core.error();
  p.core = std::move(*core);
  std::unique_ptr<Broker> broker(new Broker(std::move(parts)));
  if (p.core->listens()) {
    if (const auto listening = p.core->listen(); !listening) return listening.error();
    if (const auto hired = broker->hire(setup.channels, clock); !hired) return hired.error();
  }
  p.core->begin();
  p.crew.start();
  return broker;
}

// The channels of this process, paused where an operator paused them.
Result<void> Broker::hire(const MakeChannels& make, const Clock& clock) {
  auto& core = *parts_->core;
  CrewPlace place{parts_->transport, clock, core.metrics(), core.executor(),
                  [&core](std::string channel, bool paused, std::string why) {
                    note_by_itself(core, std::move(channel), paused, std::move(why));
                  }};
  auto search = parts_->crew.hire(make, {core.blocking(), core.attachments(), clock, core.base_url()}, place);
  if (!search) return search.error();
  core.answer_searches(std::move(*search));
  const auto paused = core.store().paused_channels();
  if (!paused) return paused.error();
  for (const auto& runner : parts_->crew.runners()) {
    core.board().add(runner->name(), runner);
    for (const auto& pause : *paused) {
      if (pause.channel == runner->name()) runner->pause(pause.reason);
    }
  }
  return {};
}

unsigned short Broker::port() const {
  return parts_->core->port();
}
const std::string& Broker::base_url() const {
  return parts_->core->base_url();
}
const std::string& Broker::verifier_key() const {
  return parts_->core->verifier_key();
}
http::Response Broker::call(http::Request request) {
  return parts_->core->call(std::move(request));
}

void Broker::stop() {
  parts_->core->end_requests();
  parts_->crew.stop();
  parts_->core->end_dispatch();
  parts_->core->end();
}

}  // namespace fabu::cli
