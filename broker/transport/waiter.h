// A receive() that waits: woken by whoever has something for it, or cancelled through its slot, never both and never by polling.
#pragma once

#include <atomic>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/system/error_code.hpp>
#include <memory>
#include <utility>

namespace fabu::transport {

// Thread-safe. The handler is called once, posted to its own executor; dropped uncalled when the last owner goes.
class Waiter {
 public:
  virtual ~Waiter() = default;
  // True: this call settled it. False: it was woken or cancelled before.
  bool finish(boost::system::error_code outcome) {
    if (finished_.exchange(true)) return false;
    complete(outcome);
    return true;
  }
  bool finished() const { return finished_.load(); }

 private:
  virtual void complete(boost::system::error_code outcome) = 0;
  std::atomic<bool> finished_ = false;
};

// Holds a completion handler of the signature void(error_code).
template <typename Handler>
class HandlerWaiter final : public Waiter {
 public:
  // Binds the handler's cancellation slot. The slot is touched on the handler's executor alone, as Asio demands.
  static std::shared_ptr<Waiter> make(Handler handler) {
    auto slot = boost::asio::get_associated_cancellation_slot(handler);
    auto waiter = std::make_shared<HandlerWaiter>(std::move(handler));
    if (slot.is_connected()) {
      slot.assign([weak = std::weak_ptr<Waiter>(waiter)](boost::asio::cancellation_type) {
        if (const auto alive = weak.lock()) alive->finish(boost::asio::error::operation_aborted);
      });
    }
    return waiter;
  }

  explicit HandlerWaiter(Handler handler)
      : work_(boost::asio::make_work_guard(boost::asio::get_associated_executor(handler))), handler_(std::move(handler)) {}

 private:
  void complete(boost::system::error_code outcome) override {
    const auto executor = work_.get_executor();
    boost::asio::post(executor, [handler = std::move(handler_), work = std::move(work_), outcome]() mutable {
      auto slot = boost::asio::get_associated_cancellation_slot(handler);
      if (slot.is_connected()) slot.clear();
      std::move(handler)(outcome);
    });
  }

  boost::asio::executor_work_guard<boost::asio::associated_executor_t<Handler>> work_;
  Handler handler_;
};

}  // namespace fabu::transport
