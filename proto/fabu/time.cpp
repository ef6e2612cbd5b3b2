#include "proto/fabu/time.h"

#include <cstdio>

namespace fabu {
namespace {

constexpr std::chrono::hours kShanghai{8};

struct Civil {
  Date date;
  std::chrono::hh_mm_ss<Millis> time;
};

Civil civil(Instant t) {
  const auto day = std::chrono::floor<std::chrono::days>(t);
  return {Date{day}, std::chrono::hh_mm_ss<Millis>{t - day}};
}

template <typename... Args>
std::string print(const char* form, Args... args) {
  char text[64];
  const int n = std::snprintf(text, sizeof text, form, args...);
  return {text, static_cast<std::size_t>(n)};
}

int year(Date d) {
  return static_cast<int>(d.year());
}
unsigned month(Date d) {
  return static_cast<unsigned>(d.month());
}
unsigned day(Date d) {
  return static_cast<unsigned>(d.day());
}

}  // namespace

Instant SystemClock::now() const {
  return std::chrono::floor<Millis>(std::chrono::system_clock::now());
}

Date shanghai_date(Instant t) {
  return civil(t + kShanghai).date;
}

std::string format_date(Date d) {
  return print("%04d-%02u-%02u", year(d), month(d), day(d));
}

std::string format_minute(Instant t) {
  const auto c = civil(t + kShanghai);
  return format_date(c.date) + print(" %02ld:%02ld", c.time.hours().count(), c.time.minutes().count());
}

std::string format_rfc3339(Instant t) {
  const auto c = civil(t + kShanghai);
  return format_date(c.date) +
         print("T%02ld:%02ld:%02ld+08:00", c.time.hours().count(), c.time.minutes().count(), c.time.seconds().count());
}

std::string format_utc(Instant t) {
  const auto c = civil(t);
  return format_date(c.date) + print("T%02ld:%02ld:%02ld.%03ldZ", c.time.hours().count(), c.time.minutes().count(),
                                     c.time.seconds().count(), c.time.subseconds().count());
}

std::string format_chinese_date(Date d) {
  return print("%d年%u月%u日", year(d), month(d), day(d));
}

std::optional<Date> parse_date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  int digits[8], n = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i == 4 || i == 7) continue;
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    digits[n++] = text[i] - '0';
  }
  const int y = digits[0] * 1000 + digits[1] * 100 + digits[2] * 10 + digits[3];
  const Date date{std::chrono::year{y}, std::chrono::month(static_cast<unsigned>(digits[4] * 10 + digits[5])),
                  std::chrono::day(static_cast<unsigned>(digits[6] * 10 + digits[7]))};
  if (!date.ok()) return std::nullopt;
  return date;
}

}  // namespace fabu
