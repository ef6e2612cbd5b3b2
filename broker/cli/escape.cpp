#include "broker/cli/escape.h"

#include <spdlog/spdlog.h>

#include <cstdlib>

namespace fabu::cli {

void log_escape(const char* event, const std::exception_ptr& failure) {
  if (!failure) return;
  try {
    std::rethrow_exception(failure);
  } catch (const std::exception& e) {
    spdlog::error("event={} what=\"{}\"", event, e.what());
  } catch (...) {
    spdlog::error("event={} what=\"an exception of unknown type\"", event);
  }
}

void run_or_die(boost::asio::io_context& io) {
  try {
    io.run();
  } catch (...) {
    log_escape("broken_invariant", std::current_exception());
    spdlog::default_logger()->flush();
    std::_Exit(70);  // EX_SOFTWARE
  }
}

}  // namespace fabu::cli
