// What a handler gives back.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "broker/domain/result.h"

namespace fabu::http {

// A body that is made piece by piece while it is sent.
class BodyStream {
 public:
  virtual ~BodyStream() = default;
  // The next bytes; empty = the end. After an error the connection is cut, so that the receiver sees that something is missing.
  virtual boost::asio::awaitable<Result<std::string>> next() = 0;
};

struct Response {
  int status = 200;
  std::string content_type;  // empty: no such header
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::shared_ptr<BodyStream> stream;   // instead of `body`
  std::optional<std::uint64_t> length;  // of the stream, or of what a HEAD leaves out; a stream without one is sent chunked
  bool close = false;                   // the connection ends after this answer
  std::string route;                    // id of the route that answered, for metrics; "none" when no route did

  Response& set(std::string name, std::string value) {
    headers.emplace_back(std::move(name), std::move(value));
    return *this;
  }
  // The value of a header set here; empty when absent. Exact case.
  std::string_view header(std::string_view name) const {
    for (const auto& [known, value] : headers) {
      if (known == name) return value;
    }
    return {};
  }
};

inline Response text_response(int status, std::string content_type, std::string body) {
  Response response;
  response.status = status;
  response.content_type = std::move(content_type);
  response.body = std::move(body);
  return response;
}

}  // namespace fabu::http
