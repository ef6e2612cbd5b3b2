#include "broker/flow/intake.h"

#include <gmock/gmock.h>

#include <functional>

#include "unit/flow/on_sqlite.h"

namespace fabu::flow {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

using IntakeTest = OnSqlite;

TEST_F(IntakeTest, TheReceiptSaysWhatWasStoredAndWhereItGoes) {
  const auto receipt = accepted(item_of("R-1"));
  EXPECT_EQ(receipt.item_id(), 1U);
  EXPECT_EQ(receipt.edition(), 1U);
  EXPECT_EQ(receipt.index_no(), "GGJ/202608-00001");
  EXPECT_EQ(receipt.department(), "GGJ");
  EXPECT_EQ(receipt.reference(), "R-1");
  EXPECT_EQ(receipt.state(), v1::EDITION_STATE_PUBLISHING);
  EXPECT_THAT(receipt.channels(), ElementsAre("website", "board"));
  EXPECT_EQ(records().at(receipt.log_index()).action(), v1::AUDIT_ACTION_RECEIVED);
  const auto stored = store->item(1)->editions(0).edition();
  EXPECT_EQ(receipt.edition_digest(), sha256(stored.content()).hex());
  EXPECT_THAT(events.outcomes, ElementsAre("accepted"));
}

TEST_F(IntakeTest, TheIndexNumberBeginsWithThePublishersCodeOrElseTheDepartments) {
  installation.departments = {{"GGJ", "公管局", "11330200MB1234567X"}};
  EXPECT_EQ(accepted(item_of("R-1")).index_no(), "11330200MB1234567X/202608-00001");
  auto item = item_of("R-2");
  item.mutable_publisher()->set_uscc("11349900MB1K27N4XP");
  EXPECT_EQ(accepted(item).index_no(), "11349900MB1K27N4XP/202608-00001");
}

TEST_F(IntakeTest, AnItemWithoutADepartmentIsTheKeys) {
  auto item = item_of("R-1");
  item.clear_department();
  EXPECT_EQ(accepted(item).department(), "GGJ");
}

TEST_F(IntakeTest, TheSameContentGivesTheSameReceiptForTheLifeOfTheItem) {
  const auto first = accepted(item_of("R-1"));
  clock.advance(std::chrono::hours(24 * 400));
  ASSERT_TRUE(deliver("1-1-website"));
  ASSERT_TRUE(deliver("1-1-board"));
  EXPECT_EQ(accepted(item_of("R-1")).SerializeAsString(), first.SerializeAsString());
  accepted(correction_of(item_of("R-1"), "另一标题"));
  EXPECT_EQ(accepted(item_of("R-1")).SerializeAsString(), first.SerializeAsString());
  EXPECT_EQ(store->item(1)->editions_size(), 2);
}

TEST_F(IntakeTest, ARepeatAnswersWithTheChannelsOfThen) {
  const auto first = accepted(item_of("R-1"));
  installation.channels = {"website", "wechat"};
  EXPECT_EQ(accepted(item_of("R-1")).SerializeAsString(), first.SerializeAsString());
}

TEST_F(IntakeTest, WhatNormalisationMakesEqualIsTheSameContent) {
  auto item = item_of("R-1");
  item.set_doc_no("澄公管规〔2026〕1号");
  const auto first = accepted(item);
  item.set_doc_no("澄公管规[2026]1号");
  item.mutable_body()->set_text("正文\r\n第二行");
  item.set_language("zh-CN");
  item.set_disclosure(v1::DISCLOSURE_ACTIVE);
  EXPECT_EQ(accepted(item).SerializeAsString(), first.SerializeAsString());
}

TEST_F(IntakeTest, OtherContentIsAConflictThatNamesWhatDiffersAndIsRecorded) {
  accepted(item_of("R-1"));
  auto other = item_of("R-1");
  other.set_title("另一标题");
  const auto answer = submit(other);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::conflict);
  EXPECT_THAT(rules(answer.error()), ElementsAre("title: item.reference.differs"));
  EXPECT_EQ(records().back().action(), v1::AUDIT_ACTION_REFUSED);
  EXPECT_THAT(events.outcomes, ElementsAre("accepted", "conflict"));
}

TEST_F(IntakeTest, ACorrectionIsANewEditionAndSoIsItsReturnToTheFirstText) {
  accepted(item_of("R-1"));
  const auto second = accepted(correction_of(item_of("R-1"), "另一标题", 1));
  EXPECT_EQ(second.edition(), 2U);
  EXPECT_EQ(second.index_no(), "GGJ/202608-00001");
  const auto third = accepted(correction_of(item_of("R-1"), item_of("R-1").title(), 2));
  EXPECT_EQ(third.edition(), 3U);
  EXPECT_EQ(accepted(correction_of(item_of("R-1"), "另一标题", 1)).SerializeAsString(), second.SerializeAsString());
}

TEST_F(IntakeTest, WhatStandsAfterACorrectionMayBeSentAgainWithoutAskingForOne) {
  accepted(item_of("R-1"));
  const auto corrected = accepted(correction_of(item_of("R-1"), "另一标题"));
  auto plain = item_of("R-1");
  plain.set_title("另一标题");
  const auto again = submit(plain);
  ASSERT_TRUE(again) << again.error().what;
  EXPECT_EQ(again->SerializeAsString(), corrected.SerializeAsString());
  EXPECT_THAT(events.outcomes, ElementsAre("accepted", "accepted", "repeated"));
  EXPECT_TRUE(submit(plain, true));
}

TEST_F(IntakeTest, ACorrectionOfAnEditionThatIsNotTheNewestFailsItsPrecondition) {
  accepted(item_of("R-1"));
  accepted(correction_of(item_of("R-1"), "二"));
  const auto answer = submit(correction_of(item_of("R-1"), "三", 1));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::precondition);
  EXPECT_THAT(rules(answer.error()), ElementsAre("correction.of_edition: item.correction.outdated"));
}

TEST_F(IntakeTest, ACorrectionCannotGiveTheItemAnotherIndexNumberAndIsToldSo) {
  accepted(item_of("R-1"));
  auto correction = correction_of(item_of("R-1"), "二");
  correction.set_index_no("GGJ/202608-00077");
  const auto answer = submit(correction);
  ASSERT_FALSE(answer);
  EXPECT_THAT(rules(answer.error()), ElementsAre("index_no: item.index_no.fixed"));
  EXPECT_THAT(answer.error().what, HasSubstr("keeps its 索引号 for life"));
}

TEST_F(IntakeTest, AnIndexNumberOfAnotherItemIsTaken) {
  accepted(item_of("R-1"));
  auto item = item_of("R-2");
  item.set_index_no("GGJ/202608-00001");
  const auto answer = submit(item);
  ASSERT_FALSE(answer);
  EXPECT_THAT(rules(answer.error()), ElementsAre("index_no: item.index_no.taken"));
}

TEST_F(IntakeTest, TheLocalAdministratorCannotSubmitForADepartmentThatIsNotConfigured) {
  installation.departments = {{"CZJ", "财政局", ""}};
  const auto answer = run(intake.submit(local_administrator(), item_of("R-1"), false));
  ASSERT_FALSE(answer);
  EXPECT_THAT(rules(answer.error()), ElementsAre("department: item.department.unknown"));
  installation.departments.push_back({"GGJ", "公管局", ""});
  EXPECT_TRUE(run(intake.submit(local_administrator(), item_of("R-1"), false)));
}

TEST_F(IntakeTest, OffersAFreshItemToItsChannels) {
  dispatch.start();
  settle();
  accepted(item_of("R-1"));
  ASSERT_TRUE(runs_until(io, [this] { return transport.count() == 2; }));
  EXPECT_THAT((std::vector{transport.taken[0].delivery().id(), transport.taken[1].delivery().id()}),
              UnorderedElementsAre("1-1-website", "1-1-board"));
  EXPECT_EQ(transport.taken[0].catalogue().name(), "公告");
}

TEST_F(IntakeTest, AHeldItemGoesNowhereYet) {
  dispatch.start();
  settle();
  const auto receipt = accepted(item_of("R-1", "T-REVIEW"));
  settle();
  EXPECT_EQ(receipt.state(), v1::EDITION_STATE_HELD);
  EXPECT_THAT(receipt.channels(), ElementsAre("website", "board"));
  EXPECT_THAT(transport.taken, IsEmpty());
}

// A dry run and the real submission after it: the same answer, and nothing stored by the first.
TEST_F(IntakeTest, ADryRunAnswersAsTheSubmissionWouldAndStoresNothing) {
  accepted(item_of("OLD"));
  accepted(item_of("CORRECTED"));
  accepted(correction_of(item_of("CORRECTED"), "二"));
  const auto gone = accepted(item_of("GONE"));
  std::promise<Result<store::Withdrawn>> withdrawn;
  store->withdraw({local_administrator(), gone.item_id(), 0, "撤回", clock.now()},
                  [&](Result<store::Withdrawn> result) { withdrawn.set_value(std::move(result)); });
  ASSERT_TRUE(wait(withdrawn));
  const auto with = [](v1::Item item, const std::function<void(v1::Item&)>& change) {
    change(item);
    return item;
  };
  const std::vector<std::pair<std::string, v1::Item>> cases{
      {"plain", item_of("NEW-1")},
      {"held", item_of("NEW-2", "T-REVIEW")},
      {"no channel here", item_of("NEW-3", "T-ELSEWHERE")},
      {"held, no channel here", item_of("NEW-4", "T-REVIEW-ELSEWHERE")},
      {"faults", with(item_of("NEW-5"), [](auto& item) { item.clear_title(); })},
      {"another department", with(item_of("NEW-6"), [](auto& item) { item.set_department("CZJ"); })},
      {"repeated", item_of("OLD")},
      {"differs", with(item_of("OLD"), [](auto& item) { item.set_title("另一标题"); })},
      {"correction", correction_of(item_of("OLD"), "二")},
      {"correction again", correction_of(item_of("OLD"), "二")},
      {"correction sent plainly", with(item_of("CORRECTED"), [](auto& item) { item.set_title("二"); })},
      {"outdated", correction_of(item_of("CORRECTED"), "三", 1)},
      {"nothing to correct", correction_of(item_of("NEW-7"), "二")},
      {"own index number", with(correction_of(item_of("OLD"), "四"), [](auto& item) { item.set_index_no("GGJ/202608-00001"); })},
      {"new index number", with(correction_of(item_of("OLD"), "五"), [](auto& item) { item.set_index_no("GGJ/202608-00099"); })},
      {"other's index number",
       with(correction_of(item_of("OLD"), "六"), [](auto& item) { item.set_index_no("GGJ/202608-00002"); })},
      {"taken index number", with(item_of("NEW-8"), [](auto& item) { item.set_index_no("GGJ/202608-00001"); })},
      {"withdrawn", correction_of(item_of("GONE"), "七")},
      {"withdrawn, repeated", item_of("GONE")},
  };
  for (const auto& [name, item] : cases) {
    SCOPED_TRACE(name);
    const auto before = log_size();
    const auto rehearsed = submit(item, true);
    EXPECT_EQ(log_size(), before);
    const auto done = submit(item);
    ASSERT_EQ(rehearsed.has_value(), done.has_value());
    if (!done) {
      EXPECT_EQ(rehearsed.error().code, done.error().code);
      EXPECT_EQ(rehearsed.error().what, done.error().what);
      EXPECT_EQ(rules(rehearsed.error()), rules(done.error()));
      continue;
    }
    auto expected = *done;
    expected.set_dry_run(true);
    expected.set_item_id(0);
    expected.set_edition(0);
    expected.set_log_index(0);
    if (rehearsed->index_no().empty()) expected.clear_index_no();  // one that would be allotted
    EXPECT_EQ(rehearsed->DebugString(), expected.DebugString());
  }
}

}  // namespace
}  // namespace fabu::flow
