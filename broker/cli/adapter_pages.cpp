#include "broker/cli/adapter_pages.h"

#include <memory>
#include <utility>

#include "broker/flow/off_thread.h"
#include "broker/http/problem.h"

namespace fabu::cli {
namespace asio = boost::asio;

namespace {

using http::Request;
using http::Response;

// Handlers are coroutines that take all they need as parameters: they outlive whoever starts them.
struct Desk {
  AdapterPages pages;
  asio::thread_pool& pool;
};
using DeskPtr = std::shared_ptr<Desk>;
using Act = asio::awaitable<Response> (*)(DeskPtr, Request);

Response plain(int status, std::string text) {
  return http::text_response(status, "text/plain; charset=utf-8", std::move(text)).set("Cache-Control", "no-store");
}

asio::awaitable<Response> health(DeskPtr, Request) {
  co_return plain(200, "ok\n");
}

asio::awaitable<Response> readiness(DeskPtr desk, Request request) {
  auto ask = [&desk] { return desk->pages.ready(); };
  const auto ready = co_await flow::off_thread(desk->pool, ask);
  if (ready) co_return plain(200, "ready\n");
  co_return http::problem_response(ready.error(), request.path, request.trace.trace_id);
}

asio::awaitable<Response> metrics(DeskPtr desk, Request) {
  auto ask = [&desk] { return desk->pages.metrics(); };
  auto text = co_await flow::off_thread(desk->pool, ask);
  co_return http::text_response(200, "text/plain; version=0.0.4; charset=utf-8", std::move(text))
      .set("Cache-Control", "no-store");
}

asio::awaitable<Response> search(DeskPtr desk, Request request) {
  if (!desk->pages.search) co_return plain(404, "There is no search here.\n");
  auto ask = [&desk, &request] { return desk->pages.search(request); };
  auto response = co_await flow::off_thread(desk->pool, ask);
  http::add_site_headers(response);
  co_return response;
}

asio::awaitable<Result<Caller>> nobody(const Request&) {
  co_return Error{ErrorCode::unauthorized, "key", "Nothing here is asked with a key.", "Ask a broker.", {}};
}

}  // namespace

http::Router adapter_router(AdapterPages pages, asio::thread_pool& pool) {
  const auto desk = std::make_shared<Desk>(Desk{std::move(pages), pool});
  http::Router router(&nobody);
  const auto add = [&](const char* id, const char* path, const char* summary, std::vector<std::string> gives, Act act) {
    router.add({id, "GET", path, summary, {}, std::move(gives), http::Access::everyone(), 0, false, [desk, act](Request request) {
                  return act(desk, std::move(request));
                }});
  };
  add("system.health", "/healthz", "Whether the process answers", {"text/plain"}, health);
  add("system.ready", "/readyz", "Whether works can come; 503 says what is not well", {"text/plain"}, readiness);
  add("system.metrics", "/metrics", "Figures in Prometheus' text format", {"text/plain"}, metrics);
  add("site.search", "/search", "Full-text search of the public site", {"text/html", "application/json"}, search);
  if (!desk->pages.site.empty()) {
    const auto site = std::make_shared<http::Site>(desk->pages.site, pool);
    router.otherwise([site](Request request) { return site->answer(std::move(request)); }, {"/v1/", "/log/"});
  }
  return router;
}

}  // namespace fabu::cli
