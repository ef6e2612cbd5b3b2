// Outgoing HTTP for adapters: bounded in time and size, redirects off unless asked for, errors classified.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/sdk/channel.h"
#include "proto/fabu/time.h"

namespace fabu::sdk {

struct HttpLimits {
  std::chrono::milliseconds timeout{15'000};  // for everything: names, connection, TLS, answer
  std::size_t max_bytes = 16U << 20;          // of the body as sent, and again as decoded
  long redirects = 0;                         // to follow; http and https only
  bool public_only = false;                   // refuse to connect to loopback, private, link-local and other special addresses
};

struct HttpAnswer {
  long status = 0;
  std::string body;
  std::string url;                             // that answered, after redirects
  std::map<std::string, std::string> headers;  // of the last answer; names in lower case; of repeated ones the last
};

// What a request says beside its address.
struct HttpExtras {
  std::vector<std::string> headers;  // "Name: value"; never sent to where a redirect leads
  std::filesystem::path ca_file;     // authorities to trust instead of the system's; empty = those
  // Takes the body of a 2xx answer piece by piece, on a thread of the pool, instead of HttpAnswer::body; false ends the transfer
  // (http.sink, retry). Empty: the body is held. Must outlive the call.
  std::function<bool(std::string_view)> sink;
};

// Thread-safe. Calls block threads of the pool, which must outlive them.
class HttpClient {
 public:
  HttpClient(boost::asio::thread_pool& pool, const Clock& clock, std::string user_agent = "fabu")
      : pool_(pool), clock_(clock), user_agent_(std::move(user_agent)) {}

  // Any answer at all, whatever its status. Failures: http.url and http.too-large and http.private-address (rejected), http.dns,
  // http.connect and http.tls (unavailable), http.timeout, http.cut-short and http.garbled (retry). Cancellable within a second.
  boost::asio::awaitable<Outcome<HttpAnswer>> exchange(std::string url, HttpLimits limits, HttpExtras extras = {});
  // A 2xx answer; others are failures by http_failure().
  boost::asio::awaitable<Outcome<HttpAnswer>> get(std::string url, HttpLimits limits, HttpExtras extras = {});

 private:
  boost::asio::thread_pool& pool_;
  const Clock& clock_;
  std::string user_agent_;
};

}  // namespace fabu::sdk
