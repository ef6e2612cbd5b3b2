#include "adapters/sdk/rate.h"

#include <gtest/gtest.h>

namespace fabu::sdk {
namespace {

constexpr Instant kNow{Millis{1'800'000'000'000}};

TEST(Rate, AdmitsEverythingWithoutALimit) {
  Rate rate(0, kNow);
  EXPECT_EQ(rate.available(kNow, 1000), 1000u);
  rate.spend(1000);
  EXPECT_EQ(rate.available(kNow, 1000), 1000u);
  EXPECT_EQ(rate.next(kNow), kNow);
}

TEST(Rate, AllowsABurstOfOneSecondThenTheRate) {
  Rate rate(10, kNow);
  EXPECT_EQ(rate.available(kNow, 100), 10u);
  rate.spend(10);
  EXPECT_EQ(rate.available(kNow, 100), 0u);
  EXPECT_EQ(rate.next(kNow), kNow + Millis{100});
  EXPECT_EQ(rate.available(kNow + Millis{100}, 100), 1u);
  EXPECT_EQ(rate.available(kNow + Millis{350}, 100), 3u);
  EXPECT_EQ(rate.available(kNow + std::chrono::hours(1), 100), 10u);
}

TEST(Rate, AllowsLessThanOneASecond) {
  Rate rate(0.5, kNow);
  EXPECT_EQ(rate.available(kNow, 5), 1u);
  rate.spend(1);
  EXPECT_EQ(rate.next(kNow), kNow + Millis{2000});
  EXPECT_EQ(rate.available(kNow + Millis{1999}, 5), 0u);
  EXPECT_EQ(rate.available(kNow + Millis{2000}, 5), 1u);
}

TEST(Rate, NextIsNeverTooEarly) {
  for (double per_second : {0.3, 1.0, 3.0, 7.0, 33.3, 999.0}) {
    Instant now = kNow;
    Rate rate(per_second, now);
    for (int i = 0; i < 200; ++i) {
      now = rate.next(now);
      ASSERT_GE(rate.available(now, 1), 1u) << per_second;
      rate.spend(1);
    }
  }
}

TEST(Rate, GoesOnAfterTheClockWentBack) {
  Rate rate(1, kNow);
  rate.spend(1);
  EXPECT_EQ(rate.available(kNow - std::chrono::hours(1), 1), 0u);
  EXPECT_EQ(rate.available(kNow + Millis{1000}, 1), 1u);
}

}  // namespace
}  // namespace fabu::sdk
