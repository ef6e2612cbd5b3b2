#include "adapters/sdk/gate.h"

#include <gtest/gtest.h>

#include "adapters/sdk/channel.h"

namespace fabu::sdk {
namespace {

constexpr Instant kNow{Millis{1'800'000'000'000}};
constexpr Millis kReprobe{600'000};
constexpr BackoffOptions kPlain{.jitter = 0};

class GateTest : public testing::Test {
 protected:
  Ruling fail(const std::string& id, v1::FailureClass what_next, Instant now, std::optional<Instant> not_before = std::nullopt) {
    v1::Failure failed = failure(what_next, "code", "words");
    if (not_before) failed.set_not_before_ms(to_ms(*not_before));
    Ruling ruling = settle({.attempts = 0, .throttles = gate_.throttles(), .outages = gate_.outages()}, failed, now, backoff_);
    gate_.failed(id, ruling, now);
    return ruling;
  }
  ChannelState state(Instant now) { return gate_.view(now).state; }

  Backoff backoff_{kPlain, 1};
  Gate gate_{{.failures = 2, .open = Millis{30'000}, .factor = 2, .cap = Millis{600'000}}, kReprobe};
};

TEST_F(GateTest, RunsAtFirst) {
  EXPECT_EQ(gate_.view(kNow), GateView{});
  EXPECT_EQ(gate_.admits(kNow, 7), 7u);
}

TEST_F(GateTest, ThrottlingPausesUntilTheChannelSaid) {
  const Instant until = kNow + Millis{9'000};
  fail("a", v1::FAILURE_CLASS_THROTTLED, kNow, until);
  EXPECT_EQ(gate_.view(kNow), (GateView{ChannelState::paused, "code: words", until}));
  EXPECT_EQ(gate_.admits(kNow, 7), 0u);
  EXPECT_EQ(gate_.next(kNow), until);
  EXPECT_EQ(state(until), ChannelState::running);
  EXPECT_EQ(gate_.admits(until, 7), 7u);
}

TEST_F(GateTest, WhatIsThrottledTogetherIsOnePauseAndTheLongestCounts) {
  fail("a", v1::FAILURE_CLASS_THROTTLED, kNow, kNow + Millis{9'000});
  fail("b", v1::FAILURE_CLASS_THROTTLED, kNow, kNow + Millis{4'000});
  EXPECT_EQ(gate_.throttles(), 1u);
  EXPECT_EQ(gate_.next(kNow), kNow + Millis{9'000});
  gate_.answered("c", kNow);
  EXPECT_EQ(gate_.throttles(), 1u) << "what began before the pause says nothing";
  gate_.answered("d", kNow + Millis{9'000});
  EXPECT_EQ(gate_.throttles(), 0u);
}

TEST_F(GateTest, OutagesOpenTheCircuitAndTheDeliveryIsDueWhenItReopens) {
  const Ruling first = fail("a", v1::FAILURE_CLASS_UNAVAILABLE, kNow);
  EXPECT_EQ(from_ms(first.setback.due_ms()), kNow + Millis{5'000});
  const Ruling second = fail("b", v1::FAILURE_CLASS_UNAVAILABLE, kNow);
  EXPECT_EQ(from_ms(second.setback.due_ms()), kNow + Millis{30'000});
  EXPECT_EQ(gate_.view(kNow), (GateView{ChannelState::open, "code: words", kNow + Millis{30'000}}));
  const Ruling late = fail("c", v1::FAILURE_CLASS_UNAVAILABLE, kNow + Millis{1'000});
  EXPECT_EQ(from_ms(late.setback.due_ms()), kNow + Millis{30'000});
  EXPECT_EQ(state(kNow + Millis{30'000}), ChannelState::half_open);
}

TEST_F(GateTest, AnOutageThatSaysHowLongPausesTheChannelUntilThen) {
  const Instant until = kNow + Millis{120'000};
  const Ruling first = fail("a", v1::FAILURE_CLASS_UNAVAILABLE, kNow, until);
  EXPECT_EQ(from_ms(first.setback.due_ms()), until);
  EXPECT_EQ(gate_.view(kNow), (GateView{ChannelState::paused, "code: words", until}));
  EXPECT_EQ(gate_.admits(until - Millis{1}, 7), 0u);
  EXPECT_EQ(gate_.next(kNow), until);
  EXPECT_EQ(gate_.admits(until, 7), 7u);
}

TEST_F(GateTest, AnOpenCircuitProbesNoSoonerThanTheChannelSaid) {
  const Instant until = kNow + Millis{120'000};
  fail("a", v1::FAILURE_CLASS_UNAVAILABLE, kNow);
  fail("b", v1::FAILURE_CLASS_UNAVAILABLE, kNow, until);
  EXPECT_EQ(gate_.view(kNow), (GateView{ChannelState::open, "code: words", until}));
  const Instant reopens = kNow + Millis{30'000};
  EXPECT_EQ(gate_.view(reopens), (GateView{ChannelState::open, "code: words", until}));
  EXPECT_EQ(gate_.admits(reopens, 7), 0u);
  EXPECT_EQ(gate_.next(reopens), until);
  EXPECT_EQ(state(until), ChannelState::half_open);
  EXPECT_EQ(gate_.admits(until, 7), 1u);
}

TEST_F(GateTest, ARetryThatIsAskedToWaitHoldsUpItselfAlone) {
  fail("a", v1::FAILURE_CLASS_RETRY, kNow, kNow + Millis{120'000});
  EXPECT_EQ(gate_.admits(kNow, 7), 7u);
}

TEST_F(GateTest, AStoppedChannelThatIsThrottledTooTellsTheLaterTime) {
  fail("a", v1::FAILURE_CLASS_UNAUTHORIZED, kNow);
  fail("b", v1::FAILURE_CLASS_THROTTLED, kNow, kNow + kReprobe * 2);
  EXPECT_EQ(gate_.view(kNow).until, kNow + kReprobe * 2);
  EXPECT_EQ(gate_.next(kNow), kNow + kReprobe * 2);
}

TEST_F(GateTest, ARetryKeepsItsOwnDueTimeWhenTheCircuitOpens) {
  fail("a", v1::FAILURE_CLASS_RETRY, kNow);
  const Ruling second = fail("b", v1::FAILURE_CLASS_RETRY, kNow);
  EXPECT_EQ(state(kNow), ChannelState::open);
  EXPECT_EQ(from_ms(second.setback.due_ms()), kNow + Millis{5'000});
}

TEST_F(GateTest, ARejectedProbeClosesTheCircuit) {
  fail("a", v1::FAILURE_CLASS_UNAVAILABLE, kNow);
  fail("b", v1::FAILURE_CLASS_UNAVAILABLE, kNow);
  const Instant later = kNow + Millis{30'000};
  EXPECT_EQ(gate_.admits(later, 7), 1u);
  gate_.begun("p", later);
  EXPECT_EQ(gate_.next(later), std::nullopt);
  fail("p", v1::FAILURE_CLASS_REJECTED, later);
  EXPECT_EQ(state(later), ChannelState::running);
}

TEST_F(GateTest, RefusedCredentialsStopAndOneDeliveryProbesLater) {
  fail("a", v1::FAILURE_CLASS_UNAUTHORIZED, kNow);
  EXPECT_EQ(gate_.view(kNow), (GateView{ChannelState::stopped, "code: words", kNow + kReprobe}));
  EXPECT_EQ(gate_.admits(kNow, 7), 0u);
  const Instant later = kNow + kReprobe;
  EXPECT_EQ(gate_.admits(later, 7), 1u);
  gate_.begun("p", later);
  EXPECT_EQ(gate_.admits(later, 7), 0u);
  fail("p", v1::FAILURE_CLASS_UNAUTHORIZED, later);
  EXPECT_EQ(gate_.next(later), later + kReprobe);
  gate_.begun("q", later + kReprobe);
  gate_.answered("q", later + kReprobe);
  EXPECT_EQ(state(later + kReprobe), ChannelState::running);
}

TEST_F(GateTest, AProbeThatIsNotAnsweredKeepsTheChannelStopped) {
  fail("a", v1::FAILURE_CLASS_UNAUTHORIZED, kNow);
  for (const auto what_next : {v1::FAILURE_CLASS_UNAVAILABLE, v1::FAILURE_CLASS_RETRY, v1::FAILURE_CLASS_THROTTLED}) {
    const Instant now = *gate_.next(kNow);
    ASSERT_EQ(gate_.admits(now, 7), 1u);
    gate_.begun("p", now);
    fail("p", what_next, now);
    EXPECT_EQ(state(now), ChannelState::stopped);
    EXPECT_GE(*gate_.next(now), now + kReprobe);
    gate_.answered("x", now);
    EXPECT_EQ(state(now), ChannelState::stopped) << "only a probe proves it";
  }
}

TEST_F(GateTest, AnOperatorsPauseHoldsUntilResume) {
  gate_.pause("maintenance");
  EXPECT_EQ(gate_.view(kNow), (GateView{ChannelState::paused, "maintenance", std::nullopt}));
  EXPECT_EQ(gate_.admits(kNow + std::chrono::hours(1000), 7), 0u);
  EXPECT_EQ(gate_.next(kNow), std::nullopt);
  gate_.resume();
  EXPECT_EQ(gate_.admits(kNow, 7), 7u);
}

TEST_F(GateTest, ResumeEndsEverythingAtOnce) {
  fail("a", v1::FAILURE_CLASS_UNAUTHORIZED, kNow);
  fail("b", v1::FAILURE_CLASS_THROTTLED, kNow);
  fail("c", v1::FAILURE_CLASS_UNAVAILABLE, kNow);
  fail("d", v1::FAILURE_CLASS_UNAVAILABLE, kNow);
  gate_.pause("too");
  gate_.resume();
  EXPECT_EQ(gate_.view(kNow), GateView{});
  EXPECT_EQ(gate_.admits(kNow, 7), 7u);
}

}  // namespace
}  // namespace fabu::sdk
