// How times in the contract are read: instants are Unix milliseconds UTC; dates and what people see are Asia/Shanghai,
// which has been UTC+8 without summer time since 1991 (so no zone database is needed).
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace fabu {

using Millis = std::chrono::milliseconds;
// An instant, Unix milliseconds UTC.
using Instant = std::chrono::sys_time<Millis>;
using Date = std::chrono::year_month_day;

inline std::int64_t to_ms(Instant t) {
  return t.time_since_epoch().count();
}
inline Instant from_ms(std::int64_t ms) {
  return Instant{Millis{ms}};
}

// Where time comes from. Passed in everywhere, so that tests own it. Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Instant now() const = 0;
};

class SystemClock final : public Clock {
 public:
  Instant now() const override;
};

// The calendar day in Asia/Shanghai.
Date shanghai_date(Instant t);
// "2026-08-20", "2026-08-20 09:00" (PubDate form, 国办发〔2017〕47号), "2026-08-20T09:00:00+08:00" (RFC 3339),
// "2026-08-20T01:00:00.123Z", "2026年8月20日".
std::string format_date(Date d);
std::string format_minute(Instant t);
std::string format_rfc3339(Instant t);
std::string format_utc(Instant t);
std::string format_chinese_date(Date d);
// Strict YYYY-MM-DD of a real day; nothing otherwise.
std::optional<Date> parse_date(std::string_view text);

}  // namespace fabu
