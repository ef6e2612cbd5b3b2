// The OpenAPI 3.1 document of the API: broker/http/openapi.json, built in. A test compares it with the router's table and the
// contract's messages, both ways.
#pragma once

#include <string_view>

namespace fabu::http {

std::string_view openapi_document();

}  // namespace fabu::http
