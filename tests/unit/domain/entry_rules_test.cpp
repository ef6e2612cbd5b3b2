#include "broker/domain/entry_rules.h"

#include <gmock/gmock.h>

#include "unit/domain/sample_item.h"

namespace fabu::domain {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(EntryRules, NamesTheEntryNearestToAMistypedOne) {
  const auto problems = problems_after([](v1::Item& item) { item.set_catalogue_entry("T-PLIAN"); });
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].rule(), "item.catalogue_entry.unknown");
  EXPECT_THAT(problems[0].what(), HasSubstr("`T-PLIAN`"));
  EXPECT_THAT(problems[0].todo(), HasSubstr("`T-PLAIN`"));
  EXPECT_THAT(problems[0].todo_zh(), HasSubstr("T-PLAIN"));
}

TEST(EntryRules, NamesNoEntryWhenNoneIsNear) {
  const auto problems = problems_after([](v1::Item& item) { item.set_catalogue_entry("NOTHING-LIKE-IT"); });
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_THAT(problems[0].todo(), HasSubstr("fabu catalogue list"));
}

TEST(EntryRules, QuotesNoMoreThanACodesLengthOfWhatIsNoCode) {
  const auto problems = problems_after([](v1::Item& item) { item.set_catalogue_entry(chinese(100'000)); });
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_LT(problems[0].what().size(), 200U);
}

TEST(EntryRules, WantsEveryFieldThatTheEntryRequires) {
  EXPECT_THAT(faults_after([](v1::Item& item) { item.set_catalogue_entry("T-FIELDS"); }),
              ElementsAre("doc_no: entry.required", "lot_codes: entry.required", "publisher.uscc: entry.required",
                          "related: entry.required"));
}

TEST(EntryRules, TakesAnItemWithEveryFieldThatTheEntryRequires) {
  EXPECT_THAT(faults_after([](v1::Item& item) {
                item.set_catalogue_entry("T-FIELDS");
                item.set_doc_no("澄公管规〔2026〕1号");
                item.add_lot_codes("1");
                item.mutable_publisher()->set_uscc("11349900MB1K27N4XP");
                item.add_related()->set_reference("R-2");
              }),
              IsEmpty());
}

TEST(EntryRules, WantsANoticePeriodWhereTheEntryHasOne) {
  EXPECT_THAT(faults_after([](v1::Item& item) { item.set_catalogue_entry("T-PERIOD"); }),
              ElementsAre("notice_period.start: entry.required", "notice_period.end: entry.required"));
}

TEST(EntryRules, RefusesAStageThatContradictsTheEntry) {
  EXPECT_THAT(faults_after([](v1::Item& item) { item.set_stage(v1::STAGE_RESULT); }), IsEmpty());
  EXPECT_THAT(faults_after([](v1::Item& item) { item.set_stage(v1::STAGE_DECISION); }),
              ElementsAre("stage: item.stage.contradicts"));
}

}  // namespace
}  // namespace fabu::domain
