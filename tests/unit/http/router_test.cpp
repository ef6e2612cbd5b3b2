#include "broker/http/router.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/use_awaitable.hpp>

#include "unit/run_awaitable.h"

namespace fabu::http {
namespace {

using testing::HasSubstr;

boost::asio::awaitable<Response> echo(Request request) {
  std::string text = request.route->id + ":";
  for (const auto& [name, value] : request.parameters) text += name + "=" + value + ";";
  if (request.stream) {
    const auto piece = co_await request.stream->read();
    text += "streamed " + std::string(*piece);
  } else {
    text += request.body;
  }
  co_return text_response(200, "text/plain", text);
}

boost::asio::awaitable<Response> throws(Request) {
  throw std::runtime_error("boom");
  co_return Response();
}

boost::asio::awaitable<Result<Caller>> authenticate(const Request& request) {
  if (request.header("Authorization") == "reader") {
    Caller caller;
    caller.scopes = static_cast<std::uint8_t>(Scope::read);
    co_return caller;
  }
  co_return Error{ErrorCode::unauthorized, "Authorization", "No key.", "Send one.", {}};
}

struct RouterTest : testing::Test {
  Router router{[](const Request& request) { return authenticate(request); }};
  RouterTest() {
    const auto open = Access::everyone();
    router.add({"list", "GET", "/v1/items", "", {}, {}, open, 0, false, echo});
    router.add({"submit", "POST", "/v1/items", "", {"application/json"}, {}, open, 100, false, echo});
    router.add({"batch", "POST", "/v1/items:batch", "", {"application/x-ndjson"}, {}, open, 1000, true, echo});
    router.add({"show", "GET", "/v1/items/{id}", "", {}, {}, open, 0, false, echo});
    router.add({"trace", "GET", "/v1/items/{id}/trace", "", {}, {}, open, 0, false, echo});
    router.add({"pause", "POST", "/v1/channels/{name}:pause", "", {}, {}, Access::any(Scope::operate), 10, false, echo});
    router.add({"secret", "GET", "/v1/secret", "", {}, {}, Access::any(Scope::read, Scope::audit), 0, false, echo});
    router.add({"tile", "GET", "/log/tile/{path...}", "", {}, {}, open, 0, false, echo});
    router.add({"throws", "GET", "/throws", "", {}, {}, open, 0, false, throws});
  }
  Response ask(const std::string& method, const std::string& target, const std::string& body = "", const std::string& type = "",
               const std::string& key = "") {
    Request request;
    request.method = method;
    request.target = target;
    request.body = body;
    if (!type.empty()) request.headers.set("Content-Type", type);
    if (!key.empty()) request.headers.set("Authorization", key);
    return run(handle(router, std::move(request)));
  }
};

TEST_F(RouterTest, FindsRoutesByMethodAndPattern) {
  EXPECT_EQ(ask("GET", "/v1/items?limit=5").body, "list:");
  EXPECT_EQ(ask("POST", "/v1/items", "{}", "application/json").body, "submit:{}");
  EXPECT_EQ(ask("GET", "/v1/items/7").body, "show:id=7;");
  EXPECT_EQ(ask("GET", "/v1/items/7/trace").body, "trace:id=7;");
  EXPECT_EQ(ask("HEAD", "/v1/items/7").body, "show:id=7;");
  EXPECT_EQ(ask("GET", "/v1/items/GGJ:2026-1").body, "show:id=GGJ:2026-1;");
  EXPECT_EQ(ask("GET", "/log/tile/0/x001/234.p/5").body, "tile:path=0/x001/234.p/5;");
}

TEST_F(RouterTest, DecodesParametersAfterItHasCutThePath) {
  EXPECT_EQ(ask("GET", "/v1/items/1134%2F202608-00001").body, "show:id=1134/202608-00001;");
  EXPECT_EQ(ask("GET", "/v1/items/GGJ%3A%E9%87%87").body, "show:id=GGJ:采;");
}

TEST_F(RouterTest, HandsStreamedBodiesOverAsASource) {
  EXPECT_EQ(ask("POST", "/v1/items:batch", "{1}", "application/x-ndjson").body, "batch:streamed {1}");
}

TEST_F(RouterTest, TellsUnknownPathsFromWrongMethods) {
  EXPECT_EQ(ask("GET", "/v1/nothing").status, 404);
  const auto wrong = ask("DELETE", "/v1/items");
  EXPECT_EQ(wrong.status, 405);
  EXPECT_EQ(wrong.header("Allow"), "GET, HEAD, POST");
  EXPECT_EQ(ask("OPTIONS", "/v1/items").status, 204);
}

TEST_F(RouterTest, RefusesTargetsThatAreNone) {
  for (const auto* target : {"", "*", "http://evil/", "/v1/items/%zz", "/v1/items/%00", "/v1/items?a=%"})
    EXPECT_EQ(ask("GET", target).status, 400) << target;
}

TEST_F(RouterTest, RefusesBodiesOfAnotherTypeCodingOrSize) {
  EXPECT_EQ(ask("POST", "/v1/items", "{}", "text/html").status, 415);
  EXPECT_EQ(ask("POST", "/v1/items", "{}").status, 415);
  EXPECT_EQ(ask("POST", "/v1/items", std::string(101, 'x'), "application/json").status, 413);
  Request coded;
  coded.method = "POST";
  coded.target = "/v1/items";
  coded.body = "{}";
  coded.headers.set("Content-Type", "application/json");
  coded.headers.set("Content-Encoding", "gzip");
  EXPECT_EQ(run(handle(router, std::move(coded))).status, 415);
}

TEST_F(RouterTest, AsksForAKeyWithOneOfTheScopes) {
  EXPECT_EQ(ask("GET", "/v1/secret").status, 401);
  EXPECT_EQ(ask("GET", "/v1/secret", "", "", "reader").status, 200);
  const auto lacking = ask("POST", "/v1/channels/website:pause", "", "", "reader");
  EXPECT_EQ(lacking.status, 403);
  EXPECT_THAT(lacking.body, HasSubstr("operate"));
}

TEST_F(RouterTest, CarriesTheTraceOfTheCaller) {
  Request request;
  request.method = "GET";
  request.target = "/v1/items";
  request.headers.set("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
  EXPECT_EQ(run(handle(router, std::move(request))).header("X-Trace-Id"), "0af7651916cd43dd8448eb211c80319c");
}

TEST_F(RouterTest, AHandlerThatThrowsIsAnsweredWith500) {
  const auto response = ask("GET", "/throws");
  EXPECT_EQ(response.status, 500);
  EXPECT_EQ(response.content_type, "application/problem+json");
}

TEST_F(RouterTest, WhatNoRouteHasGoesToTheSiteExceptBelowTheApi) {
  router.otherwise(echo, {"/v1/", "/log/"});
  EXPECT_EQ(ask("GET", "/items/5/").body, "site:");
  EXPECT_EQ(ask("GET", "/v1/nothing").status, 404);
  EXPECT_EQ(ask("POST", "/items/5/").status, 405);
}

}  // namespace
}  // namespace fabu::http
