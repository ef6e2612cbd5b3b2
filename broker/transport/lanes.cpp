#include "broker/transport/lanes.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace fabu::transport {

void Lanes::make_ready(std::uint64_t item_id, Lane& lane) {
  if (spare_.empty()) {
    ready_.push_back(item_id);
  } else {
    spare_.front() = item_id;
    ready_.splice(ready_.end(), spare_, spare_.begin());
  }
  lane.place = std::prev(ready_.end());
}

void Lanes::unready(Lane& lane) {
  spare_.splice(spare_.end(), ready_, lane.place);
}

Lanes::Offered Lanes::offer(v1::Work work) {
  if (items_.contains(work.delivery().id())) return Offered::known;
  if (waiting_ >= capacity_) return Offered::full;
  const std::uint64_t item_id = work.delivery().item_id();
  items_.emplace(work.delivery().id(), item_id);
  auto& lane = lanes_[item_id];
  if (lane.waiting.empty() && lane.under_way.empty()) make_ready(item_id, lane);
  const auto older = [](const v1::Work& a, const v1::Work& b) { return a.delivery().edition() < b.delivery().edition(); };
  const auto place = std::upper_bound(lane.waiting.begin(), lane.waiting.end(), work, older);
  lane.waiting.insert(place, std::move(work));
  ++waiting_;
  return Offered::queued;
}

void Lanes::take(std::size_t most, std::vector<v1::Work>& taken) {
  taken.reserve(std::min(most, ready_.size()));
  for (; most > 0 && !ready_.empty(); --most) {
    auto& lane = lanes_.find(ready_.front())->second;
    unready(lane);
    taken.push_back(std::move(lane.waiting.front()));
    lane.waiting.erase(lane.waiting.begin());
    lane.under_way = taken.back().delivery().id();
    --waiting_;
  }
}

bool Lanes::finish(const std::string& delivery_id) {
  const auto known = items_.find(delivery_id);
  if (known == items_.end()) return false;
  const std::uint64_t item_id = known->second;
  const auto found = lanes_.find(item_id);
  auto& lane = found->second;
  if (lane.under_way != delivery_id) return false;
  items_.erase(known);
  lane.under_way.clear();
  if (lane.waiting.empty()) {
    lanes_.erase(found);
  } else {
    make_ready(item_id, lane);
  }
  return true;
}

bool Lanes::recall(const std::string& delivery_id) {
  const auto known = items_.find(delivery_id);
  if (known == items_.end()) return false;
  const auto found = lanes_.find(known->second);
  auto& lane = found->second;
  const auto same = [&](const v1::Work& work) { return work.delivery().id() == delivery_id; };
  const auto place = std::find_if(lane.waiting.begin(), lane.waiting.end(), same);
  if (place == lane.waiting.end()) return false;  // a worker has it
  lane.waiting.erase(place);
  --waiting_;
  items_.erase(known);
  if (!lane.waiting.empty() || !lane.under_way.empty()) return true;
  unready(lane);
  lanes_.erase(found);
  return true;
}

}  // namespace fabu::transport
