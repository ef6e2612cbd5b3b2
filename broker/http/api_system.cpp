// What monitors, client developers and auditors ask of a server.
#include "broker/flow/off_thread.h"
#include "broker/http/api_parts.h"
#include "broker/http/openapi.h"

namespace fabu::http {
namespace asio = boost::asio;

namespace {

asio::awaitable<Response> health(ApiPtr, Request) {
  co_return text_response(200, "text/plain; charset=utf-8", "ok\n").set("Cache-Control", "no-store");
}

asio::awaitable<Response> readiness(ApiPtr api, Request request) {
  auto work = [&deps = api->deps] { return deps.ready ? deps.ready() : Result<void>(); };
  const auto ready = co_await flow::off_thread(api->deps.pool, work);
  if (ready) co_return text_response(200, "text/plain; charset=utf-8", "ready\n").set("Cache-Control", "no-store");
  Error error = ready.error();
  error.code = ErrorCode::unavailable;
  co_return refusal(request, error);
}

asio::awaitable<Response> metrics(ApiPtr api, Request) {
  auto work = [&deps = api->deps] { return deps.metrics ? deps.metrics() : std::string(); };
  auto text = co_await flow::off_thread(api->deps.pool, work);
  co_return text_response(200, "text/plain; version=0.0.4; charset=utf-8", std::move(text)).set("Cache-Control", "no-store");
}

asio::awaitable<Response> contract(ApiPtr, Request) {
  co_return text_response(200, "application/json", std::string(openapi_document()))
      .set("Cache-Control", "max-age=3600")
      .set("Access-Control-Allow-Origin", "*");
}

asio::awaitable<Response> all_problems(ApiPtr, Request) {
  co_return problem_page(nullptr);
}

asio::awaitable<Response> one_problem(ApiPtr, Request request) {
  const auto* const kind = find_problem_kind(request.parameter("kind"));
  if (kind == nullptr)
    co_return refusal(request, {ErrorCode::not_found, "kind", "There is no problem of that kind.", "See /problems.", {}});
  co_return problem_page(kind);
}

// C2SP tlog-tiles: the checkpoint may be cached for a few seconds at most, tiles and bundles for ever.
asio::awaitable<Response> log_file(ApiPtr api, Request request) {
  const auto path = request.path.substr(std::string_view("/log/").size());
  auto work = [&deps = api->deps, &path]() -> Result<std::string> {
    if (!deps.log) return Error{ErrorCode::not_found, "path", "No log is kept here.", "", {}};
    return deps.log(path);
  };
  auto bytes = co_await flow::off_thread(api->deps.pool, work);
  if (!bytes) co_return refusal(request, bytes.error());
  const bool checkpoint = path == "checkpoint";
  auto response = text_response(200, checkpoint ? "text/plain; charset=utf-8" : "application/octet-stream", std::move(*bytes));
  response.set("Cache-Control", checkpoint ? "public, max-age=1" : "public, max-age=31536000, immutable");
  response.set("Access-Control-Allow-Origin", "*");  // anyone may verify, from a page too
  co_return response;
}

}  // namespace

void add_system(Router& router, const ApiPtr& api) {
  const auto open = Access::everyone();
  router.add({"system.health",
              "GET",
              "/healthz",
              "Whether the process answers",
              {},
              {"text/plain"},
              open,
              0,
              false,
              bound(api, health)});
  router.add({"system.ready",
              "GET",
              "/readyz",
              "Whether it can do its work; 503 says what is not well",
              {},
              {"text/plain"},
              open,
              0,
              false,
              bound(api, readiness)});
  router.add({"system.metrics",
              "GET",
              "/metrics",
              "Figures in Prometheus' text format",
              {},
              {"text/plain"},
              open,
              0,
              false,
              bound(api, metrics)});
  router.add({"system.openapi",
              "GET",
              "/openapi.json",
              "This document",
              {},
              {"application/json"},
              open,
              0,
              false,
              bound(api, contract)});
  router.add({"problems.list",
              "GET",
              "/problems",
              "Every kind of problem explained",
              {},
              {"text/html"},
              open,
              0,
              false,
              bound(api, all_problems)});
  router.add({"problems.show",
              "GET",
              "/problems/{kind}",
              "One kind of problem explained",
              {},
              {"text/html"},
              open,
              0,
              false,
              bound(api, one_problem)});
}

void add_log(Router& router, const ApiPtr& api) {
  const auto open = Access::everyone();
  router.add({"log.checkpoint",
              "GET",
              "/log/checkpoint",
              "The log's newest signed head",
              {},
              {"text/plain"},
              open,
              0,
              false,
              bound(api, log_file)});
  router.add({"log.tile",
              "GET",
              "/log/tile/{path...}",
              "Tiles and entry bundles of the log",
              {},
              {"application/octet-stream"},
              open,
              0,
              false,
              bound(api, log_file)});
}

}  // namespace fabu::http
