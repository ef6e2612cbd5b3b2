#include "broker/cli/sealing.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <exception>
#include <utility>

#include "broker/cli/escape.h"

namespace fabu::cli {
namespace asio = boost::asio;

Sealing::Sealing(flow::Sealer& sealer, flow::Events& events, asio::any_io_executor executor)
    : sealer_(sealer), events_(events), executor_(std::move(executor)), timer_(executor_) {}

void Sealing::start(std::chrono::milliseconds every) {
  running_ = asio::co_spawn(executor_, run(every), asio::use_future);
}

asio::awaitable<void> Sealing::run(std::chrono::milliseconds every) {
  while (!stopped_) {
    const auto done = co_await once();
    if (!done) events_.store_failed("seal", done.error().what);
    if (stopped_) break;
    timer_.expires_after(every);
    boost::system::error_code cancelled;
    co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
  }
}

asio::awaitable<Result<void>> Sealing::once() {
  const auto sealed = co_await sealer_.seal();
  if (!sealed) co_return sealed.error();
  co_return Result<void>();
}

void Sealing::end() {
  if (!running_.valid()) return;
  asio::post(executor_, [this] {
    stopped_ = true;
    timer_.cancel();
  });
  try {
    running_.get();
    const auto done = asio::co_spawn(executor_, once(), asio::use_future).get();
    if (!done) events_.store_failed("seal", done.error().what);
  } catch (...) {
    log_escape("sealing_failed", std::current_exception());
  }
}

}  // namespace fabu::cli
