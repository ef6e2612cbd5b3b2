#include "broker/domain/date_rules.h"

#include <gmock/gmock.h>

#include "unit/domain/sample_item.h"

namespace fabu::domain {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

void set_period(v1::Item& item, const char* start, const char* end) {
  item.mutable_notice_period()->set_start(start);
  item.mutable_notice_period()->set_end(end);
}

TEST(DateRules, TakesAFormedDateOfTodayAndRefusesTomorrow) {
  EXPECT_THAT(faults_after([](v1::Item& item) { item.set_formed_date("2026-08-20"); }), IsEmpty());
  EXPECT_THAT(faults_after([](v1::Item& item) { item.set_formed_date("2026-08-21"); }),
              ElementsAre("formed_date: item.formed_date.future"));
}

TEST(DateRules, RefusesDaysThatTheCalendarDoesNotHave) {
  for (const char* bad : {"2026-02-29", "2026-13-01", "2026-8-1", "20260818", "2026-08-18T00:00:00Z", "昨天"}) {
    EXPECT_THAT(faults_after([&](v1::Item& item) { item.set_formed_date(bad); }),
                ElementsAre("formed_date: item.formed_date.date"))
        << bad;
    EXPECT_THAT(faults_after([&](v1::Item& item) { item.set_effective_date(bad); }),
                ElementsAre("effective_date: item.effective_date.date"))
        << bad;
    EXPECT_THAT(faults_after([&](v1::Item& item) { item.set_expiry_date(bad); }),
                ElementsAre("expiry_date: item.expiry_date.date"))
        << bad;
  }
}

TEST(DateRules, RefusesAnExpiryBeforeTheEffectiveDate) {
  EXPECT_THAT(faults_after([](v1::Item& item) {
                item.set_effective_date("2026-09-01");
                item.set_expiry_date("2026-09-01");
              }),
              IsEmpty());
  EXPECT_THAT(faults_after([](v1::Item& item) {
                item.set_effective_date("2026-09-02");
                item.set_expiry_date("2026-09-01");
              }),
              ElementsAre("expiry_date: item.expiry_date.order"));
}

TEST(DateRules, RefusesANoticePeriodThatEndsBeforeItStartsOrLacksAnEnd) {
  EXPECT_THAT(faults_after([](v1::Item& item) { set_period(item, "2026-08-20", "2026-08-19"); }),
              ElementsAre("notice_period.end: item.notice_period.end.order"));
  EXPECT_THAT(faults_after([](v1::Item& item) { item.mutable_notice_period(); }),
              ElementsAre("notice_period.start: item.notice_period.start.required",
                          "notice_period.end: item.notice_period.end.required"));
}

TEST(DateRules, RefusesANoticePeriodShorterThanTheEntryAllows) {
  const auto period = [](const char* end) {
    return faults_after([&](v1::Item& item) {
      item.set_catalogue_entry("T-PERIOD");
      set_period(item, "2026-08-20", end);
    });
  };
  EXPECT_THAT(period("2026-08-22"), IsEmpty());
  EXPECT_THAT(period("2026-08-21"), ElementsAre("notice_period.end: entry.notice_period"));
}

}  // namespace
}  // namespace fabu::domain
