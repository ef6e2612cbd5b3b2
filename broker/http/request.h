// What a handler is given.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/beast/http/fields.hpp>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "broker/domain/caller.h"
#include "broker/domain/result.h"
#include "broker/http/target.h"
#include "broker/http/trace_id.h"

namespace fabu::http {

struct Route;

// A body that is read piece by piece, for routes that never hold it whole. One reader at a time.
class BodySource {
 public:
  virtual ~BodySource() = default;
  // The next bytes, valid until the next call; empty = the end. Errors: too_large past the route's bound, malformed when the
  // body breaks off, comes too slowly or is badly framed. After an error every call gives it again.
  virtual boost::asio::awaitable<Result<std::string_view>> read() = 0;
};

struct Request {
  std::string method;  // "GET"; HEAD reaches handlers as itself
  std::string target;  // as sent: "/v1/items/5?x=1"
  boost::beast::http::fields headers;
  std::string body;                    // whole; empty on streamed routes
  std::shared_ptr<BodySource> stream;  // of streamed routes; null: read `body` (a call within the process)
  std::string address;                 // the peer's, without port; empty on the Unix socket and within the process
  bool local = false;                  // from the Unix socket or within the process: the local administrator

  // Filled when the request is admitted.
  std::string path;  // before '?', still encoded
  Query query;
  std::map<std::string, std::string> parameters;  // of the path pattern, decoded
  Caller caller;                                  // unspecified on open routes
  TraceContext trace;
  const Route* route = nullptr;

  // A header's value; empty when absent. Names are compared without case.
  std::string_view header(std::string_view name) const {
    const auto found = headers.find({name.data(), name.size()});
    if (found == headers.end()) return {};
    const auto value = found->value();
    return {value.data(), value.size()};
  }
  const std::string& parameter(const std::string& name) const { return parameters.at(name); }
};

}  // namespace fabu::http
