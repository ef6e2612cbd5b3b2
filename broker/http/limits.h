// What one client may cost the server.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace fabu::http {

struct Limits {
  std::chrono::milliseconds head{10'000};        // from a request's first byte to the end of its head
  std::chrono::milliseconds keep_alive{60'000};  // between requests
  std::chrono::milliseconds body_idle{30'000};   // without a byte of an awaited body
  std::chrono::milliseconds body_grace{10'000};  // of waiting for a body before its rate counts
  std::uint64_t body_rate = 1024;                // least bytes a second of an awaited body; waiting for us does not count
  std::chrono::milliseconds write{30'000};       // for each piece of an answer
  std::chrono::milliseconds linger{5'000};       // to read off what was sent after an answer that closes
  std::uint64_t linger_bytes = 256U << 20;
  std::size_t head_bytes = 16 << 10;  // request line and headers
  std::size_t connections = 1024;     // beyond it: 503 and close
};

}  // namespace fabu::http
