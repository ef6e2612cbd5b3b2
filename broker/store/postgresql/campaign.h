// Exactly one broker of a database leads: the one whose connection holds an advisory lock. The others wait for it, so that one of
// them leads as soon as the lock is free.
//
// The leader writes that it lives, some times within `patience`. When that stands still for so long by a follower's own clock,
// the follower ends the connection that holds the lock. The leader for its part takes itself for one only three quarters of that
// time after it last sent that it lives: when it was stopped and goes on, it knows that it leads no longer before it is told.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "broker/store/postgresql/connection.h"
#include "broker/store/postgresql/wake.h"
#include "broker/store/store.h"

namespace fabu::store::pg {

// Thread-safe.
class Campaign {
 public:
  // Takes over what these sessions, which are over, left; `done` when it is over or has failed. The leader asks for it as long as
  // there is something, once a second.
  using Adopt = std::function<void(std::vector<std::uint64_t> owners, std::function<void()> done)>;

  Campaign(std::string address, std::chrono::milliseconds patience, Adopt);
  ~Campaign();
  // Stands from now on. Once.
  void start(OnLead);
  bool leads() const;
  // Leads no longer, and tells nobody.
  void close();

 private:
  using Clock = std::chrono::steady_clock;
  struct Leader;
  class Observer;

  void loop();
  void stand();
  bool wait_for_lock(Connection&);
  void lead(Connection&);
  std::vector<std::uint64_t> beat(Connection&);
  void adopt(std::vector<std::uint64_t> owners);
  void step_down();
  std::chrono::milliseconds interval() const;

  const std::string address_;
  const std::chrono::milliseconds patience_;
  const Adopt adopt_;
  OnLead on_lead_;
  Wake wake_;
  std::atomic<bool> stopped_ = false;
  std::atomic<bool> adopting_ = false;
  std::atomic<Clock::rep> until_ = 0;  // leads until then
  bool told_ = false;                  // of the thread: on_lead(true) was the last
  std::thread thread_;
};

}  // namespace fabu::store::pg
