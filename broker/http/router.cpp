#include "broker/http/router.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <exception>
#include <set>
#include <utility>

#include "broker/http/media.h"
#include "broker/http/problem.h"

namespace fabu::http {
namespace asio = boost::asio;

namespace {

constexpr std::string_view kScopeNames[] = {"submit", "read", "operate", "audit", "review", "admin"};

// One segment of a pattern: "{name}:pause" has a name and a suffix, "items" only a literal.
struct Piece {
  std::string literal, name, suffix;
  bool rest = false;
};

std::vector<Piece> pieces_of(const std::string& pattern) {
  std::vector<Piece> pieces;
  for (const auto segment : path_segments(pattern)) {
    Piece piece;
    const auto close = segment.find('}');
    if (segment.empty() || segment.front() != '{' || close == std::string_view::npos) {
      piece.literal = segment;
    } else {
      piece.name = segment.substr(1, close - 1);
      piece.suffix = segment.substr(close + 1);
      piece.rest = piece.name.ends_with("...");
      if (piece.rest) piece.name.resize(piece.name.size() - 3);
    }
    pieces.push_back(std::move(piece));
  }
  return pieces;
}

// The scopes of a set in words, for those who lack them.
std::string scope_words(std::uint8_t any_of) {
  std::string words;
  for (std::size_t bit = 0; bit < std::size(kScopeNames); ++bit) {
    if ((any_of >> bit & 1) != 0) words += (words.empty() ? "`" : " or `") + std::string(kScopeNames[bit]) + "`";
  }
  return words;
}

std::optional<Error> lacks_scope(const Route& route, const Caller& caller) {
  if (route.access.open() || (caller.scopes & route.access.any_of) != 0) return std::nullopt;
  return Error{ErrorCode::forbidden,
               "key",
               "This key does not have the scope " + scope_words(route.access.any_of) + ".",
               "Ask an administrator for a key that has it.",
               {}};
}

std::optional<Error> refused_body(const Route& route, const Request& request, std::optional<std::uint64_t> declared) {
  const auto coding = request.header("Content-Encoding");
  if (!coding.empty() && coding != "identity") {
    return Error{ErrorCode::unsupported,
                 "Content-Encoding",
                 "Bodies with a content coding are not taken.",
                 "Send the body as it is, uncompressed.",
                 {}};
  }
  if (declared.value_or(0) > route.body_bound) {
    return Error{
        ErrorCode::too_large,
        "body",
        "The body has " + std::to_string(*declared) + " bytes; here it may have " + std::to_string(route.body_bound) + ".",
        "Send less at once.",
        {}};
  }
  const bool has_body = declared.value_or(0) > 0 || !request.header("Transfer-Encoding").empty();
  if (!has_body || route.takes.empty()) return std::nullopt;
  const auto type = media_type(request.header("Content-Type"));
  const auto taken = [&](const std::string& t) { return t == type || t == "*/*"; };
  if (std::any_of(route.takes.begin(), route.takes.end(), taken)) return std::nullopt;
  std::string list;
  for (const auto& each : route.takes) list += (list.empty() ? "" : ", ") + each;
  return Error{ErrorCode::unsupported,
               "Content-Type",
               type.empty() ? "The body has no Content-Type." : "`" + type + "` is not taken here.",
               "Send one of: " + list + ".",
               {}};
}

// Reads a whole body that came with the call.
class HeldBody final : public BodySource {
 public:
  explicit HeldBody(std::string body) : body_(std::move(body)) {}
  asio::awaitable<Result<std::string_view>> read() override {
    const bool first = std::exchange(first_, false);
    co_return first ? std::string_view(body_) : std::string_view();
  }

 private:
  std::string body_;
  bool first_ = true;
};

}  // namespace

struct Router::Table {
  struct Entry {
    std::vector<Piece> pieces;
    std::size_t route;
  };
  Authenticate authenticate;
  std::vector<Route> routes;
  std::vector<Entry> entries;
  Route other;  // what answers paths without a route; no handler = nothing does
  std::vector<std::string> not_below;
  TraceIds traces;

  static bool matches(const std::vector<Piece>& pieces, const std::vector<std::string_view>& segments,
                      std::map<std::string, std::string>& parameters);
  const Route* find(Request&, std::set<std::string>& allowed, bool& broken) const;
  std::optional<Response> route(Request&) const;
  asio::awaitable<std::optional<Error>> turn_away(Request&, std::optional<std::uint64_t> declared) const;
};

bool Router::Table::matches(const std::vector<Piece>& pieces, const std::vector<std::string_view>& segments,
                            std::map<std::string, std::string>& parameters) {
  const bool open_end = !pieces.empty() && pieces.back().rest;
  if (open_end ? segments.size() < pieces.size() : segments.size() != pieces.size()) return false;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    const auto& piece = pieces[i];
    if (piece.name.empty()) {
      if (segments[i] != piece.literal) return false;
      continue;
    }
    if (piece.rest) {
      const auto* const end = segments.back().data() + segments.back().size();
      parameters[piece.name] = std::string(segments[i].data(), static_cast<std::size_t>(end - segments[i].data()));
      return true;
    }
    if (segments[i].size() <= piece.suffix.size() || !segments[i].ends_with(piece.suffix)) return false;
    parameters[piece.name] = std::string(segments[i].substr(0, segments[i].size() - piece.suffix.size()));
  }
  return true;
}

const Route* Router::Table::find(Request& request, std::set<std::string>& allowed, bool& broken) const {
  const auto segments = path_segments(request.path);
  const bool head = request.method == "HEAD";
  for (const auto& entry : entries) {
    std::map<std::string, std::string> parameters;
    if (!matches(entry.pieces, segments, parameters)) continue;
    const auto& candidate = routes[entry.route];
    if (candidate.method != request.method && !(head && candidate.method == "GET")) {
      allowed.insert(candidate.method);
      if (candidate.method == "GET") allowed.insert("HEAD");
      continue;
    }
    for (auto& [name, value] : parameters) {
      auto decoded = percent_decode(value);
      broken = broken || !decoded;
      if (decoded) request.parameters[name] = std::move(*decoded);
    }
    return &candidate;
  }
  return nullptr;
}

// Finds the route, or the answer that says why there is none.
std::optional<Response> Router::Table::route(Request& request) const {
  const std::string_view target = request.target;
  const auto question = std::min(target.find('?'), target.size());
  request.path = target.substr(0, question);
  auto query = Query::parse(target.substr(std::min(question + 1, target.size())));
  const auto malformed = [&](std::string what) {
    return problem_response(Error{ErrorCode::malformed, "target", std::move(what), "Check the address.", {}}, request.path,
                            request.trace.trace_id);
  };
  if (request.path.empty() || request.path.front() != '/') return malformed("The request target is not a path.");
  if (!query) return malformed("The query is not well formed.");
  request.query = std::move(*query);
  std::set<std::string> allowed;
  bool broken = false;
  request.route = find(request, allowed, broken);
  if (broken) return malformed("The path holds a broken percent escape.");
  if (request.route != nullptr) return std::nullopt;
  if (allowed.empty()) {
    const auto below = [&](const std::string& prefix) { return request.path.starts_with(prefix); };
    if (!other.answer || std::any_of(not_below.begin(), not_below.end(), below)) {
      return problem_response(Error{ErrorCode::not_found, "path", "There is nothing at this address.", "See /openapi.json.", {}},
                              request.path, request.trace.trace_id);
    }
    allowed = {"GET", "HEAD"};
    if (allowed.contains(request.method)) {
      request.route = &other;
      return std::nullopt;
    }
  }
  std::string allow;
  for (const auto& method : allowed) allow += (allow.empty() ? "" : ", ") + method;
  const auto* const kind = find_problem_kind("method-not-allowed");
  Response response = request.method == "OPTIONS"
                          ? text_response(204, "", "")
                          : problem_response(*kind, "`" + request.method + "` is not taken here; " + allow + " are.",
                                             request.path, request.trace.trace_id);
  return std::move(response.set("Allow", allow));
}

Router::Router(Authenticate authenticate) : table_(std::make_unique<Table>()) {
  table_->authenticate = std::move(authenticate);
}
Router::~Router() = default;
Router::Router(Router&&) noexcept = default;
Router& Router::operator=(Router&&) noexcept = default;

void Router::add(Route route) {
  table_->entries.push_back({pieces_of(route.pattern), table_->routes.size()});
  table_->routes.push_back(std::move(route));
}

void Router::otherwise(Route::Answer answer, std::vector<std::string> not_below) {
  table_->other.id = "site";
  table_->other.answer = std::move(answer);
  table_->not_below = std::move(not_below);
}

const std::vector<Route>& Router::routes() const {
  return table_->routes;
}

asio::awaitable<Admission> Router::admit(Request& request, std::optional<std::uint64_t> declared) {
  request.trace = table_->traces.next(request.header("traceparent"));
  Admission admission;
  admission.refusal = table_->route(request);
  if (admission.refusal) co_return admission;
  const Route& route = *request.route;
  auto error = co_await table_->turn_away(request, declared);
  if (error) admission.refusal = problem_response(*error, request.path, request.trace.trace_id);
  admission.body_bound = route.body_bound;
  admission.streamed = route.streamed;
  co_return admission;
}

// Why the request goes no further than its head; fills the caller.
asio::awaitable<std::optional<Error>> Router::Table::turn_away(Request& request, std::optional<std::uint64_t> declared) const {
  const Route& route = *request.route;
  if (!route.access.open()) {
    auto caller = co_await authenticate(request);
    if (!caller) co_return caller.error();
    request.caller = std::move(*caller);
  }
  auto error = lacks_scope(route, request.caller);
  if (!error) error = refused_body(route, request, declared);
  if (error && route.turned_away) {
    const auto recorded = co_await route.turned_away(request, *error);
    if (!recorded) error = recorded.error();
  }
  co_return error;
}

asio::awaitable<Response> Router::answer(Request request) {
  const std::string path = request.path;
  const TraceContext trace = request.trace;
  const Route& route = *request.route;
  Response response;
  try {
    response = co_await route.answer(std::move(request));
  } catch (const std::exception& e) {
    spdlog::error("event=http_handler_failed route={} trace_id={} what=\"{}\"", route.id, trace.trace_id, e.what());
    response = problem_response(problem_kind(ErrorCode::io), "", path, trace.trace_id);
  }
  response.route = route.id;
  response.set("X-Trace-Id", trace.trace_id);
  response.set("traceresponse", trace.traceresponse());
  co_return response;
}

Response Router::fault(WireFault fault) {
  const auto trace = table_->traces.next({});
  auto response = problem_response(
      problem_kind(fault), fault == WireFault::unknown_transfer_coding ? "The only transfer coding taken is `chunked`." : "", "",
      trace.trace_id);
  response.close = true;
  return response;
}

asio::awaitable<Response> handle(Router& router, Request request) {
  std::optional<std::uint64_t> declared;
  if (!request.body.empty() || request.stream) declared = request.body.size();
  auto admission = co_await router.admit(request, declared);
  if (admission.refusal) co_return std::move(*admission.refusal);
  if (admission.streamed && !request.stream) request.stream = std::make_shared<HeldBody>(std::move(request.body));
  auto response = co_await router.answer(std::move(request));
  co_return response;
}

}  // namespace fabu::http
