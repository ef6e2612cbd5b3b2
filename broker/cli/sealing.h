// Who signs the log's head, and when: the broker that leads, once a second while the log grows. The others take over what it
// signed, so that they serve it, and keep it beside their own data folder as the proof of how far the log was.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <chrono>
#include <future>

#include "broker/cli/data_folder.h"
#include "broker/flow/events.h"
#include "broker/flow/sealer.h"
#include "broker/store/store.h"

namespace fabu::cli {

class Sealing {
 public:
  Sealing(store::Store&, flow::Sealer&, const DataFolder&, flow::Events&, boost::asio::any_io_executor,
          boost::asio::thread_pool& reads);

  void start(std::chrono::milliseconds every);
  // Ends it, once more as it is done every second. The executor still runs. Does nothing when it was not started.
  void end();

 private:
  boost::asio::awaitable<void> run(std::chrono::milliseconds every);
  boost::asio::awaitable<Result<void>> once();
  Result<void> take_over();

  store::Store& store_;
  flow::Sealer& sealer_;
  const DataFolder& folder_;
  flow::Events& events_;
  boost::asio::any_io_executor executor_;
  boost::asio::thread_pool& reads_;
  boost::asio::steady_timer timer_;
  bool stopped_ = false;  // of the executor's thread
  std::future<void> running_;
};

}  // namespace fabu::cli
