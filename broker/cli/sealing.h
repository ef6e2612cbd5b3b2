// When the log's head is signed: once a second while the log grows, and at the end.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <future>

#include "broker/flow/events.h"
#include "broker/flow/sealer.h"

namespace fabu::cli {

class Sealing {
 public:
  Sealing(flow::Sealer&, flow::Events&, boost::asio::any_io_executor);

  void start(std::chrono::milliseconds every);
  // Ends it, and seals once more. The executor still runs. Does nothing when it was not started.
  void end();

 private:
  boost::asio::awaitable<void> run(std::chrono::milliseconds every);
  boost::asio::awaitable<Result<void>> once();
  flow::Sealer& sealer_;
  flow::Events& events_;
  boost::asio::any_io_executor executor_;
  boost::asio::steady_timer timer_;
  bool stopped_ = false;  // of the executor's thread
  std::future<void> running_;
};

}  // namespace fabu::cli
