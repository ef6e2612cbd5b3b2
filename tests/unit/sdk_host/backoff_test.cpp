#include "adapters/sdk/backoff.h"

#include <gtest/gtest.h>

namespace fabu::sdk {
namespace {

constexpr Instant kNow{Millis{1'800'000'000'000}};

TEST(Backoff, GrowsByTheFactorUpToTheCapWithoutJitter) {
  Backoff backoff({.base = Millis{5'000}, .factor = 3, .cap = Millis{3'600'000}, .jitter = 0}, 1);
  EXPECT_EQ(backoff.delay(1), Millis{5'000});
  EXPECT_EQ(backoff.delay(2), Millis{15'000});
  EXPECT_EQ(backoff.delay(6), Millis{1'215'000});
  EXPECT_EQ(backoff.delay(7), Millis{3'600'000});
  EXPECT_EQ(backoff.delay(4'000'000'000U), Millis{3'600'000});
  EXPECT_EQ(backoff.delay(0), Millis{5'000});
}

TEST(Backoff, StaysWithinItsJitterAndSpreads) {
  Backoff backoff({}, 42);
  Millis least{1'000'000}, most{0};
  for (int i = 0; i < 1000; ++i) {
    const Millis delay = backoff.delay(2);
    ASSERT_GE(delay, Millis{12'000});
    ASSERT_LE(delay, Millis{18'000});
    least = std::min(least, delay);
    most = std::max(most, delay);
  }
  EXPECT_LT(least, Millis{12'600});
  EXPECT_GT(most, Millis{17'400});
}

TEST(Backoff, IsTheSameForTheSameSeed) {
  Backoff one({}, 7), two({}, 7), other({}, 8);
  bool differs = false;
  for (std::uint32_t i = 1; i < 20; ++i) {
    const Millis delay = one.delay(i);
    EXPECT_EQ(delay, two.delay(i));
    differs = differs || delay != other.delay(i);
  }
  EXPECT_TRUE(differs);
}

TEST(Backoff, HonoursNotBeforeInFullButNeverShortensItsOwnDelay) {
  Backoff backoff({.jitter = 0}, 1);
  EXPECT_EQ(backoff.next(kNow, 1, kNow + std::chrono::hours(48)), kNow + std::chrono::hours(48));
  EXPECT_EQ(backoff.next(kNow, 1, kNow + Millis{10}), kNow + Millis{5'000});
  EXPECT_EQ(backoff.next(kNow, 1, std::nullopt), kNow + Millis{5'000});
}

TEST(Backoff, IsExhaustedAfterTheLastAttempt) {
  const Backoff backoff({.max_attempts = 3}, 1);
  EXPECT_FALSE(backoff.exhausted(2));
  EXPECT_TRUE(backoff.exhausted(3));
}

}  // namespace
}  // namespace fabu::sdk
