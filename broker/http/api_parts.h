// What the files of the API share; nothing outside of the API's own files includes this.
#pragma once

#include <atomic>
#include <charconv>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "broker/flow/refusal.h"
#include "broker/http/api.h"
#include "broker/http/message_body.h"
#include "broker/http/problem.h"

namespace fabu::http {

struct Api {
  explicit Api(ApiDeps d) : deps(std::move(d)) {}
  ApiDeps deps;
  std::atomic<unsigned> in_flight{0};
};
using ApiPtr = std::shared_ptr<Api>;

// One of the places for submissions under way; false when all are taken.
class Place {
 public:
  explicit Place(ApiPtr api) : api_(std::move(api)), taken_(api_->in_flight.fetch_add(1) < api_->deps.max_in_flight) {}
  ~Place() { api_->in_flight.fetch_sub(1); }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  explicit operator bool() const { return taken_; }
  static Error none_left() {
    return {ErrorCode::busy,
            "",
            "More submissions are under way than this server takes at a time.",
            "Send the same again in a moment.",
            {}};
  }

 private:
  ApiPtr api_;
  bool taken_;
};

// Handlers are coroutines that take all they need as parameters: they outlive whoever starts them.
using Act = boost::asio::awaitable<Response> (*)(ApiPtr, Request);
inline Route::Answer bound(ApiPtr api, Act act) {
  return [api = std::move(api), act](Request request) { return act(api, std::move(request)); };
}

// A submission that is turned away at the door is recorded as any other that is refused.
inline decltype(Route::turned_away) recording(ApiPtr api) {
  return [api = std::move(api)](const Request& request, const Error& error) {
    return api->deps.intake.refuse_unread(request.caller, error.where + ": " + std::string(problem_kind(error.code).name));
  };
}

inline Response refusal(const Request& request, const Error& error) {
  return problem_response(error, request.path, request.trace.trace_id);
}

template <typename Message>
Response answered(const Request& request, const Result<Message>& result, int status = 200) {
  return result ? message_response(request, status, *result) : refusal(request, result.error());
}

// A whole number of the query; `otherwise` when absent. Errors: malformed.
template <typename Number>
Result<Number> number_of(const Request& request, const std::string& name, Number otherwise) {
  const std::string text = request.query.get(name);
  if (text.empty()) return otherwise;
  Number value = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed == std::errc{} && end == text.data() + text.size()) return value;
  return Error{ErrorCode::malformed, name, "`" + name + "` is not a whole number.", "Send digits alone, or leave it out.", {}};
}

// Whether the query asks for a dry run: ?dry_run, ?dry_run=true. Errors: malformed.
Result<bool> dry_run_of(const Request&);

// Those who may read their own department's, or everything.
inline Access readers() {
  return Access::any(Scope::read, Scope::operate, Scope::audit, Scope::review, Scope::admin);
}

inline const std::vector<std::string>& message_types() {
  static const std::vector<std::string> types{"application/json", "application/x-protobuf", "application/protobuf"};
  return types;
}

void add_items(Router&, const ApiPtr&);
void add_batch(Router&, const ApiPtr&);
void add_attachments(Router&, const ApiPtr&);
void add_operations(Router&, const ApiPtr&);
void add_keys(Router&, const ApiPtr&);
void add_system(Router&, const ApiPtr&);
void add_log(Router&, const ApiPtr&);

}  // namespace fabu::http
