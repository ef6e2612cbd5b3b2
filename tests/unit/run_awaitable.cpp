#include "unit/run_awaitable.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>

namespace fabu {

void run_to_end(boost::asio::awaitable<void> work) {
  boost::asio::io_context io;
  std::exception_ptr failed;
  boost::asio::co_spawn(io, std::move(work), [&failed](std::exception_ptr error) { failed = error; });
  io.run();
  if (failed) std::rethrow_exception(failed);
}

}  // namespace fabu
