// Errors as answers: problem+json of RFC 9457, which name the field, the rule and what to do.
#pragma once

#include <fabu/v1/api.pb.h>

#include <string>
#include <string_view>

#include "broker/domain/result.h"
#include "broker/http/problem_kind.h"
#include "broker/http/response.h"

namespace fabu::http {

// `instance`: the path of the request. An error without problems of its own becomes one entry of `errors`, so that a client
// finds `what` and `todo` in one place.
v1::Problem problem_message(const Error&, std::string_view instance, std::string_view trace_id);
v1::Problem problem_message(const ProblemKind&, std::string_view detail, std::string_view instance, std::string_view trace_id);

// With status, application/problem+json, Retry-After (busy, unavailable) and WWW-Authenticate (unauthorized).
Response problem_response(const Error&, std::string_view instance, std::string_view trace_id);
Response problem_response(const ProblemKind&, std::string_view detail, std::string_view instance, std::string_view trace_id);

// The page at /problems/{kind}: what it means and what to do, in Chinese and English. The list of all when `kind` is null.
Response problem_page(const ProblemKind* kind);

}  // namespace fabu::http
