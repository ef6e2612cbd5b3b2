// The queue of one channel, without threads or I/O: works in the order of their offers, but for each item one at a time and
// its older edition first.
#pragma once

#include <fabu/v1/delivery.pb.h>

#include <cstddef>
#include <cstdint>
#include <list>
#include <string>
#include <unordered_map>
#include <vector>

namespace fabu::transport {

// Not thread-safe. Waiting works are bounded by `capacity`; those under way by what the workers take.
class Lanes {
 public:
  explicit Lanes(std::size_t capacity) : capacity_(capacity) {}

  enum class Offered { queued, known, full };
  // known: the delivery waits or is under way already, and the new one is dropped.
  Offered offer(v1::Work work);
  // Moves up to `most` works to `taken`; their items are under way until finish().
  void take(std::size_t most, std::vector<v1::Work>& taken);
  // The delivery's item may go on. False: the delivery is not under way.
  bool finish(const std::string& delivery_id);
  // Drops a delivery that waits. False: it does not wait here.
  bool recall(const std::string& delivery_id);

  // It waits or is under way.
  bool knows(const std::string& delivery_id) const { return items_.contains(delivery_id); }
  // An item that could be taken now exists.
  bool ready() const { return !ready_.empty(); }
  std::size_t waiting() const { return waiting_; }
  std::size_t capacity() const { return capacity_; }

 private:
  // Invariant: the item is in ready_ exactly when it has works waiting and none under way; a lane with neither is erased.
  struct Lane {
    std::vector<v1::Work> waiting;  // by edition, oldest first; rarely more than one
    std::string under_way;          // delivery id; empty = none
    std::list<std::uint64_t>::iterator place;
  };

  std::size_t capacity_;
  std::size_t waiting_ = 0;
  std::list<std::uint64_t> ready_;
  std::list<std::uint64_t> spare_;  // emptied nodes, kept for reuse: at most capacity_ of them
  std::unordered_map<std::uint64_t, Lane> lanes_;
  std::unordered_map<std::string, std::uint64_t> items_;  // of every delivery that waits or is under way, by its id

  void make_ready(std::uint64_t item_id, Lane& lane);
  void unready(Lane& lane);
};

}  // namespace fabu::transport
