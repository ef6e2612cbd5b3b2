#include "adapters/sdk/breaker.h"

#include <gtest/gtest.h>

namespace fabu::sdk {
namespace {

constexpr Instant kNow{Millis{1'800'000'000'000}};
constexpr BreakerOptions kOptions{.failures = 3, .open = Millis{1000}, .factor = 2, .cap = Millis{3000}};

Breaker opened() {
  Breaker breaker(kOptions);
  for (const char* id : {"a", "b", "c"}) breaker.failed(id, kNow);
  return breaker;
}

TEST(Breaker, OpensAfterSeveralDifferentDeliveriesFailedInARow) {
  Breaker breaker(kOptions);
  EXPECT_EQ(breaker.failed("a", kNow), Breaker::Change::none);
  EXPECT_EQ(breaker.failed("b", kNow), Breaker::Change::none);
  EXPECT_EQ(breaker.failed("c", kNow), Breaker::Change::opened);
  EXPECT_EQ(breaker.state(kNow), Breaker::State::open);
  EXPECT_EQ(breaker.until(), kNow + Millis{1000});
  EXPECT_EQ(breaker.admits(kNow, 9), 0u);
}

TEST(Breaker, OneBadDeliveryNeverOpensIt) {
  Breaker breaker(kOptions);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(breaker.failed("a", kNow), Breaker::Change::none);
  EXPECT_EQ(breaker.admits(kNow, 9), 9u);
}

TEST(Breaker, AnAnswerStartsTheCountAnew) {
  Breaker breaker(kOptions);
  breaker.failed("a", kNow);
  breaker.failed("b", kNow);
  breaker.answered("x");
  EXPECT_EQ(breaker.failed("c", kNow), Breaker::Change::none);
  EXPECT_EQ(breaker.failures(), 1u);
}

TEST(Breaker, LetsOneProbeThroughWhenItsTimeIsOver) {
  Breaker breaker = opened();
  const Instant later = kNow + Millis{1000};
  EXPECT_EQ(breaker.state(later), Breaker::State::half_open);
  EXPECT_EQ(breaker.admits(later, 9), 1u);
  breaker.begun("p", later);
  EXPECT_EQ(breaker.admits(later, 9), 0u);
  EXPECT_EQ(breaker.answered("p"), Breaker::Change::closed);
  EXPECT_EQ(breaker.admits(later, 9), 9u);
}

TEST(Breaker, StaysOpenLongerEachTimeAProbeFailsUpToTheCap) {
  Breaker breaker = opened();
  Instant now = kNow;
  for (const int expected : {2000, 3000, 3000}) {
    now = breaker.until();
    breaker.begun("p", now);
    EXPECT_EQ(breaker.failed("p", now), Breaker::Change::opened);
    EXPECT_EQ(breaker.until() - now, Millis{expected});
  }
  now = breaker.until();
  breaker.begun("p", now);
  breaker.answered("p");
  for (const char* id : {"a", "b", "c"}) breaker.failed(id, now);
  EXPECT_EQ(breaker.until() - now, Millis{1000}) << "closing starts the growth anew";
}

TEST(Breaker, IgnoresWhatBeganBeforeItOpened) {
  Breaker breaker = opened();
  EXPECT_EQ(breaker.failed("late", kNow), Breaker::Change::none);
  EXPECT_EQ(breaker.answered("late"), Breaker::Change::none);
  const Instant later = kNow + Millis{1000};
  breaker.begun("p", later);
  EXPECT_EQ(breaker.answered("late"), Breaker::Change::none);
  EXPECT_EQ(breaker.failed("late", later), Breaker::Change::none);
  EXPECT_EQ(breaker.admits(later, 9), 0u);
}

TEST(Breaker, ANewProbeMayGoWhenOneEndedUndecided) {
  Breaker breaker = opened();
  const Instant later = kNow + Millis{1000};
  breaker.begun("p", later);
  breaker.undecided("p");
  EXPECT_EQ(breaker.admits(later, 9), 1u);
}

TEST(Breaker, ResetClosesIt) {
  Breaker breaker = opened();
  breaker.reset();
  EXPECT_EQ(breaker.state(kNow), Breaker::State::closed);
}

}  // namespace
}  // namespace fabu::sdk
