// The Channel interface: one place of publication. An adapter implements it and owns nothing else: retries, back-off, circuit
// breaking, rate limits, concurrency, leases and dead letters are the host's (host.h).
//
// Thread model: calls come from the host's strand-less io_context thread; several may be under way at once up to
// Limits::concurrency, never two for the same item. Blocking work goes to the pool that the adapter was given
// (co_await on_pool(...), pool.h). Cancellation: a call that is cancelled must leave a state that find() can read.
#pragma once

#include <fabu/v1/delivery.pb.h>

#include <boost/asio/awaitable.hpp>
#include <boost/assert/source_location.hpp>
#include <boost/system/result.hpp>
#include <chrono>
#include <cstddef>
#include <optional>
#include <stdexcept>
#include <string>

namespace fabu::v1 {
// boost::system::result calls this when value() is asked of a failure: a broken invariant.
[[noreturn]] inline void throw_exception_from_error(const Failure& f, const boost::source_location&) {
  throw std::logic_error(f.code() + ": " + f.message());
}
}  // namespace fabu::v1

namespace fabu::sdk {

template <typename T>
using Outcome = boost::system::result<T, v1::Failure>;

// A failure that says what to do next; see v1::FailureClass.
inline v1::Failure failure(v1::FailureClass what_next, std::string code, std::string message) {
  v1::Failure f;
  f.set_failure_class(what_next);
  f.set_code(std::move(code));
  f.set_message(std::move(message));
  return f;
}

// The adapter's own notes on a delivery, kept across crashes. Save after each remote step, before the next one.
class Progress {
 public:
  virtual ~Progress() = default;
  virtual const std::string& notes() const = 0;
  // True once on stable storage. On false stop: somebody else may have the delivery now.
  virtual boost::asio::awaitable<bool> save(std::string notes) = 0;
};

struct Limits {
  std::size_t concurrency = 4;       // deliveries under way at once
  double per_second = 0;             // starts a second; 0 = no limit
  std::chrono::seconds timeout{60};  // for one call; a call past it is cancelled and its outcome is unknown
};

class Channel {
 public:
  virtual ~Channel() = default;
  virtual Limits limits() const { return {}; }

  // First appearance, or replacement of what stands there (work.standing). Idempotent by work.delivery.id.
  virtual boost::asio::awaitable<Outcome<v1::Receipt>> publish(const v1::Work& work, Progress& progress) = 0;
  // Takes the item down and leaves the notice that the channel's users expect. work.edition.reason says why.
  virtual boost::asio::awaitable<Outcome<v1::Receipt>> withdraw(const v1::Work& work, Progress& progress) = 0;
  // Whether this very delivery has had its effect already; asked before a try whose predecessor's outcome is unknown
  // (work.look_first). Nothing = it has not: safe to send.
  virtual boost::asio::awaitable<Outcome<std::optional<v1::Receipt>>> find(const v1::Work& work, const std::string& notes) = 0;
  // Reads back what the public sees.
  virtual boost::asio::awaitable<Outcome<v1::Observation>> observe(const v1::Receipt& receipt) = 0;
};

}  // namespace fabu::sdk
