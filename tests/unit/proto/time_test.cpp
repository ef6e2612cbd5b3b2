#include "proto/fabu/time.h"

#include <gmock/gmock.h>

namespace fabu {
namespace {

using namespace std::chrono_literals;

constexpr Date day(int y, unsigned m, unsigned d) {
  return {std::chrono::year{y}, std::chrono::month{m}, std::chrono::day{d}};
}
constexpr auto kMorning = 1'787'187'600'123;  // 2026-08-20T01:00:00.123Z

TEST(Time, ShanghaisDayBeginsEightHoursBeforeUtcs) {
  const Instant midnight = std::chrono::sys_days(day(2026, 8, 20)) - 8h;
  EXPECT_EQ(shanghai_date(midnight), day(2026, 8, 20));
  EXPECT_EQ(shanghai_date(midnight - 1ms), day(2026, 8, 19));
}

TEST(Time, IsWrittenInTheFormsOfTheContract) {
  const auto t = from_ms(kMorning);
  EXPECT_EQ(format_utc(t), "2026-08-20T01:00:00.123Z");
  EXPECT_EQ(format_rfc3339(t), "2026-08-20T09:00:00+08:00");
  EXPECT_EQ(format_minute(t), "2026-08-20 09:00");
  EXPECT_EQ(format_date(shanghai_date(t)), "2026-08-20");
  EXPECT_EQ(format_chinese_date(day(2026, 8, 3)), "2026年8月3日");
  EXPECT_EQ(to_ms(t), kMorning);
}

TEST(Time, HasNoSummerTime) {
  EXPECT_EQ(format_rfc3339(std::chrono::sys_days(day(1990, 7, 1))), "1990-07-01T08:00:00+08:00");
}

TEST(Time, BeforeTheEpochIsWrittenToo) {
  EXPECT_EQ(format_utc(from_ms(-1)), "1969-12-31T23:59:59.999Z");
}

TEST(Time, EveryDayOfTwoCenturiesComesBackFromItsText) {
  for (auto d = std::chrono::sys_days(day(1900, 1, 1)); d <= std::chrono::sys_days(day(2100, 1, 1)); d += std::chrono::days(1)) {
    ASSERT_EQ(parse_date(format_date(d)), Date(d));
  }
}

TEST(Time, RefusesWhatIsNoDay) {
  for (const char* bad : {"", "2026-02-29", "2026-00-01", "2026-01-00", "2026-04-31", "2026-13-01", "2026-1-1", "2026/01/01",
                          "20260101", " 2026-01-01", "2026-01-01 ", "2026-01-0x", "-026-01-01", "2026-01-01T00:00:00"}) {
    EXPECT_EQ(parse_date(bad), std::nullopt) << bad;
  }
  EXPECT_NE(parse_date("2024-02-29"), std::nullopt);
}

TEST(Time, TheSystemsClockTellsWholeMilliseconds) {
  const SystemClock clock;
  EXPECT_GT(clock.now(), from_ms(kMorning - 1'000'000'000'000));
}

}  // namespace
}  // namespace fabu
