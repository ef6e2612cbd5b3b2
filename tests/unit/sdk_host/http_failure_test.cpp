#include "adapters/sdk/http_failure.h"

#include <gtest/gtest.h>

#include "adapters/sdk/http_address.h"

namespace fabu::sdk {
namespace {

constexpr Instant kNow{Millis{784'111'777'000}};  // Sun, 06 Nov 1994 08:49:37 GMT

TEST(HttpFailure, SaysWhatToDoNextForEachStatus) {
  EXPECT_FALSE(http_failure(200, "", kNow));
  EXPECT_FALSE(http_failure(204, "", kNow));
  const std::pair<long, v1::FailureClass> cases[] = {
      {301, v1::FAILURE_CLASS_REJECTED},     {400, v1::FAILURE_CLASS_REJECTED}, {401, v1::FAILURE_CLASS_UNAUTHORIZED},
      {403, v1::FAILURE_CLASS_UNAUTHORIZED}, {404, v1::FAILURE_CLASS_REJECTED}, {407, v1::FAILURE_CLASS_UNAUTHORIZED},
      {408, v1::FAILURE_CLASS_RETRY},        {410, v1::FAILURE_CLASS_REJECTED}, {425, v1::FAILURE_CLASS_RETRY},
      {429, v1::FAILURE_CLASS_THROTTLED},    {500, v1::FAILURE_CLASS_RETRY},    {502, v1::FAILURE_CLASS_RETRY},
      {503, v1::FAILURE_CLASS_UNAVAILABLE},  {504, v1::FAILURE_CLASS_RETRY},    {999, v1::FAILURE_CLASS_RETRY}};
  for (const auto& [status, what_next] : cases) {
    const auto failed = http_failure(status, "", kNow);
    ASSERT_TRUE(failed) << status;
    EXPECT_EQ(failed->failure_class(), what_next) << status;
    EXPECT_EQ(failed->code(), "http." + std::to_string(status));
    EXPECT_EQ(failed->not_before_ms(), 0);
  }
}

TEST(HttpFailure, CarriesRetryAfter) {
  EXPECT_EQ(http_failure(429, "120", kNow)->not_before_ms(), to_ms(kNow + Millis{120'000}));
  EXPECT_EQ(http_failure(503, "Sun, 06 Nov 1994 08:50:37 GMT", kNow)->not_before_ms(), to_ms(kNow + Millis{60'000}));
}

TEST(RetryAfter, ReadsSecondsAndDatesAndNothingElse) {
  EXPECT_EQ(parse_retry_after(" 0 ", kNow), kNow);
  EXPECT_EQ(parse_retry_after("Sun, 06 Nov 1994 08:49:37 GMT", kNow), kNow);
  for (const char* wrong : {"", " ", "-1", "1.5", "soon", "Sun, 06 Nov 1994 08:49:37", "Sun, 31 Feb 1994 08:49:37 GMT",
                            "Sun, 06 Nov 1994 24:49:37 GMT", "Sun, 06 Nop 1994 08:49:37 GMT", "Sun, -6 Nov 1994 08:49:37 GMT"}) {
    EXPECT_FALSE(parse_retry_after(wrong, kNow)) << wrong;
  }
}

TEST(RetryAfter, IsAtMostAYearAhead) {
  const auto year = kNow + std::chrono::hours(24 * 366);
  EXPECT_EQ(parse_retry_after("99999999999999999999999", kNow), year);
  EXPECT_EQ(parse_retry_after("2000000000", kNow), year);
  EXPECT_EQ(parse_retry_after("Fri, 31 Dec 9999 23:59:59 GMT", kNow), year);
}

TEST(HttpAddress, TellsPublicFromSpecial) {
  for (const char* special : {"0.0.0.0",
                              "10.1.2.3",
                              "100.64.0.1",
                              "127.0.0.1",
                              "169.254.169.254",
                              "172.16.0.1",
                              "172.31.255.255",
                              "192.0.2.1",
                              "192.168.1.1",
                              "198.18.0.1",
                              "224.0.0.1",
                              "255.255.255.255",
                              "::",
                              "::1",
                              "fe80::1",
                              "fc00::1",
                              "fd12::1",
                              "ff02::1",
                              "::ffff:127.0.0.1",
                              "::ffff:10.0.0.1",
                              "2002:7f00:1::",
                              "64:ff9b::a00:1",
                              "2001:db8::1",
                              "2001::1"}) {
    EXPECT_FALSE(is_public(boost::asio::ip::make_address(special))) << special;
  }
  for (const char* open : {"1.1.1.1", "172.32.0.1", "192.169.0.1", "100.128.0.1", "223.5.5.5", "2400:3200::1", "2606:4700::1111",
                           "::ffff:1.1.1.1", "64:ff9b::101:101"}) {
    EXPECT_TRUE(is_public(boost::asio::ip::make_address(open))) << open;
  }
}

}  // namespace
}  // namespace fabu::sdk
