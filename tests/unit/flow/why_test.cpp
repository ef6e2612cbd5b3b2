#include "broker/flow/why.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace fabu::flow {
namespace {

using testing::Contains;
using testing::Each;
using testing::HasSubstr;
using testing::Not;

WhyFacts facts_with(v1::DeliveryState state) {
  WhyFacts facts;
  facts.now = from_ms(1'790'000'000'000);
  facts.item.set_item_id(7);
  facts.item.set_title("公告");
  facts.item.set_state(v1::EDITION_STATE_PUBLISHING);
  auto& delivery = *facts.item.add_deliveries();
  delivery.set_id("7-1-website");
  delivery.set_channel("website");
  delivery.set_edition(1);
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

std::string last(const v1::Why& why) {
  return why.lines_en(why.lines_en_size() - 1);
}
std::string last_zh(const v1::Why& why) {
  return why.lines(why.lines_size() - 1);
}

v1::TraceStep& add_step(WhyFacts& facts, v1::AuditAction action, std::uint32_t edition = 1) {
  auto& step = *facts.trace.add_steps();
  step.mutable_record()->set_action(action);
  step.mutable_record()->set_edition(edition);
  step.mutable_record()->set_channel("website");
  step.mutable_record()->set_time_ms(to_ms(facts.now));
  return step;
}
void add_edition(WhyFacts& facts, std::uint32_t number, v1::EditionKind kind) {
  auto& edition = *facts.item.add_editions()->mutable_edition();
  edition.set_number(number);
  edition.set_kind(kind);
}

TEST(Why, SaysThatAThrottledChannelBlocksTheItemAndUntilWhen) {
  auto facts = facts_with(v1::DELIVERY_STATE_PENDING);
  facts.channels.push_back(channel("paused", to_ms(facts.now) + 60'000));
  const auto answer = why(facts);
  EXPECT_THAT(last(answer), HasSubstr("the channel was asked to wait (http.503); the next try is at 2026-09-21"));
  EXPECT_THAT(last_zh(answer), HasSubstr("website 渠道应对方要求暂缓发送（http.503）；2026-09-21"));
}

TEST(Why, SaysThatAnOperatorPausedTheChannelAndHowToResumeIt) {
  auto facts = facts_with(v1::DELIVERY_STATE_PENDING);
  facts.channels.push_back(channel("paused", 0));
  const auto answer = why(facts);
  EXPECT_THAT(last(answer), HasSubstr("was paused by an operator (http.503); to go on: fabu channels resume website"));
  EXPECT_THAT(last_zh(answer), HasSubstr("已由操作员暂停（http.503）；恢复请执行：fabu channels resume website。"));
}

TEST(Why, AChannelThatIsBeingProbedNeedsNobody) {
  auto facts = facts_with(v1::DELIVERY_STATE_PENDING);
  facts.channels.push_back(channel("half-open", 0));
  const auto answer = why(facts);
  EXPECT_THAT(last_zh(answer), HasSubstr("正在试发一件"));
  EXPECT_THAT(last_zh(answer), Not(HasSubstr("resume")));
}

TEST(Why, SaysThatAStoppedChannelNeedsItsCredentialsMended) {
  auto facts = facts_with(v1::DELIVERY_STATE_PENDING);
  facts.channels.push_back(channel("stopped", to_ms(facts.now) + 600'000));
  const auto answer = why(facts);
  EXPECT_THAT(last(answer), HasSubstr("refuses our credentials"));
  EXPECT_THAT(last_zh(answer), HasSubstr("更正凭据后可立即恢复：fabu channels resume website"));
}

TEST(Why, ADeliveryThatIsDueAfterItsChannelGoesOnWaitsUntilItsOwnTime) {
  auto facts = facts_with(v1::DELIVERY_STATE_PENDING);
  facts.now = from_ms(1'787'191'200'000);  // 2026-08-20 10:00 at Shanghai
  facts.channels.push_back(channel("open", to_ms(facts.now) + 60'000));
  facts.item.mutable_deliveries(0)->set_due_ms(to_ms(facts.now) + 3'600'000);
  EXPECT_THAT(last_zh(why(facts)), HasSubstr("2026-08-20 11:00 再试"));
}

TEST(Why, ATimeThatHasPassedIsNotAnnounced) {
  auto facts = facts_with(v1::DELIVERY_STATE_PENDING);
  facts.channels.push_back(channel("open", to_ms(facts.now) - 1));
  EXPECT_THAT(last_zh(why(facts)), HasSubstr("即将再试"));
}

TEST(Why, SaysWhenARetryComes) {
  auto facts = facts_with(v1::DELIVERY_STATE_RETRYING);
  facts.channels.push_back(channel("running", 0));
  facts.item.mutable_deliveries(0)->set_due_ms(to_ms(facts.now) + 3'600'000);
  facts.item.mutable_deliveries(0)->set_attempts(2);
  EXPECT_THAT(last(why(facts)), HasSubstr("the delivery to website is tried again at"));
  EXPECT_THAT(last_zh(why(facts)), HasSubstr("再次投递到 website（已计失败 2 次）"));
}

TEST(Why, AWithdrawalIsNotCalledAPublication) {
  auto facts = facts_with(v1::DELIVERY_STATE_PENDING);
  facts.channels.push_back(channel("running", 0));
  facts.item.mutable_deliveries(0)->set_action(v1::ACTION_WITHDRAW);
  EXPECT_THAT(last_zh(why(facts)), HasSubstr("正在排队从 website 撤下"));
  add_edition(facts, 1, v1::EDITION_KIND_ORIGINAL);
  add_edition(facts, 2, v1::EDITION_KIND_WITHDRAWAL);
  add_step(facts, v1::AUDIT_ACTION_WITHDRAWN, 2).mutable_detail()->set_note("项目终止");
  add_step(facts, v1::AUDIT_ACTION_DELIVERED, 2).mutable_record()->set_receipt_locator("/items/7/");
  const auto answer = why(facts);
  EXPECT_THAT(answer.lines(), Contains(HasSubstr("决定撤回，理由：项目终止")));
  EXPECT_THAT(answer.lines(), Contains(HasSubstr("已从 website 撤下：/items/7/")));
}

TEST(Why, TellsHowToReplayADeadDelivery) {
  auto facts = facts_with(v1::DELIVERY_STATE_DEAD);
  facts.item.mutable_deliveries(0)->mutable_last_failure()->set_code("http.413");
  facts.item.mutable_deliveries(0)->mutable_last_failure()->set_message("too large");
  const auto answer = why(facts);
  EXPECT_THAT(last(answer),
              HasSubstr("is dead (http.413: too large). Mend the cause, then: fabu deliveries replay --id 7-1-website"));
  EXPECT_EQ(answer.lines_size(), answer.lines_en_size());
}

TEST(Why, ADeadDeliveryThatALaterEditionTookOverNeedsNobody) {
  auto facts = facts_with(v1::DELIVERY_STATE_DEAD);
  facts.item.set_state(v1::EDITION_STATE_PUBLISHED);
  auto& later = *facts.item.add_deliveries();
  later.set_id("7-2-website");
  later.set_channel("website");
  later.set_edition(2);
  later.set_state(v1::DELIVERY_STATE_DELIVERED);
  const auto answer = why(facts);
  EXPECT_THAT(answer.lines(), Each(Not(HasSubstr("replay"))));
  EXPECT_THAT(last(answer), HasSubstr("nothing is left to do"));
}

TEST(Why, AHeldCorrectionIsToldThoughTheEditionBeforeItIsStillUnderWay) {
  auto facts = facts_with(v1::DELIVERY_STATE_PENDING);
  facts.item.set_state(v1::EDITION_STATE_HELD);
  add_edition(facts, 1, v1::EDITION_KIND_ORIGINAL);
  add_edition(facts, 2, v1::EDITION_KIND_CORRECTION);
  facts.channels.push_back(channel("running", 0));
  const auto answer = why(facts);
  EXPECT_THAT(answer.lines(), Contains(HasSubstr("第2版等待审核人通过或退回")));
  EXPECT_THAT(last_zh(answer), HasSubstr("正在排队投递到 website"));
}

TEST(Why, ARejectedCorrectionLeavesWhatStands) {
  auto facts = facts_with(v1::DELIVERY_STATE_DELIVERED);
  facts.item.set_state(v1::EDITION_STATE_REJECTED);
  add_edition(facts, 1, v1::EDITION_KIND_ORIGINAL);
  add_edition(facts, 2, v1::EDITION_KIND_CORRECTION);
  const auto answer = why(facts);
  EXPECT_THAT(last_zh(answer), HasSubstr("第2版审核未通过，不会公开"));
  EXPECT_THAT(last_zh(answer), HasSubstr("此前的第1版仍在公开"));
}

TEST(Why, NamesChannelsOfTheEntryThatAreNotSetUpHere) {
  auto facts = facts_with(v1::DELIVERY_STATE_DELIVERED);
  facts.item.set_state(v1::EDITION_STATE_PUBLISHED);
  auto& step = add_step(facts, v1::AUDIT_ACTION_PLANNED);
  step.mutable_detail()->add_channels("website");
  step.mutable_detail()->add_channels("board");
  step.mutable_detail()->add_skipped("wechat");
  const auto answer = why(facts);
  EXPECT_THAT(answer.lines_en(), Contains(HasSubstr("not set up here: wechat")));
  EXPECT_THAT(answer.lines(), Contains(HasSubstr("计划投递到：website、board。")));
  EXPECT_THAT(last(answer), HasSubstr("nothing is left to do"));
}

TEST(Why, AFailureThatWasTheChannelsIsNotCounted) {
  auto facts = facts_with(v1::DELIVERY_STATE_DELIVERED);
  auto& step = add_step(facts, v1::AUDIT_ACTION_FAILED);
  step.mutable_detail()->mutable_failure()->set_code("http.503");
  step.mutable_detail()->mutable_failure()->set_message("away");
  EXPECT_THAT(why(facts).lines(), Contains(HasSubstr("未成功（未计失败次数）：away（http.503）。")));
}

}  // namespace
}  // namespace fabu::flow
