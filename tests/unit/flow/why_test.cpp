#include "broker/flow/why.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace fabu::flow {
namespace {

using testing::HasSubstr;

WhyFacts facts_with(v1::DeliveryState state) {
  WhyFacts facts;
  facts.now = from_ms(1'790'000'000'000);
  facts.item.set_item_id(7);
  facts.item.set_title("公告");
  facts.item.set_state(v1::EDITION_STATE_PUBLISHING);
  auto& delivery = *facts.item.add_deliveries();
  delivery.set_id("7-1-website");
  delivery.set_channel("website");
  delivery.set_state(state);
  return facts;
}

v1::ChannelView channel(const std::string& state, std::int64_t until_ms) {
  v1::ChannelView view;
  view.set_name("website");
  view.set_state(state);
  view.set_reason("http.503");
  view.set_until_ms(until_ms);
  return view;
}

std::string last(const v1::Why& why) { return why.lines_en(why.lines_en_size() - 1); }

TEST(Why, SaysThatAPausedChannelBlocksTheItemAndUntilWhen) {
  auto facts = facts_with(v1::DELIVERY_STATE_PENDING);
  facts.channels.push_back(channel("paused", to_ms(facts.now) + 60'000));
  EXPECT_THAT(last(why(facts)), HasSubstr("channel website is paused (http.503); tries again at"));
}

TEST(Why, SaysThatAStoppedChannelNeedsAnOperator) {
  auto facts = facts_with(v1::DELIVERY_STATE_PENDING);
  facts.channels.push_back(channel("stopped", 0));
  EXPECT_THAT(last(why(facts)), HasSubstr("an operator must resume it"));
}

TEST(Why, SaysWhenARetryComes) {
  auto facts = facts_with(v1::DELIVERY_STATE_RETRYING);
  facts.channels.push_back(channel("running", 0));
  facts.item.mutable_deliveries(0)->set_due_ms(to_ms(facts.now) + 3'600'000);
  facts.item.mutable_deliveries(0)->set_attempts(2);
  EXPECT_THAT(last(why(facts)), HasSubstr("website is tried again at"));
}

TEST(Why, TellsHowToReplayADeadDelivery) {
  const auto answer = why(facts_with(v1::DELIVERY_STATE_DEAD));
  EXPECT_THAT(last(answer), HasSubstr("fabu deliveries replay --id 7-1-website"));
  EXPECT_EQ(answer.lines_size(), answer.lines_en_size());
}

TEST(Why, NamesChannelsOfTheEntryThatAreNotSetUpHere) {
  auto facts = facts_with(v1::DELIVERY_STATE_DELIVERED);
  facts.item.set_state(v1::EDITION_STATE_PUBLISHED);
  auto& step = *facts.trace.add_steps();
  step.mutable_record()->set_action(v1::AUDIT_ACTION_PLANNED);
  step.mutable_record()->set_edition(1);
  step.mutable_detail()->add_channels("website");
  step.mutable_detail()->add_skipped("wechat");
  const auto answer = why(facts);
  EXPECT_TRUE(std::any_of(answer.lines_en().begin(), answer.lines_en().end(),
                          [](const std::string& line) { return line.find("not set up here: wechat") != std::string::npos; }));
  EXPECT_THAT(last(answer), HasSubstr("nothing is left to do"));
}

}  // namespace
}  // namespace fabu::flow
