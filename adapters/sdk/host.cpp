#include "adapters/sdk/host.h"

#include <utility>

#include "adapters/sdk/host_core.h"

namespace fabu::sdk {

ChannelHost::ChannelHost(std::string name, std::string kind, Channel& channel, transport::WorkerEnd& worker, const Clock& clock,
                         HostOptions options)
    : core_(std::make_shared<Core>(std::move(name), std::move(kind), channel, worker, clock, std::move(options))) {}
ChannelHost::~ChannelHost() = default;

boost::asio::awaitable<void> ChannelHost::run() {
  return core_->run();
}
void ChannelHost::stop() {
  core_->stop();
}
void ChannelHost::pause(std::string reason) {
  core_->pause(std::move(reason));
}
void ChannelHost::resume() {
  core_->resume();
}
v1::ChannelView ChannelHost::view() const {
  return core_->view();
}
boost::asio::awaitable<Outcome<v1::Observation>> ChannelHost::observe(v1::Receipt receipt) {
  return core_->observe(std::move(receipt));
}

}  // namespace fabu::sdk
