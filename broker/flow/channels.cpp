#include "broker/flow/channels.h"

namespace fabu::flow {

void ChannelBoard::add(const std::string& name, std::shared_ptr<ChannelControl> control) {
  const std::lock_guard lock(mutex_);
  channels_[name] = std::move(control);
}

std::shared_ptr<ChannelControl> ChannelBoard::find(const std::string& name) const {
  const std::lock_guard lock(mutex_);
  const auto found = channels_.find(name);
  return found == channels_.end() ? nullptr : found->second;
}

std::vector<v1::ChannelView> ChannelBoard::views() const {
  std::map<std::string, std::shared_ptr<ChannelControl>> copy;
  {
    const std::lock_guard lock(mutex_);
    copy = channels_;
  }
  std::vector<v1::ChannelView> views;
  for (const auto& [name, control] : copy) views.push_back(control->view());
  return views;
}

}  // namespace fabu::flow
