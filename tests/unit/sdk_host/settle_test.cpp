#include "adapters/sdk/settle.h"

#include <gtest/gtest.h>

#include "adapters/sdk/channel.h"

namespace fabu::sdk {
namespace {

constexpr Instant kNow{Millis{1'800'000'000'000}};
constexpr BackoffOptions kPlain{.base = Millis{5'000}, .factor = 3, .cap = Millis{3'600'000}, .jitter = 0, .max_attempts = 12};

Ruling rule(v1::FailureClass what_next, Try tried = {}, std::optional<Instant> not_before = std::nullopt) {
  Backoff backoff(kPlain, 1);
  v1::Failure failed = failure(what_next, "test.code", "words");
  if (not_before) failed.set_not_before_ms(to_ms(*not_before));
  return settle(tried, failed, kNow, backoff);
}
Instant due(const Ruling& ruling) {
  return from_ms(ruling.setback.due_ms());
}

TEST(Settle, ARetryCostsAnAttemptAndComesBackByTheBackoff) {
  const Ruling ruling = rule(v1::FAILURE_CLASS_RETRY, {.attempts = 2});
  EXPECT_EQ(ruling.setback.state(), v1::DELIVERY_STATE_RETRYING);
  EXPECT_EQ(ruling.setback.attempts(), 3u);
  EXPECT_EQ(due(ruling), kNow + Millis{45'000});
  EXPECT_EQ(ruling.effect, ChannelEffect::count);
  EXPECT_EQ(ruling.setback.failure().code(), "test.code");
}

TEST(Settle, ARetryHonoursNotBefore) {
  EXPECT_EQ(due(rule(v1::FAILURE_CLASS_RETRY, {}, kNow + std::chrono::hours(30))), kNow + std::chrono::hours(30));
}

TEST(Settle, TheLastAttemptIsDead) {
  EXPECT_EQ(rule(v1::FAILURE_CLASS_RETRY, {.attempts = 10}).setback.state(), v1::DELIVERY_STATE_RETRYING);
  const Ruling ruling = rule(v1::FAILURE_CLASS_RETRY, {.attempts = 11});
  EXPECT_EQ(ruling.setback.state(), v1::DELIVERY_STATE_DEAD);
  EXPECT_EQ(ruling.setback.attempts(), 12u);
}

TEST(Settle, ARejectionIsDeadAtOnceAndSaysNothingAgainstTheChannel) {
  const Ruling ruling = rule(v1::FAILURE_CLASS_REJECTED);
  EXPECT_EQ(ruling.setback.state(), v1::DELIVERY_STATE_DEAD);
  EXPECT_EQ(ruling.effect, ChannelEffect::none);
}

TEST(Settle, ThrottlingPausesTheChannelAndCostsNoAttempt) {
  const Ruling ruling = rule(v1::FAILURE_CLASS_THROTTLED, {.attempts = 4});
  EXPECT_EQ(ruling.setback.state(), v1::DELIVERY_STATE_PENDING);
  EXPECT_EQ(ruling.setback.attempts(), 4u);
  EXPECT_EQ(ruling.effect, ChannelEffect::pause);
  EXPECT_EQ(ruling.until, kNow + Millis{5'000});
  EXPECT_EQ(due(ruling), ruling.until);
}

TEST(Settle, ThrottlingInARowPausesLonger) {
  EXPECT_EQ(rule(v1::FAILURE_CLASS_THROTTLED, {.throttles = 2}).until, kNow + Millis{45'000});
}

TEST(Settle, AThrottlingChannelIsTakenAtItsWord) {
  EXPECT_EQ(rule(v1::FAILURE_CLASS_THROTTLED, {.throttles = 5}, kNow + Millis{1'000}).until, kNow + Millis{1'000});
  EXPECT_EQ(rule(v1::FAILURE_CLASS_THROTTLED, {}, kNow + std::chrono::hours(30)).until, kNow + std::chrono::hours(30));
}

TEST(Settle, AnOutageCostsNoAttemptAndCountsTowardsTheBreaker) {
  const Ruling ruling = rule(v1::FAILURE_CLASS_UNAVAILABLE, {.attempts = 11, .outages = 1});
  EXPECT_EQ(ruling.setback.state(), v1::DELIVERY_STATE_PENDING);
  EXPECT_EQ(ruling.setback.attempts(), 11u);
  EXPECT_EQ(due(ruling), kNow + Millis{15'000});
  EXPECT_EQ(ruling.effect, ChannelEffect::count);
}

TEST(Settle, RefusedCredentialsStopTheChannelAndCostNoAttempt) {
  const Ruling ruling = rule(v1::FAILURE_CLASS_UNAUTHORIZED, {.attempts = 3});
  EXPECT_EQ(ruling.setback.state(), v1::DELIVERY_STATE_PENDING);
  EXPECT_EQ(ruling.setback.attempts(), 3u);
  EXPECT_EQ(due(ruling), kNow);
  EXPECT_EQ(ruling.effect, ChannelEffect::stop);
}

TEST(Settle, AFailureWithoutAKnownClassIsARetry) {
  EXPECT_EQ(rule(v1::FAILURE_CLASS_UNSPECIFIED).setback.failure().failure_class(), v1::FAILURE_CLASS_RETRY);
  const Ruling ruling = rule(static_cast<v1::FailureClass>(77));
  EXPECT_EQ(ruling.setback.state(), v1::DELIVERY_STATE_RETRYING);
  EXPECT_EQ(ruling.setback.failure().failure_class(), v1::FAILURE_CLASS_RETRY);
}

TEST(Settle, ATimeOfTheDistantPastOrFutureDoesNoHarm) {
  EXPECT_EQ(due(rule(v1::FAILURE_CLASS_RETRY, {}, from_ms(std::numeric_limits<std::int64_t>::max()))).time_since_epoch().count(),
            std::numeric_limits<std::int64_t>::max());
  EXPECT_GT(due(rule(v1::FAILURE_CLASS_RETRY, {}, from_ms(std::numeric_limits<std::int64_t>::min()))), kNow);
}

TEST(BoundedText, CutsBetweenCharactersAndReplacesWhatIsNotUtf8) {
  EXPECT_EQ(bounded_text("政务公开", 7), "政务");
  EXPECT_EQ(bounded_text("abc", 3), "abc");
  EXPECT_EQ(bounded_text("a\xff\xfe"
                         "b",
                         10),
            "a??b");
  EXPECT_EQ(bounded_text("\xe6\x94", 10), "??");
  EXPECT_EQ(bounded_text("\xed\xa0\x80", 10), "???") << "a surrogate";
  EXPECT_EQ(bounded_text("\xc0\xaf", 10), "??") << "an overlong slash";
  EXPECT_EQ(bounded_text("\xf0\x9f\x98\x80", 10), "\xf0\x9f\x98\x80");
  EXPECT_EQ(bounded_text("\xf5\x80\x80\x80", 10), "????");
  EXPECT_EQ(bounded_text("", 10), "");
}

TEST(Settle, KeepsCodeAndMessageWithinTheContract) {
  Backoff backoff(kPlain, 1);
  const Ruling ruling =
      settle({}, failure(v1::FAILURE_CLASS_RETRY, std::string(500, 'c'), std::string(5000, 'm')), kNow, backoff);
  EXPECT_EQ(ruling.setback.failure().code().size(), 100u);
  EXPECT_EQ(ruling.setback.failure().message().size(), 1000u);
}

}  // namespace
}  // namespace fabu::sdk
