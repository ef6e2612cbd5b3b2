// What the broker knows of its channels: which run, which are paused and why. Filled by the hosts, read by inquiry and
// metrics; operators pause and resume through it.
#pragma once

#include <fabu/v1/api.pb.h>

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace fabu::flow {

// One channel as its host sees it. Implemented by whoever runs the host (cli wires adapters/sdk's host to this).
class ChannelControl {
 public:
  virtual ~ChannelControl() = default;
  virtual v1::ChannelView view() const = 0;    // waiting and dead are filled by inquiry
  virtual void pause(std::string reason) = 0;  // an operator's; until resume
  virtual void resume() = 0;                   // ends any pause, stop or open circuit at once
};

// Thread-safe.
class ChannelBoard {
 public:
  void add(const std::string& name, std::shared_ptr<ChannelControl>);
  std::shared_ptr<ChannelControl> find(const std::string& name) const;  // null: no such channel here
  std::vector<v1::ChannelView> views() const;

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::shared_ptr<ChannelControl>> channels_;
};

}  // namespace fabu::flow
