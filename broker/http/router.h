// Which handler answers which method and path, what it takes and gives, and who may ask. The table is also what the OpenAPI
// document is checked against.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "broker/http/handler.h"
#include "broker/http/request.h"
#include "broker/http/response.h"

namespace fabu::http {

// Who may ask: anyone, or a key that has at least one of the scopes.
struct Access {
  std::uint8_t any_of = 0;  // of fabu::Scope; 0 = open to all

  bool open() const { return any_of == 0; }
  static Access everyone() { return {}; }
  template <typename... Scopes>
  static Access any(Scopes... scopes) {
    return {static_cast<std::uint8_t>((0U | ... | static_cast<unsigned>(scopes)))};
  }
};

struct Route {
  using Answer = std::function<boost::asio::awaitable<Response>(Request)>;

  std::string id;      // stable: operationId, metrics label
  std::string method;  // GET routes answer HEAD too
  // Segments are literal or {name}; the last may be {name...} for the rest of the path, or end in ":verb".
  std::string pattern;
  std::string summary;
  std::vector<std::string> takes;  // media types of the body; empty = no body is expected
  std::vector<std::string> gives;  // media types of a good answer
  Access access;
  std::uint64_t body_bound = 0;  // bytes
  bool streamed = false;         // the body is handed over as a BodySource
  Answer answer;
  // What an authenticated caller who is turned away leaves behind: a record. When it fails, its error is the answer. May be
  // empty.
  std::function<boost::asio::awaitable<Result<void>>(const Request&, const Error&)> turned_away = {};
};

// Who is asking: the caller, or why not. `fresh` is the request so far.
using Authenticate = std::function<boost::asio::awaitable<Result<Caller>>(const Request& fresh)>;

// Built once, then immutable and thread-safe.
class Router final : public Handler {
 public:
  explicit Router(Authenticate authenticate);
  ~Router() override;
  Router(Router&&) noexcept;
  Router& operator=(Router&&) noexcept;

  void add(Route);
  // Answers GET and HEAD of paths that no route has, other than those below the prefixes of `not_below`.
  void otherwise(Route::Answer, std::vector<std::string> not_below);
  const std::vector<Route>& routes() const;

  boost::asio::awaitable<Admission> admit(Request&, std::optional<std::uint64_t> declared) override;
  boost::asio::awaitable<Response> answer(Request) override;
  Response fault(WireFault) override;

 private:
  struct Table;
  std::unique_ptr<Table> table_;
};

// One request answered in this process, without a socket. The body is `request.body`; set `local` for the local administrator.
boost::asio::awaitable<Response> handle(Router& router, Request request);

}  // namespace fabu::http
