#include "broker/http/auth.h"

#include <gtest/gtest.h>

#include <map>

#include "unit/print_result.h"
#include "unit/run_awaitable.h"

namespace fabu::http {
namespace {

using std::chrono::seconds;

struct AuthTest : testing::Test {
  std::map<std::string, store::KeyRecord> keys;
  int lookups = 0;
  std::chrono::steady_clock::time_point now{seconds(1000)};
  boost::asio::thread_pool pool{1};
  Auth auth{[this](const std::string& id) -> Result<std::optional<store::KeyRecord>> {
              ++lookups;
              const auto found = keys.find(id);
              return found == keys.end() ? std::nullopt : std::optional(found->second);
            },
            pool, options()};

  AuthOptions options() {
    AuthOptions o;
    o.failures = 3;
    o.regain = seconds(10);
    o.now = [this] { return now; };
    return o;
  }
  KeyText add(std::uint8_t scopes) {
    auto key = make_key(system_random());
    keys[key.id] = {key.id, "GGJ", "test", scopes, key.digest(), 1, 0};
    return key;
  }
  Result<Caller> ask(const std::string& authorization, const std::string& address = "10.0.0.1") {
    Request request;
    if (!authorization.empty()) request.headers.set("Authorization", authorization);
    request.address = address;
    return run(auth.authenticate(request));
  }
  ErrorCode refused(const std::string& authorization, const std::string& address = "10.0.0.1") {
    const auto caller = ask(authorization, address);
    EXPECT_FALSE(caller);
    return caller ? ErrorCode::io : caller.error().code;
  }
};

TEST_F(AuthTest, KnowsTheDepartmentAndScopesOfAKey) {
  const auto caller = ask("Bearer " + add(3).text());
  ASSERT_TRUE(caller);
  EXPECT_EQ(caller->department, "GGJ");
  EXPECT_EQ(caller->kind, v1::ACTOR_KIND_DEPARTMENT);
  EXPECT_TRUE(caller->may(Scope::submit));
  EXPECT_FALSE(caller->may(Scope::operate));
}

TEST_F(AuthTest, RefusesNoKeyAnUnknownOneAndAWrongSecret) {
  const auto key = add(3);
  auto wrong = key;
  wrong.secret.back() = wrong.secret.back() == 'a' ? 'b' : 'a';
  EXPECT_EQ(refused(""), ErrorCode::unauthorized);
  EXPECT_EQ(refused("Bearer " + make_key(system_random()).text(), "1"), ErrorCode::unauthorized);
  EXPECT_EQ(refused("Bearer " + wrong.text(), "2"), ErrorCode::unauthorized);
  EXPECT_EQ(refused("Basic " + key.text(), "3"), ErrorCode::unauthorized);
  EXPECT_TRUE(ask("bearer " + key.text()));
}

TEST_F(AuthTest, AsksTheStoreOnceInFiveSeconds) {
  const auto key = "Bearer " + add(3).text();
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(ask(key));
  EXPECT_EQ(lookups, 1);
  now += seconds(6);
  EXPECT_TRUE(ask(key));
  EXPECT_EQ(lookups, 2);
}

TEST_F(AuthTest, ARevokedKeyEndsAtOnceWhenToldAndSoonOtherwise) {
  const auto key = add(3);
  EXPECT_TRUE(ask("Bearer " + key.text()));
  keys[key.id].revoked_ms = 5;
  EXPECT_TRUE(ask("Bearer " + key.text()));
  auth.invalidate(key.id);
  EXPECT_EQ(refused("Bearer " + key.text()), ErrorCode::unauthorized);
}

TEST_F(AuthTest, AnAddressThatFailsTooOftenIsToldToWaitAndOthersAreNot) {
  const auto good = "Bearer " + add(3).text();
  EXPECT_TRUE(ask(good));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(refused("Bearer nonsense"), ErrorCode::unauthorized);
  EXPECT_EQ(refused("Bearer nonsense"), ErrorCode::busy);
  EXPECT_EQ(refused("Bearer nonsense", "10.0.0.2"), ErrorCode::unauthorized);
  EXPECT_TRUE(ask(good));  // a key that is known to be good goes on, whoever else fails behind the same proxy
  now += seconds(31);
  EXPECT_EQ(refused("Bearer nonsense"), ErrorCode::unauthorized);
}

TEST_F(AuthTest, Ipv6NetworksCountAsOneAddress) {
  for (int i = 0; i < 3; ++i) refused("Bearer nonsense", "2001:db8:1:2::" + std::to_string(i));
  EXPECT_EQ(refused("Bearer nonsense", "2001:db8:1:2:ffff::9"), ErrorCode::busy);
  EXPECT_EQ(refused("Bearer nonsense", "2001:db8:1:3::9"), ErrorCode::unauthorized);
}

TEST_F(AuthTest, TheLocalAdministratorNeedsNoKey) {
  Request request;
  request.local = true;
  const auto caller = run(auth.authenticate(request));
  ASSERT_TRUE(caller);
  EXPECT_EQ(caller->kind, v1::ACTOR_KIND_LOCAL);
  EXPECT_EQ(caller->actor(), "local");
  EXPECT_TRUE(caller->may(Scope::admin));
}

}  // namespace
}  // namespace fabu::http
