// API keys: making, listing, revoking.
#include "broker/flow/off_thread.h"
#include "broker/http/api_parts.h"

namespace fabu::http {
namespace asio = boost::asio;

namespace {

v1::KeyView view_of(const store::KeyRecord& key) {
  v1::KeyView view;
  view.set_key_id(key.id);
  view.set_department(key.department);
  view.set_name(key.name);
  view.set_created_ms(key.created_ms);
  view.set_revoked_ms(key.revoked_ms);
  for (auto& scope : flow::scope_names(key.scopes)) view.add_scopes(std::move(scope));
  return view;
}

asio::awaitable<Response> create(ApiPtr api, Request request) {
  v1::KeyRequest order;
  if (const auto read = read_message(request, order); !read) co_return refusal(request, read.error());
  const auto key = co_await api->deps.operate.create_key(request.caller, std::move(order));
  co_return answered(request, key, 201);
}

asio::awaitable<Response> list(ApiPtr api, Request request) {
  auto work = [&deps = api->deps] { return deps.store.keys(); };
  const auto keys = co_await flow::off_thread(api->deps.pool, work);
  if (!keys) co_return refusal(request, keys.error());
  v1::KeyList list;
  for (const auto& key : *keys) *list.add_keys() = view_of(key);
  co_return message_response(request, 200, list);
}

asio::awaitable<Response> revoke(ApiPtr api, Request request) {
  const std::string& id = request.parameter("id");
  const auto revoked = co_await api->deps.operate.revoke_key(request.caller, id);
  api->deps.auth.invalidate(id);
  if (!revoked) co_return refusal(request, revoked.error());
  co_return text_response(204, "", "");
}

}  // namespace

void add_keys(Router& router, const ApiPtr& api) {
  const auto& types = message_types();
  const auto admins = Access::any(Scope::admin);
  router.add({"keys.create", "POST", "/v1/keys", "Make a key for a department; it is shown this once", types, types, admins,
              kMaxSmall, false, bound(api, create)});
  router.add({"keys.list", "GET", "/v1/keys", "Every key, without its secret", {}, types, admins, 0, false, bound(api, list)});
  router.add({"keys.revoke", "DELETE", "/v1/keys/{id}", "Revoke a key, at once", {}, {}, admins, 0, false, bound(api, revoke)});
}

}  // namespace fabu::http
