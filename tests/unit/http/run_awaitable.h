// Runs one coroutine to its end on a context of its own.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <optional>
#include <utility>

namespace fabu::http {

template <typename T>
T run(boost::asio::awaitable<T> work) {
  boost::asio::io_context io;
  std::optional<T> result;
  std::exception_ptr failed;
  boost::asio::co_spawn(io, std::move(work), [&](std::exception_ptr error, T value) {
    failed = error;
    if (!error) result.emplace(std::move(value));
  });
  io.run();
  if (failed) std::rethrow_exception(failed);
  return std::move(*result);
}

}  // namespace fabu::http
