#include "adapters/sdk/nap.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>

namespace fabu::sdk {
namespace asio = boost::asio;

namespace {

asio::awaitable<void> for_ever() {
  const auto executor = co_await asio::this_coro::executor;
  asio::steady_timer timer(executor, asio::steady_timer::time_point::max());
  co_await timer.async_wait(asio::use_awaitable);
}

}  // namespace

asio::awaitable<void> Nap::sleep(asio::any_io_executor strand, Sleeper& sleeper, std::optional<Instant> until) {
  const auto signal = begin();
  auto wait = until ? sleeper.sleep(*until) : for_ever();
  // Whether it ran out or was cut short is all one: the caller looks at its state and the clock.
  co_await asio::co_spawn(strand, std::move(wait),
                          asio::bind_cancellation_slot(signal->slot(), asio::as_tuple(asio::use_awaitable)));
  signal_.reset();
}

void Nap::interrupt() {
  if (signal_) signal_->emit(asio::cancellation_type::terminal);
}

}  // namespace fabu::sdk
