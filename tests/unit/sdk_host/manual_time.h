// Time that a test moves: a Clock and a Sleeper in one. Single-threaded.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <list>

#include "adapters/sdk/sleeper.h"
#include "proto/fabu/time.h"

namespace fabu::sdk {

class ManualTime final : public Clock, public Sleeper {
 public:
  Instant now() const override { return now_; }

  boost::asio::awaitable<void> sleep(Instant until) override {
    if (until <= now_) co_return;
    const auto executor = co_await boost::asio::this_coro::executor;
    sleeps_.emplace_back(until, executor);
    const auto place = std::prev(sleeps_.end());
    boost::system::error_code unused;
    co_await place->timer.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, unused));
    const bool over = place->over;
    sleeps_.erase(place);
    if (!over) throw boost::system::system_error(boost::asio::error::operation_aborted, "sleep");
  }

  void advance(Millis by) {
    now_ += by;
    for (auto& sleep : sleeps_) {
      if (sleep.until > now_) continue;
      sleep.over = true;
      sleep.timer.cancel();
    }
  }
  std::size_t sleeping() const { return sleeps_.size(); }

 private:
  struct Sleep {
    Sleep(Instant end, const boost::asio::any_io_executor& executor)
        : until(end), timer(executor, boost::asio::steady_timer::time_point::max()) {}
    Instant until;
    boost::asio::steady_timer timer;
    bool over = false;
  };
  Instant now_{Millis{1'800'000'000'000}};
  std::list<Sleep> sleeps_;
};

}  // namespace fabu::sdk
