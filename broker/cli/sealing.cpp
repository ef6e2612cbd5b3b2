#include "broker/cli/sealing.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <exception>
#include <utility>

#include "broker/cli/escape.h"
#include "broker/cli/log_key.h"
#include "broker/flow/off_thread.h"

namespace fabu::cli {
namespace asio = boost::asio;

Sealing::Sealing(store::Store& store, flow::Sealer& sealer, const DataFolder& folder, flow::Events& events,
                 asio::any_io_executor executor, asio::thread_pool& reads)
    : store_(store),
      sealer_(sealer),
      folder_(folder),
      events_(events),
      executor_(std::move(executor)),
      reads_(reads),
      timer_(executor_) {}

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
  if (!store_.leads()) {
    auto taking = [this] { return take_over(); };
    co_return co_await flow::off_thread(reads_, taking);
  }
  const auto sealed = co_await sealer_.seal();
  if (!sealed) co_return sealed.error();
  co_return Result<void>();
}

Result<void> Sealing::take_over() {
  auto newest = store_.latest_checkpoint();
  if (!newest) return newest.error();
  if (!*newest || (*newest)->size <= sealer_.newest().size || !is_of_log(**newest, folder_)) return {};
  if (const auto kept = folder_.keep_checkpoint((*newest)->note); !kept) return kept.error();
  sealer_.adopt(std::move(**newest));
  return {};
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
