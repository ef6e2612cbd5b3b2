#include "broker/transport/embedded/embedded.h"

#include <algorithm>
#include <boost/asio/async_result.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <deque>
#include <mutex>
#include <unordered_map>
#include <utility>

#include "broker/transport/deliveries.h"
#include "broker/transport/lanes.h"
#include "broker/transport/waiter.h"

namespace fabu::transport {
namespace asio = boost::asio;

namespace {

struct Queue {
  explicit Queue(std::size_t capacity) : lanes(capacity) {}
  Lanes lanes;
  std::deque<std::shared_ptr<Waiter>> waiters;  // bounded by the receives under way
  bool refused = false;                         // an offer found no room since the last notice
};

}  // namespace

struct EmbeddedTransport::State {
  explicit State(EmbeddedOptions o) : options(o) {}

  const EmbeddedOptions options;
  ReportSink sink;  // set once, before any offer
  RoomNotice notice;
  std::mutex mutex;                                // guards what follows; never held while foreign code runs
  std::unordered_map<std::string, Queue> queues;   // by channel; never shrinks: channels are few and configured
  std::unordered_map<std::string, Queue*> leases;  // by delivery id: what workers have
  bool closed = false;

  Queue& queue(const std::string& channel) { return queues.try_emplace(channel, options.capacity).first->second; }

  // Wakes the receive that has waited longest, if there is something for it. A wake only posts, so the lock may be held.
  static void wake_one(Queue& queue) {
    while (queue.lanes.ready() && !queue.waiters.empty()) {
      const auto waiter = std::move(queue.waiters.front());
      queue.waiters.pop_front();
      if (waiter->finish({})) return;
    }
  }

  // The queue fell below half after an offer was refused. Call it with the lock, act on it without.
  static bool room_again(Queue& queue) {
    if (!queue.refused || queue.lanes.waiting() * 2 >= queue.lanes.capacity()) return false;
    queue.refused = false;
    return true;
  }

  void end_lease(const std::string& delivery_id) {
    const std::lock_guard lock(mutex);
    const auto lease = leases.find(delivery_id);
    if (lease == leases.end()) return;
    auto& queue = *lease->second;
    leases.erase(lease);
    if (queue.lanes.finish(delivery_id)) wake_one(queue);
  }

  // True: something was taken, or the transport is closed.
  bool take(const std::string& channel, std::size_t most, std::vector<v1::Work>& taken);

  // Waits until there may be something to take.
  template <typename Handler>
  void wait(Handler handler, const std::string& channel) {
    auto waiter = HandlerWaiter<Handler>::make(std::move(handler));
    const std::lock_guard lock(mutex);
    auto& waiting = queue(channel);
    if (closed || waiting.lanes.ready()) {
      waiter->finish({});
    } else {
      waiting.waiters.push_back(std::move(waiter));
    }
  }

  // A cancelled receive leaves nothing behind. Its waiter is among the few of the channel that are finished.
  void forget_cancelled(const std::string& channel) {
    const std::lock_guard lock(mutex);
    std::erase_if(queue(channel).waiters, [](const auto& waiter) { return waiter->finished(); });
  }
};

EmbeddedTransport::EmbeddedTransport(EmbeddedOptions options) : state_(std::make_shared<State>(options)) {}
EmbeddedTransport::~EmbeddedTransport() = default;

void EmbeddedTransport::attach(ReportSink sink, RoomNotice notice, LossNotice) {
  state_->sink = std::move(sink);
  state_->notice = std::move(notice);
}

bool EmbeddedTransport::offer(v1::Work work) {
  const std::lock_guard lock(state_->mutex);
  if (state_->closed) return false;
  auto& queue = state_->queue(work.delivery().channel());
  switch (queue.lanes.offer(std::move(work))) {
    case Lanes::Offered::queued:
      State::wake_one(queue);
      return true;
    case Lanes::Offered::known:
      return true;
    case Lanes::Offered::full:
      queue.refused = true;
      return false;
  }
  return false;
}

bool EmbeddedTransport::recall(const std::string& delivery_id, const std::string& channel) {
  bool recalled = false;
  bool room = false;
  {
    const std::lock_guard lock(state_->mutex);
    auto& queue = state_->queue(channel);
    recalled = queue.lanes.recall(delivery_id);
    room = State::room_again(queue);
  }
  if (room) state_->notice(channel);
  return recalled;
}

void EmbeddedTransport::forget(const std::string& delivery_id, const std::string&) {
  state_->end_lease(delivery_id);
}

void EmbeddedTransport::close() {
  const std::lock_guard lock(state_->mutex);
  state_->closed = true;
  for (auto& [channel, queue] : state_->queues) {
    for (const auto& waiter : queue.waiters) waiter->finish({});
    queue.waiters.clear();
  }
}

bool EmbeddedTransport::State::take(const std::string& channel, std::size_t most, std::vector<v1::Work>& taken) {
  bool room = false;
  {
    const std::lock_guard lock(mutex);
    if (closed) return true;
    auto& from = queue(channel);
    from.lanes.take(most, taken);
    for (const auto& work : taken) leases.emplace(work.delivery().id(), &from);
    wake_one(from);  // what is left is for the next receive
    room = room_again(from);
  }
  if (room) notice(channel);
  return !taken.empty();
}

asio::awaitable<std::vector<v1::Work>> EmbeddedTransport::receive(std::string channel, std::size_t most) {
  std::vector<v1::Work> taken;
  while (!state_->take(channel, std::max<std::size_t>(most, 1), taken)) {
    const auto begin = [this, &channel](auto handler) { state_->wait(std::move(handler), channel); };
    try {
      co_await asio::async_initiate<const asio::use_awaitable_t<>, void(boost::system::error_code)>(begin, asio::use_awaitable);
    } catch (const boost::system::system_error&) {
      state_->forget_cancelled(channel);
      throw;
    }
  }
  co_return taken;
}

// The sink may answer on any thread, before it returns, or long after. The lease ends with the answer; then the worker goes on.
asio::awaitable<bool> EmbeddedTransport::report(v1::Report report) {
  const auto begin = [this, &report](auto handler) {
    auto work = asio::make_work_guard(asio::get_associated_executor(handler));
    auto resume = std::make_shared<decltype(handler)>(std::move(handler));
    std::string lease = ends_lease(report) ? report.delivery_id() : std::string{};
    auto done = [state = state_, lease = std::move(lease), resume = std::move(resume), work = std::move(work)](Heard heard) {
      if (!lease.empty()) state->end_lease(lease);
      asio::post(work.get_executor(), [resume, heard] { std::move (*resume)(heard == Heard::stored); });
    };
    state_->sink(std::move(report), std::move(done));
  };
  co_return co_await asio::async_initiate<const asio::use_awaitable_t<>, void(bool)>(begin, asio::use_awaitable);
}

}  // namespace fabu::transport
