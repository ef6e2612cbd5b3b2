#include "broker/http/response_head.h"

#include <fmt/format.h>

#include <boost/beast/http/status.hpp>
#include <ctime>
#include <iterator>

namespace fabu::http {
namespace {

bool breaks_head(std::string_view text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos;
}

void append_header(std::string& out, std::string_view name, std::string_view value) {
  if (value.empty() || breaks_head(name) || breaks_head(value)) return;
  out.append(name).append(": ").append(value).append("\r\n");
}

}  // namespace

Framing framing_of(const Response& response, bool http10) {
  if (response.status == 204 || response.status == 304 || response.status < 200) return Framing::none;
  if (!response.stream || response.length) return Framing::length;
  return http10 ? Framing::until_close : Framing::chunked;
}

void append_head(std::string& out, const Response& response, Framing framing, bool keep_alive,
                 std::chrono::system_clock::time_point now) {
  const auto reason = boost::beast::http::obsolete_reason(static_cast<boost::beast::http::status>(response.status));
  fmt::format_to(std::back_inserter(out), "HTTP/1.1 {} {}\r\n", response.status, std::string_view(reason.data(), reason.size()));
  append_header(out, "Date", http_date(now));
  append_header(out, "Content-Type", response.content_type);
  append_header(out, "X-Content-Type-Options", "nosniff");
  for (const auto& [name, value] : response.headers) append_header(out, name, value);
  if (framing == Framing::length) {
    fmt::format_to(std::back_inserter(out), "Content-Length: {}\r\n", response.length.value_or(response.body.size()));
  } else if (framing == Framing::chunked) {
    out.append("Transfer-Encoding: chunked\r\n");
  }
  if (!keep_alive) out.append("Connection: close\r\n");
  out.append("\r\n");
}

std::string http_date(std::chrono::system_clock::time_point time) {
  // One second's text is asked for thousands of times; fmt's calendar arithmetic is the dearest part of a small answer's head.
  static thread_local std::time_t last = -1;
  static thread_local std::string text;
  const auto seconds = std::chrono::system_clock::to_time_t(time);
  if (seconds != last) {
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    char buffer[32];
    // Fixed English names, whatever the locale.
    static constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const auto end =
        fmt::format_to_n(buffer, sizeof buffer, "{}, {:02} {} {} {:02}:{:02}:{:02} GMT", kDays[parts.tm_wday], parts.tm_mday,
                         kMonths[parts.tm_mon], parts.tm_year + 1900, parts.tm_hour, parts.tm_min, parts.tm_sec);
    text.assign(buffer, end.out);
    last = seconds;
  }
  return text;
}

}  // namespace fabu::http
