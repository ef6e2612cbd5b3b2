#include "broker/cli/remote_channels.h"

#include <spdlog/spdlog.h>

#include <utility>

namespace fabu::cli {
namespace {

bool runs(const v1::ChannelView& view) {
  return view.state() == "running" || view.state().empty();
}

// A pause without an end is an operator's, and a probe changes nothing yet.
bool by_itself(const v1::ChannelView& view) {
  return !runs(view) && view.state() != "half-open" && !(view.state() == "paused" && view.until_ms() == 0);
}

}  // namespace

class RemoteChannels::Control final : public flow::ChannelControl {
 public:
  Control(RemoteChannels& all, std::string name) : all_(all), name_(std::move(name)) {}
  const std::string& name() const { return name_; }
  v1::ChannelView view() const override { return all_.view(name_); }
  void pause(std::string reason) override { all_.pause(name_, std::move(reason)); }
  void resume() override { all_.resume(name_); }

 private:
  RemoteChannels& all_;
  const std::string name_;
};

RemoteChannels::RemoteChannels(const std::vector<std::string>& channels, const Clock& clock, Tell tell, NoteChannel note,
                               ops::Metrics& metrics)
    : channels_(channels), clock_(clock), tell_(std::move(tell)), note_(std::move(note)), metrics_(metrics) {
  for (const auto& channel : channels_) controls_.push_back(std::make_shared<Control>(*this, channel));
}
RemoteChannels::~RemoteChannels() = default;

void RemoteChannels::join(flow::ChannelBoard& board) const {
  for (const auto& control : controls_) board.add(control->name(), control);
}

// The best of what its workers say: it runs while one of them runs it.
v1::ChannelView RemoteChannels::view(const std::string& channel) const {
  const std::lock_guard lock(mutex_);
  v1::ChannelView best;
  std::uint64_t in_flight = 0;
  unsigned workers = 0;
  for (const auto& [name, worker] : workers_) {
    const auto found = worker.channels.find(channel);
    if (found == worker.channels.end() || clock_.now() - worker.heard > kSilence) continue;
    in_flight += found->second.in_flight();
    if (workers++ == 0 || (!runs(best) && runs(found->second))) best = found->second;
  }
  best.set_name(channel);
  best.set_in_flight(in_flight);
  if (const auto paused = paused_.find(channel); paused != paused_.end()) {
    best.set_state("paused");
    best.set_reason(paused->second);
    best.clear_until_ms();
  } else if (workers == 0) {
    best.set_state("stopped");
    best.set_reason("no worker of it is to be heard: start `fabu adapter " + channel + "`");
  }
  return best;
}

void RemoteChannels::pause(const std::string& channel, std::string reason) {
  v1::ChannelSwitches now;
  {
    const std::lock_guard lock(mutex_);
    paused_[channel] = std::move(reason);
    now = switches();
  }
  tell_(now);
}

void RemoteChannels::resume(const std::string& channel) {
  v1::ChannelSwitches now;
  {
    const std::lock_guard lock(mutex_);
    paused_.erase(channel);
    now = switches();
  }
  now.set_resumed(channel);
  tell_(now);
}

void RemoteChannels::set_paused(const std::vector<store::PausedChannel>& all) {
  v1::ChannelSwitches now;
  {
    const std::lock_guard lock(mutex_);
    std::map<std::string, std::string> paused;
    for (const auto& one : all) paused[one.channel] = one.reason;
    if (paused == paused_) return;
    paused_ = std::move(paused);
    now = switches();
  }
  tell_(now);
}

v1::ChannelSwitches RemoteChannels::switches() const {
  v1::ChannelSwitches switches;
  for (const auto& [channel, reason] : paused_) {
    auto* const one = switches.add_paused();
    one->set_channel(channel);
    one->set_reason(reason);
  }
  return switches;
}

v1::ChannelSwitches RemoteChannels::paused() const {
  const std::lock_guard lock(mutex_);
  return switches();
}

void RemoteChannels::compare(const v1::ChannelView& before, const v1::ChannelView& after, const std::string& worker,
                             std::vector<Note>& notes) const {
  if (before.state() == after.state() || after.state() == "half-open") return;
  if (by_itself(after) || (runs(after) && by_itself(before)))
    notes.push_back({after.name(), !runs(after), after.state() + " at " + worker + ": " + after.reason()});
}

void RemoteChannels::heard(const v1::WorkerStatus& status) {
  std::vector<Note> notes;
  bool came = false;
  {
    const std::lock_guard lock(mutex_);
    std::erase_if(workers_, [&](const auto& one) { return clock_.now() - one.second.heard > kSilence; });
    if (status.goodbye()) {
      workers_.erase(status.worker());
    } else {
      came = !workers_.contains(status.worker());
      auto& worker = workers_[status.worker()];
      worker.heard = clock_.now();
      for (const auto& view : status.channels()) {
        auto& known = worker.channels[view.name()];
        compare(known, view, status.worker(), notes);
        // A probe is no state to compare with: what follows it is compared with what was before.
        const auto state = view.state() == "half-open" && !known.state().empty() ? known.state() : view.state();
        known = view;
        known.set_state(state);
      }
    }
  }
  if (came) spdlog::info("event=worker_came worker={} version={}", status.worker(), status.version());
  if (status.goodbye()) spdlog::info("event=worker_left worker={}", status.worker());
  for (const auto& note : notes) {
    spdlog::log(note.paused ? spdlog::level::warn : spdlog::level::info, "event=channel_state channel={} worker={} reason=\"{}\"",
                note.channel, status.worker(), note.reason);
    if (note_) note_(note.channel, note.paused, note.reason);
  }
  for (const auto& channel : channels_) metrics_.channel_state(channel, view(channel).state());
}

}  // namespace fabu::cli
