// Runs one coroutine to its end on a context of its own.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <optional>
#include <utility>

namespace fabu {

// Compiled once: Asio's code for starting a coroutine costs seconds for each type that it is started with.
void run_to_end(boost::asio::awaitable<void> work);

template <typename T>
T run(boost::asio::awaitable<T> work) {
  std::optional<T> result;
  const auto keep = [](boost::asio::awaitable<T> from, std::optional<T>& to) -> boost::asio::awaitable<void> {
    to.emplace(co_await std::move(from));
  };
  run_to_end(keep(std::move(work), result));
  return std::move(*result);
}

}  // namespace fabu
