#include "adapters/sdk/sleeper.h"

#include <algorithm>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace fabu::sdk {

boost::asio::awaitable<void> TimerSleeper::sleep(Instant until) {
  constexpr Millis kLongest{60'000};
  const auto executor = co_await boost::asio::this_coro::executor;
  boost::asio::steady_timer timer(executor);
  const Instant now = clock_.now();
  timer.expires_after(until > now ? std::min(kLongest, Millis{until - now}) : Millis{0});
  co_await timer.async_wait(boost::asio::use_awaitable);
}

}  // namespace fabu::sdk
