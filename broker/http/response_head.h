// The head of an answer as bytes (RFC 9112). Pure.
#pragma once

#include <chrono>
#include <string>

#include "broker/http/response.h"

namespace fabu::http {

enum class Framing { length, chunked, until_close, none };

// How the body of an answer is delimited. `http10`: the client knows no chunks.
Framing framing_of(const Response&, bool http10);

// Appends status line and headers up to the blank line. Names and values that could break the head (CR, LF, NUL) are left out.
void append_head(std::string& out, const Response&, Framing, bool keep_alive, std::chrono::system_clock::time_point now);

// IMF-fixdate of RFC 9110 section 5.6.7: "Sun, 06 Nov 1994 08:49:37 GMT".
std::string http_date(std::chrono::system_clock::time_point);

}  // namespace fabu::http
