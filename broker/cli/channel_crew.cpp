#include "broker/cli/channel_crew.h"

#include <exception>
#include <utility>

namespace fabu::cli {

Result<http::SearchPage> ChannelCrew::hire(const MakeChannels& make, const Surroundings& around, const CrewPlace& place) {
  if (!make) return http::SearchPage{};
  try {
    ChannelSet set = make(around);
    for (auto& channel : set.channels) {
      runners_.push_back(std::make_shared<ChannelRunner>(std::move(channel), place.transport, place.clock, place.metrics,
                                                         place.note, place.executor));
    }
    return std::move(set.search);
  } catch (const std::exception& e) {
    return Error{ErrorCode::io, "channels", e.what(), "Mend it, or take the channel out of the configuration.", {}};
  }
}

void ChannelCrew::start() {
  for (auto& runner : runners_) runner->start();
}

void ChannelCrew::stop() {
  for (auto& runner : runners_) runner->stop();
  for (auto& runner : runners_) runner->wait();
}

}  // namespace fabu::cli
