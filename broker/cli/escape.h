// The last resort of coroutines that were spawned: nothing they throw passes unseen.
#pragma once

#include <boost/asio/io_context.hpp>
#include <exception>

namespace fabu::cli {

// Logs `failure` as `event`; does nothing for none.
void log_escape(const char* event, const std::exception_ptr& failure);
// Runs the context to its end. What escapes a handler is a broken invariant: it is logged, and the process ends at once, so that
// the next start begins from what is stored.
void run_or_die(boost::asio::io_context& io);

}  // namespace fabu::cli
