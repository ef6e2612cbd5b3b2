// What operators look at and mend: deliveries and channels.
#include <algorithm>
#include <cctype>
#include <optional>

#include "broker/http/api_parts.h"

namespace fabu::http {
namespace asio = boost::asio;

namespace {

// "dead", or DELIVERY_STATE_DEAD.
Result<std::optional<v1::DeliveryState>> state_of(const Request& request) {
  std::string name = request.query.get("state");
  if (name.empty()) return std::optional<v1::DeliveryState>();
  std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  v1::DeliveryState state = v1::DELIVERY_STATE_UNSPECIFIED;
  if (v1::DeliveryState_Parse(name, &state) || v1::DeliveryState_Parse("DELIVERY_STATE_" + name, &state))
    return std::optional(state);
  return Error{ErrorCode::malformed,
               "state",
               "There is no such state.",
               "Send pending, leased, delivered, retrying, dead or superseded.",
               {}};
}

asio::awaitable<Response> deliveries(ApiPtr api, Request request) {
  store::DeliveryQuery query;
  query.channel = request.query.get("channel");
  query.code = request.query.get("code");
  query.after = request.query.get("after");
  const auto limit = number_of<unsigned>(request, "limit", 100);
  if (!limit) co_return refusal(request, limit.error());
  query.limit = *limit;
  const auto state = state_of(request);
  if (!state) co_return refusal(request, state.error());
  query.state = *state;
  const std::string item = request.query.get("item");
  if (!item.empty()) {
    const auto id = co_await api->deps.inquiry.resolve(request.caller, item);
    if (!id) co_return refusal(request, id.error());
    query.item_id = *id;
  }
  const auto list = co_await api->deps.inquiry.deliveries(request.caller, std::move(query));
  co_return answered(request, list);
}

asio::awaitable<Response> groups(ApiPtr api, Request request) {
  const auto found = co_await api->deps.inquiry.groups(request.caller);
  co_return answered(request, found);
}

asio::awaitable<Response> replay(ApiPtr api, Request request) {
  v1::ReplayRequest order;
  if (const auto read = read_message(request, order); !read) co_return refusal(request, read.error());
  const auto answer = co_await api->deps.operate.replay(request.caller, std::move(order));
  co_return answered(request, answer);
}

asio::awaitable<Response> channels(ApiPtr api, Request request) {
  const auto list = co_await api->deps.inquiry.channels(request.caller);
  co_return answered(request, list);
}

asio::awaitable<Response> pause(ApiPtr api, Request request) {
  v1::ChannelView wish;  // of which only the reason counts
  if (const auto read = read_message(request, wish); !read) co_return refusal(request, read.error());
  const auto view = co_await api->deps.operate.pause(request.caller, request.parameter("name"), wish.reason());
  co_return answered(request, view);
}

asio::awaitable<Response> resume(ApiPtr api, Request request) {
  const auto view = co_await api->deps.operate.resume(request.caller, request.parameter("name"));
  co_return answered(request, view);
}

}  // namespace

void add_operations(Router& router, const ApiPtr& api) {
  const auto& types = message_types();
  const auto overseers = Access::any(Scope::operate, Scope::audit, Scope::review);
  const auto operators = Access::any(Scope::operate);
  router.add({"deliveries.list",
              "GET",
              "/v1/deliveries",
              "Deliveries, by channel, state, cause or item",
              {},
              types,
              readers(),
              0,
              false,
              bound(api, deliveries)});
  router.add({"deliveries.groups",
              "GET",
              "/v1/deliveries/groups",
              "Dead and failing deliveries by cause",
              {},
              types,
              overseers,
              0,
              false,
              bound(api, groups)});
  router.add({"deliveries.replay", "POST", "/v1/deliveries:replay", "Make dead deliveries pending again, or count them", types,
              types, operators, kMaxSmall, false, bound(api, replay)});
  router.add({"channels.list",
              "GET",
              "/v1/channels",
              "Every channel and its state",
              {},
              types,
              readers(),
              0,
              false,
              bound(api, channels)});
  router.add({"channels.pause", "POST", "/v1/channels/{name}:pause", "Hold a channel's deliveries", types, types, operators,
              kMaxSmall, false, bound(api, pause)});
  router.add({"channels.resume", "POST", "/v1/channels/{name}:resume", "Let a channel go on at once", types, types, operators,
              kMaxSmall, false, bound(api, resume)});
}

}  // namespace fabu::http
