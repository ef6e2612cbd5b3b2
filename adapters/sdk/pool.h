// Runs blocking work (files, rendering, CUPS) away from the io_context.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <type_traits>

namespace fabu::sdk {

// Calls `work()` on the pool and resumes the caller on its own executor with the result. What work throws is thrown here.
// `work` is a named object of the caller's, which awaits at once: GCC 12 destroys closures twice that are written into a co_await
// expression.
template <typename Work>
boost::asio::awaitable<std::invoke_result_t<Work&>> on_pool(boost::asio::thread_pool& pool, Work& work) {
  auto task = [](Work& w) -> boost::asio::awaitable<std::invoke_result_t<Work&>> { co_return w(); };
  co_return co_await boost::asio::co_spawn(pool, task(work), boost::asio::use_awaitable);
}

}  // namespace fabu::sdk
