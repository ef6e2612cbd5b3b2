// Inside of the channel host: the loop that takes works, the tries under way, and their end. See host.h.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <list>
#include <mutex>
#include <vector>

#include "adapters/sdk/attempt.h"
#include "adapters/sdk/host.h"
#include "adapters/sdk/nap.h"
#include "adapters/sdk/rate.h"

namespace fabu::sdk {

class ChannelHost::Core : public std::enable_shared_from_this<ChannelHost::Core> {
 public:
  Core(std::string name, std::string kind, Channel&, transport::WorkerEnd&, const Clock&, HostOptions);

  boost::asio::awaitable<void> run();
  void stop();
  void pause(std::string reason);
  void resume();
  v1::ChannelView view() const;
  boost::asio::awaitable<Outcome<v1::Observation>> observe(v1::Receipt receipt);

 private:
  // A delivery under way.
  struct Flight {
    v1::Work work;
    Instant began;
    Instant deadline;
    bool calling = true;     // inside the channel: may be cancelled
    bool timed_out = false;  // was cancelled for its time limit
    bool cut_short = false;  // was cancelled for a stop
    boost::asio::cancellation_signal cancel;
  };
  struct Step {
    std::size_t take = 0;          // 0: wait
    std::optional<Instant> until;  // nothing: until woken
  };

  boost::asio::awaitable<void> loop();
  boost::asio::awaitable<void> drain();
  boost::asio::awaitable<void> watch();
  boost::asio::awaitable<std::optional<std::vector<v1::Work>>> take(std::size_t most);
  boost::asio::awaitable<void> fly(Flight& flight);
  boost::asio::awaitable<void> give_back(std::string delivery_id);

  Step next_step() const;
  bool may_begin();
  void begin(v1::Work work);
  void landed(std::list<Flight>::iterator flight, std::exception_ptr failure);
  v1::Report conclude(const Flight& flight, const ReportedProgress& progress, Outcome<v1::Receipt> outcome);
  v1::Setback set_back(const Flight& flight, bool progress_refused, v1::Failure failure);
  void tell_outcome(const Flight& flight, const v1::Report& report, bool stored);
  void tell_state();
  void wake();
  bool stopping() const;

  const std::string name_;
  const std::string kind_;
  Channel& channel_;
  transport::WorkerEnd& worker_;
  const Clock& clock_;
  const HostOptions options_;
  const Limits limits_;
  TimerSleeper timers_;
  Sleeper& sleeper_;

  mutable std::mutex mutex_;  // guards what follows; never held over co_await or an event
  Gate gate_;
  Backoff backoff_;
  mutable Rate rate_;
  bool stopping_ = false;
  std::size_t in_flight_ = 0;
  boost::asio::any_io_executor strand_;  // empty unless run() is under way

  // Owned by the strand.
  std::list<Flight> flights_;
  Nap loop_nap_;
  Nap watch_nap_;
  bool receiving_ = false;  // the loop waits for works, not for a slot or a time
  bool watching_ = false;
  GateView told_;
};

}  // namespace fabu::sdk
