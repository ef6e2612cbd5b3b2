#include "broker/http/api.h"

#include "broker/flow/off_thread.h"
#include "broker/http/api_parts.h"

namespace fabu::http {
namespace asio = boost::asio;

namespace {

asio::awaitable<Response> search_page(ApiPtr api, Request request) {
  if (!api->deps.search) co_return refusal(request, {ErrorCode::not_found, "path", "There is no search here.", "", {}});
  auto work = [&deps = api->deps, &request] { return deps.search(request); };
  auto response = co_await flow::off_thread(api->deps.pool, work);
  add_site_headers(response);
  co_return response;
}

}  // namespace

Router make_router(ApiDeps deps) {
  auto* const auth = &deps.auth;
  Router router([auth](const Request& request) { return auth->authenticate(request); });
  const auto api = std::make_shared<Api>(std::move(deps));
  add_items(router, api);
  add_batch(router, api);
  add_attachments(router, api);
  add_operations(router, api);
  add_keys(router, api);
  add_system(router, api);
  add_log(router, api);
  router.add({"site.search",
              "GET",
              "/search",
              "Full-text search of the public site",
              {},
              {"text/html", "application/json"},
              Access::everyone(),
              0,
              false,
              bound(api, search_page)});
  if (!api->deps.site.empty()) {
    const auto site = std::make_shared<Site>(api->deps.site, api->deps.pool);
    router.otherwise([site](Request request) { return site->answer(std::move(request)); }, {"/v1/", "/log/", "/problems/"});
  }
  return router;
}

}  // namespace fabu::http
