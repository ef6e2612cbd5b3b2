// Runs something that waits so that others on the same strand can cut it short.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <memory>
#include <optional>
#include <tuple>
#include <utility>

#include "adapters/sdk/sleeper.h"

namespace fabu::sdk {

// One waiter at a time. Everything on one strand.
class Nap {
 public:
  // Runs `waits` until it ends or is interrupted; what it threw comes first. An interrupted call may still have a value.
  template <typename T>
  boost::asio::awaitable<std::tuple<std::exception_ptr, T>> run(boost::asio::any_io_executor strand,
                                                                boost::asio::awaitable<T> waits) {
    const auto signal = begin();
    auto outcome = co_await boost::asio::co_spawn(
        strand, std::move(waits),
        boost::asio::bind_cancellation_slot(signal->slot(), boost::asio::as_tuple(boost::asio::use_awaitable)));
    signal_.reset();
    co_return outcome;
  }

  // Until the time, or an interruption; nothing = until an interruption. May end early.
  boost::asio::awaitable<void> sleep(boost::asio::any_io_executor strand, Sleeper& sleeper, std::optional<Instant> until);

  // Cuts the wait short, if there is one.
  void interrupt();
  bool waiting() const { return signal_ != nullptr; }

 private:
  std::shared_ptr<boost::asio::cancellation_signal> begin() {
    signal_ = std::make_shared<boost::asio::cancellation_signal>();
    return signal_;
  }
  std::shared_ptr<boost::asio::cancellation_signal> signal_;
};

}  // namespace fabu::sdk
