// An io_context with its one thread.
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <thread>

#include "broker/cli/escape.h"

namespace fabu::cli {

class Loop {
 public:
  boost::asio::io_context& io() { return io_; }
  void start() {
    thread_ = std::thread([this] { run_or_die(io_); });
  }
  // Lets everything that was begun end.
  void finish() {
    guard_.reset();
    if (thread_.joinable()) thread_.join();
  }

 private:
  boost::asio::io_context io_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> guard_{io_.get_executor()};
  std::thread thread_;
};

}  // namespace fabu::cli
