#include "broker/cli/channel_runner.h"

#include <spdlog/spdlog.h>

#include <boost/asio/co_spawn.hpp>
#include <exception>
#include <utility>

#include "broker/cli/escape.h"

namespace fabu::cli {
namespace asio = boost::asio;

ChannelRunner::ChannelRunner(ChannelSetup setup, transport::WorkerEnd& transport, const Clock& clock, ops::Metrics& metrics,
                             NoteChannel note, asio::any_io_executor executor)
    : name_(setup.name),
      channel_(std::move(setup.channel)),
      metrics_(metrics),
      note_(std::move(note)),
      executor_(std::move(executor)) {
  setup.host.on_event = [this](const sdk::HostEvent& event) { on_event(event); };
  host_ = std::make_unique<sdk::ChannelHost>(setup.name, setup.kind, *channel_, transport, clock, std::move(setup.host));
  metrics_.channel_state(setup.name, sdk::word(sdk::ChannelState::running));
}

void ChannelRunner::start() {
  started_ = true;
  asio::co_spawn(executor_, host_->run(), [this](std::exception_ptr failure) {
    log_escape("channel_failed", failure);
    ended_.set_value();
  });
}

void ChannelRunner::stop() {
  host_->stop();
}

void ChannelRunner::wait() {
  if (std::exchange(started_, false)) ended_.get_future().wait();
}

v1::ChannelView ChannelRunner::view() const {
  return host_->view();
}
void ChannelRunner::pause(std::string reason) {
  host_->pause(std::move(reason));
}
void ChannelRunner::resume() {
  host_->resume();
}

// Deliveries and setbacks are counted where they are stored (flow/settlement).
void ChannelRunner::on_event(const sdk::HostEvent& event) {
  if (const auto* state = std::get_if<sdk::StateEvent>(&event)) on_state(*state);
}

void ChannelRunner::on_state(const sdk::StateEvent& event) {
  const bool runs = event.state == sdk::ChannelState::running;
  metrics_.channel_state(event.channel, sdk::word(event.state));
  spdlog::log(runs ? spdlog::level::info : spdlog::level::warn, "event=channel_state channel={} state={} reason=\"{}\" until={}",
              event.channel, sdk::word(event.state), event.reason, event.until ? format_utc(*event.until) : "-");
  if (event.state == sdk::ChannelState::half_open) return;  // a probe changes nothing yet
  // An operator's pause and its end are recorded as the operator's.
  const bool by_operator = event.state == sdk::ChannelState::paused && !event.until;
  const bool ends_operators = std::exchange(paused_by_operator_, by_operator) && runs;
  if (by_operator || ends_operators) return;
  if (note_) note_(event.channel, !runs, std::string(sdk::word(event.state)) + ": " + event.reason);
}

}  // namespace fabu::cli
