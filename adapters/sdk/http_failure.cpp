#include "adapters/sdk/http_failure.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>

#include "adapters/sdk/channel.h"

namespace fabu::sdk {
namespace {

constexpr std::chrono::hours kLongest{24 * 366};

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

std::optional<int> number(std::string_view digits) {
  int value = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (read.ec != std::errc{} || read.ptr != digits.data() + digits.size() || value < 0) return std::nullopt;
  return value;
}

// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 section 5.6.7).
std::optional<Instant> parse_http_date(std::string_view text) {
  constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  if (text.size() != 29 || text.substr(3, 2) != ", " || text.substr(25) != " GMT") return std::nullopt;
  const auto month = std::find(kMonths.begin(), kMonths.end(), text.substr(8, 3));
  const auto day = number(text.substr(5, 2)), year = number(text.substr(12, 4));
  const auto hour = number(text.substr(17, 2)), minute = number(text.substr(20, 2)), second = number(text.substr(23, 2));
  if (month == kMonths.end() || !day || !year || !hour || !minute || !second) return std::nullopt;
  if (*hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  const auto months = static_cast<unsigned>(month - kMonths.begin()) + 1;
  const Date date{std::chrono::year{*year}, std::chrono::month{months}, std::chrono::day{static_cast<unsigned>(*day)}};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days{date} + std::chrono::hours{*hour} + std::chrono::minutes{*minute} + std::chrono::seconds{*second};
}

v1::FailureClass class_of(long status) {
  switch (status) {
    case 401:
    case 403:
    case 407:
      return v1::FAILURE_CLASS_UNAUTHORIZED;
    case 429:
      return v1::FAILURE_CLASS_THROTTLED;
    case 503:
      return v1::FAILURE_CLASS_UNAVAILABLE;
    case 408:
    case 421:
    case 425:
      return v1::FAILURE_CLASS_RETRY;
    default:
      return status >= 500 ? v1::FAILURE_CLASS_RETRY : v1::FAILURE_CLASS_REJECTED;
  }
}

}  // namespace

std::optional<Instant> parse_retry_after(std::string_view value, Instant now) {
  const std::string_view text = trim(value);
  if (text.empty()) return std::nullopt;
  if (text.find_first_not_of("0123456789") == std::string_view::npos) {
    const auto seconds = number(text);  // more digits than an int holds: as long as we wait at all
    return now + (seconds ? std::min<Millis>(std::chrono::seconds{*seconds}, kLongest) : Millis{kLongest});
  }
  const auto date = parse_http_date(text);
  if (!date) return std::nullopt;
  return std::min<Instant>(*date, now + kLongest);
}

std::optional<v1::Failure> http_failure(long status, std::string_view retry_after, Instant now) {
  if (status >= 200 && status < 300) return std::nullopt;
  v1::Failure failed =
      failure(class_of(status), "http." + std::to_string(status), "the server answered " + std::to_string(status));
  if (const auto not_before = parse_retry_after(retry_after, now)) failed.set_not_before_ms(to_ms(*not_before));
  return failed;
}

}  // namespace fabu::sdk
