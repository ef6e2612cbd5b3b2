// Awaits a write of the store: the coroutine resumes on its own executor once the write is on stable storage.
#pragma once

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <memory>
#include <utility>

#include "broker/domain/result.h"
#include "broker/store/store.h"

namespace fabu::flow {

// `start(done)` queues the write:  co_await committed<store::Accepted>([&](auto done) { store.accept(cmd, done); })
// `start` is called before the first suspension, so it may refer to the caller's frame.
template <typename T, typename Start>
boost::asio::awaitable<Result<T>> committed(Start start) {
  namespace asio = boost::asio;
  auto initiate = [](auto handler, Start begin) {
    auto executor = asio::get_associated_executor(handler);
    auto held = std::make_shared<decltype(handler)>(std::move(handler));
    begin(store::Done<T>([held, guard = asio::make_work_guard(executor), executor](Result<T> result) {
      asio::post(executor, [held, result = std::move(result)]() mutable { std::move (*held)(std::move(result)); });
    }));
  };
  co_return co_await asio::async_initiate<const asio::use_awaitable_t<>, void(Result<T>)>(initiate, asio::use_awaitable,
                                                                                          std::move(start));
}

}  // namespace fabu::flow
