// Items: submitting them, and seeing what became of them.
#include "broker/domain/item_codec.h"
#include "broker/http/api_parts.h"
#include "broker/http/media.h"

namespace fabu::http {
namespace asio = boost::asio;

namespace {

Result<v1::Item> item_of(const Request& request) {
  if (request.body.empty()) {
    return Error{ErrorCode::malformed, "body", "The body is empty.", "Send a fabu.v1.Item in protobuf or JSON.", {}};
  }
  return is_protobuf(media_type(request.header("Content-Type"))) ? domain::decode_protobuf(request.body)
                                                                 : domain::decode_json(request.body);
}

asio::awaitable<Response> submit(ApiPtr api, Request request) {
  const Place place(api);
  if (!place) co_return refusal(request, Place::none_left());
  const auto dry_run = dry_run_of(request);
  if (!dry_run) co_return refusal(request, dry_run.error());
  auto item = item_of(request);
  if (!item) {
    if (!*dry_run) {
      const auto recorded = co_await api->deps.intake.refuse_unread(request.caller, flow::refusal::unread(item.error()));
      if (!recorded) co_return refusal(request, recorded.error());
    }
    co_return refusal(request, item.error());
  }
  const Instant start = api->deps.clock.now();
  const auto receipt = co_await api->deps.intake.submit(request.caller, std::move(*item), *dry_run);
  if (!receipt) co_return refusal(request, receipt.error());
  // A receipt from before this request is the one that was given when the same content came first.
  const bool fresh = !*dry_run && receipt->accepted_ms() >= to_ms(start);
  auto response = message_response(request, fresh ? 201 : 200, *receipt);
  if (receipt->item_id() != 0) response.set("Location", "/v1/items/" + std::to_string(receipt->item_id()));
  co_return response;
}

asio::awaitable<Response> list(ApiPtr api, Request request) {
  const auto before = number_of<std::uint64_t>(request, "after", 0);
  if (!before) co_return refusal(request, before.error());
  const auto limit = number_of<unsigned>(request, "limit", 50);
  if (!limit) co_return refusal(request, limit.error());
  store::ItemQuery query;
  query.department = request.query.get("department");
  query.entry = request.query.get("entry");
  query.before = *before;
  query.limit = *limit;
  const auto items = co_await api->deps.inquiry.items(request.caller, std::move(query));
  co_return answered(request, items);
}

asio::awaitable<Response> show(ApiPtr api, Request request) {
  const auto item = co_await api->deps.inquiry.item(request.caller, request.parameter("id"));
  co_return answered(request, item);
}

asio::awaitable<Response> trace(ApiPtr api, Request request) {
  const auto steps = co_await api->deps.inquiry.trace(request.caller, request.parameter("id"));
  co_return answered(request, steps);
}

asio::awaitable<Response> why(ApiPtr api, Request request) {
  const auto words = co_await api->deps.inquiry.why(request.caller, request.parameter("id"));
  co_return answered(request, words);
}

asio::awaitable<Response> bundle(ApiPtr api, Request request) {
  const auto evidence = co_await api->deps.inquiry.bundle(request.caller, request.parameter("id"));
  if (!evidence) co_return refusal(request, evidence.error());
  auto response = text_response(200, "application/x-protobuf", evidence->SerializeAsString());
  response.set("Content-Disposition", "attachment; filename=\"item" + std::to_string(evidence->item_id()) + ".bundle\"");
  response.set("Cache-Control", "no-store");
  co_return response;
}

asio::awaitable<Response> withdraw(ApiPtr api, Request request) {
  v1::WithdrawRequest order;
  if (const auto read = read_message(request, order); !read) co_return refusal(request, read.error());
  const auto id = co_await api->deps.inquiry.resolve(request.caller, request.parameter("id"));
  if (!id) co_return refusal(request, id.error());
  const auto receipt = co_await api->deps.operate.withdraw(request.caller, *id, std::move(order));
  co_return answered(request, receipt);
}

asio::awaitable<Response> review(ApiPtr api, Request request) {
  v1::ReviewRequest decision;
  if (const auto read = read_message(request, decision); !read) co_return refusal(request, read.error());
  const auto id = co_await api->deps.inquiry.resolve(request.caller, request.parameter("id"));
  if (!id) co_return refusal(request, id.error());
  const auto receipt = co_await api->deps.operate.review(request.caller, *id, std::move(decision));
  co_return answered(request, receipt);
}

}  // namespace

Result<bool> dry_run_of(const Request& request) {
  const std::string value = request.query.get("dry_run");
  if (!request.query.has("dry_run") || value == "false" || value == "0") return false;
  if (value.empty() || value == "true" || value == "1") return true;
  return Error{ErrorCode::malformed, "dry_run", "`dry_run` is neither true nor false.", "Send ?dry_run or ?dry_run=true.", {}};
}

void add_items(Router& router, const ApiPtr& api) {
  const auto& types = message_types();
  const auto withdrawers = Access::any(Scope::submit, Scope::operate);
  router.add({"items.submit", "POST", "/v1/items", "Submit an item, or a correction of one", types, types,
              Access::any(Scope::submit), kMaxItem, false, bound(api, submit), recording(api)});
  router.add({"items.list", "GET", "/v1/items", "Items, newest first", {}, types, readers(), 0, false, bound(api, list)});
  router.add({"items.show",
              "GET",
              "/v1/items/{id}",
              "An item with its editions and deliveries",
              {},
              types,
              readers(),
              0,
              false,
              bound(api, show)});
  router.add({"items.trace",
              "GET",
              "/v1/items/{id}/trace",
              "Every recorded step of an item",
              {},
              types,
              readers(),
              0,
              false,
              bound(api, trace)});
  router.add({"items.why",
              "GET",
              "/v1/items/{id}/why",
              "Where an item is and why, in plain words",
              {},
              types,
              readers(),
              0,
              false,
              bound(api, why)});
  router.add({"items.bundle",
              "GET",
              "/v1/items/{id}/bundle",
              "The evidence bundle of an item",
              {},
              {"application/x-protobuf"},
              readers(),
              0,
              false,
              bound(api, bundle)});
  router.add({"items.withdraw", "POST", "/v1/items/{id}/withdrawal", "Order an item withdrawn from every channel", types, types,
              withdrawers, kMaxSmall, false, bound(api, withdraw)});
  router.add({"items.review", "POST", "/v1/items/{id}/review", "Approve or reject the held edition", types, types,
              Access::any(Scope::review), kMaxSmall, false, bound(api, review)});
}

}  // namespace fabu::http
