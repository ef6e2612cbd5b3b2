#include "broker/flow/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace fabu::flow {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

domain::Entry entry(domain::ReviewPolicy review) {
  domain::Entry made;
  made.channels = {"website", "wechat", "board"};
  made.review = review;
  return made;
}

TEST(Plan, GoesToTheEntrysChannelsThatAreSetUpHereInTheEntrysOrder) {
  Installation here;
  here.channels = {"board", "kiosk", "website"};
  const auto made = plan(entry(domain::ReviewPolicy::none), here);
  EXPECT_THAT(made.channels, ElementsAre("website", "board"));
  EXPECT_THAT(made.skipped, ElementsAre("wechat"));
  EXPECT_FALSE(made.held);
}

TEST(Plan, HoldsWhatTheEntryWantsReviewed) {
  EXPECT_TRUE(plan(entry(domain::ReviewPolicy::one_eye), {}).held);
  EXPECT_TRUE(plan(entry(domain::ReviewPolicy::two_eye), {}).held);
}

TEST(Plan, SkipsAllWhereNoChannelIsSetUp) {
  const auto made = plan(entry(domain::ReviewPolicy::none), {});
  EXPECT_THAT(made.channels, IsEmpty());
  EXPECT_THAT(made.skipped, ElementsAre("website", "wechat", "board"));
}

}  // namespace
}  // namespace fabu::flow
