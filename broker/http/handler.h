// What the server asks of whoever answers requests. The server knows nothing else of the API.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <optional>

#include "broker/http/request.h"
#include "broker/http/response.h"

namespace fabu::http {

// What is decided when only the head of a request has been read.
struct Admission {
  std::uint64_t body_bound = 0;     // most bytes that the body may have
  bool streamed = false;            // hand the body over as a BodySource
  std::optional<Response> refusal;  // answered at once; the body is not read
};

// Faults of the conversation itself, before any route is known.
enum class WireFault { bad_request, head_too_large, timed_out, body_too_large, unknown_transfer_coding, overloaded, failed };

// Thread-safe: any number of requests at a time.
class Handler {
 public:
  virtual ~Handler() = default;
  // Fills the request's routing fields and decides on its body. `declared` is its Content-Length, when it has one.
  virtual boost::asio::awaitable<Admission> admit(Request&, std::optional<std::uint64_t> declared) = 0;
  // Answers an admitted request. Never throws for what a request can cause.
  virtual boost::asio::awaitable<Response> answer(Request) = 0;
  // The answer to a fault of the conversation.
  virtual Response fault(WireFault) = 0;
};

}  // namespace fabu::http
