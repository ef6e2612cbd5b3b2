// What an HTTP status means for a delivery. Pure; sources: RFC 9110 sections 10.2.3 and 15, RFC 6585 section 4.
#pragma once

#include <fabu/v1/delivery.pb.h>

#include <optional>
#include <string_view>

#include "proto/fabu/time.h"

namespace fabu::sdk {

// Nothing for 2xx. Codes are http.{status}. 401, 403, 407: unauthorized. 429: throttled. 503: unavailable. 408, 421, 425 and
// other 5xx: retry. Other 4xx, and 1xx or 3xx that were not followed: rejected. Retry-After becomes not_before.
std::optional<v1::Failure> http_failure(long status, std::string_view retry_after, Instant now);

// The value of a Retry-After field: seconds, or an HTTP date (IMF-fixdate alone). Nothing when it is neither; at most a year
// ahead.
std::optional<Instant> parse_retry_after(std::string_view value, Instant now);

}  // namespace fabu::sdk
