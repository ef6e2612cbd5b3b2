#include "broker/flow/sealer.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <future>
#include <utility>

#include "broker/flow/off_thread.h"

namespace fabu::flow {
namespace asio = boost::asio;

Sealer::Sealer(store::Store& store, SignCheckpoint sign, KeepCheckpoint keep, const Clock& clock, Events& events,
               asio::any_io_executor executor, asio::thread_pool& blocking)
    : store_(store),
      sign_(std::move(sign)),
      keep_(std::move(keep)),
      clock_(clock),
      events_(events),
      executor_(std::move(executor)),
      blocking_(blocking),
      timer_(executor_) {}

asio::awaitable<void> Sealer::run(Millis interval) {
  while (!stopped_) {
    const auto sealed = co_await seal();
    if (!sealed) events_.store_failed("seal", sealed.error().what);
    if (stopped_) break;
    timer_.expires_after(interval);
    boost::system::error_code cancelled;
    co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
  }
}

void Sealer::stop() {
  asio::post(executor_, [this] {
    stopped_ = true;
    timer_.cancel();
  });
}

asio::awaitable<Result<store::StoredCheckpoint>> Sealer::seal() {
  auto now = newest();
  if (!now.note.empty() && now.size >= store_.log_head().size) co_return now;
  auto work = [this] { return seal_blocking(); };
  co_return co_await off_thread(blocking_, work);
}

// Whoever seals goes on after a failure, so what signing and keeping throw is a failure like others.
Result<store::StoredCheckpoint> Sealer::seal_blocking() {
  try {
    return seal_head();
  } catch (const std::exception& e) {
    return Error{ErrorCode::io, "log", e.what(), "Look at the data folder and its disk.", {}};
  }
}

Result<store::StoredCheckpoint> Sealer::seal_head() {
  const std::lock_guard lock(sealing_);
  const auto head = store_.log_head();
  if (auto now = newest(); !now.note.empty() && now.size >= head.size) return now;
  store::StoredCheckpoint checkpoint{head.size, sign_(head.size, head.root), to_ms(clock_.now())};
  if (const auto kept = keep_(checkpoint.note); !kept) return kept.error();
  std::promise<Result<std::uint64_t>> stored;
  store_.save_checkpoint(checkpoint, [&stored](Result<std::uint64_t> result) { stored.set_value(std::move(result)); });
  const auto saved = stored.get_future().get();
  if (!saved) return saved.error();
  const std::lock_guard guard(newest_mutex_);
  newest_ = checkpoint;
  return checkpoint;
}

store::StoredCheckpoint Sealer::newest() const {
  const std::lock_guard lock(newest_mutex_);
  return newest_;
}

void Sealer::adopt(store::StoredCheckpoint checkpoint) {
  const std::lock_guard lock(newest_mutex_);
  newest_ = std::move(checkpoint);
}

}  // namespace fabu::flow
