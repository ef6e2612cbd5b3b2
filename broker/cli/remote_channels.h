// Channels whose workers run elsewhere, as they tell how they stand: what operators see and switch of them, and what the log
// notes.
#pragma once

#include <fabu/v1/transport.pb.h>

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "broker/cli/channel_runner.h"
#include "broker/flow/channels.h"
#include "broker/ops/metrics.h"
#include "broker/store/store.h"
#include "proto/fabu/time.h"

namespace fabu::cli {

// Thread-safe.
class RemoteChannels {
 public:
  // Workers that are silent for so long are forgotten.
  static constexpr Millis kSilence{10'000};

  // `tell`: to every worker. `note`: a channel stopped, or goes on, by itself.
  using Tell = std::function<void(const v1::ChannelSwitches&)>;
  RemoteChannels(const std::vector<std::string>& channels, const Clock&, Tell tell, NoteChannel note, ops::Metrics&);
  ~RemoteChannels();

  void join(flow::ChannelBoard&) const;
  // From a worker.
  void heard(const v1::WorkerStatus&);
  // What operators have paused, on whichever broker; workers are told when it changed.
  void set_paused(const std::vector<store::PausedChannel>&);
  v1::ChannelSwitches paused() const;

 private:
  class Control;
  struct Worker {
    Instant heard;
    std::map<std::string, v1::ChannelView> channels;
  };
  struct Note {
    std::string channel;
    bool paused = false;
    std::string reason;
  };
  v1::ChannelView view(const std::string& channel) const;
  void pause(const std::string& channel, std::string reason);
  void resume(const std::string& channel);
  v1::ChannelSwitches switches() const;
  void compare(const v1::ChannelView& before, const v1::ChannelView& after, const std::string& worker, std::vector<Note>&) const;

  const std::vector<std::string> channels_;
  const Clock& clock_;
  const Tell tell_;
  const NoteChannel note_;
  ops::Metrics& metrics_;
  mutable std::mutex mutex_;                   // guards what follows; not held while telling or noting
  std::map<std::string, std::string> paused_;  // by channel: the operator's reason
  std::map<std::string, Worker> workers_;
  std::vector<std::shared_ptr<Control>> controls_;  // fixed after construction
};

}  // namespace fabu::cli
