// Runs one channel's host beside the broker: its events become metrics, log lines and audit records, its switch becomes a
// flow::ChannelControl.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <future>
#include <memory>
#include <string>

#include "adapters/sdk/host.h"
#include "broker/flow/channels.h"
#include "broker/ops/metrics.h"

namespace fabu::cli {

// One channel to run. The channel is made before its host and goes after it.
struct ChannelSetup {
  std::string name, kind;
  std::unique_ptr<sdk::Channel> channel;
  sdk::HostOptions host;
};

// Called when a channel stopped, or goes on, by itself: breakers, throttling, refused credentials. On the host's strand; must not
// block.
using NoteChannel = std::function<void(std::string channel, bool paused, std::string reason)>;

class ChannelRunner final : public flow::ChannelControl {
 public:
  ChannelRunner(ChannelSetup, transport::WorkerEnd&, const Clock&, ops::Metrics&, NoteChannel,
                boost::asio::any_io_executor executor);

  const std::string& name() const { return name_; }

  void start();
  void stop();  // asks; wait() waits
  void wait();  // until everything that was begun has ended

  v1::ChannelView view() const override;
  void pause(std::string reason) override;
  void resume() override;

 private:
  void on_event(const sdk::HostEvent&);
  void on_state(const sdk::StateEvent&);

  const std::string name_;
  std::unique_ptr<sdk::Channel> channel_;
  ops::Metrics& metrics_;
  NoteChannel note_;
  boost::asio::any_io_executor executor_;
  std::unique_ptr<sdk::ChannelHost> host_;
  std::promise<void> ended_;
  bool started_ = false;
  bool paused_by_operator_ = false;  // of the host's strand
};

}  // namespace fabu::cli
