// Every kind of problem that the API answers with: its status, its name in /problems/{kind}, and what it means, in Chinese and
// English.
#pragma once

#include <span>
#include <string_view>

#include "broker/domain/result.h"
#include "broker/http/handler.h"

namespace fabu::http {

struct ProblemKind {
  std::string_view name;  // of type "/problems/{name}"; never changes
  int status;
  std::string_view title, title_zh;
  std::string_view meaning, meaning_zh;  // what it means and what to do
  int retry_after = 0;                   // seconds; 0 = asking again does not help by itself
};

const ProblemKind& problem_kind(ErrorCode);
const ProblemKind& problem_kind(WireFault);
std::span<const ProblemKind> problem_kinds();
// Null when there is none of that name.
const ProblemKind* find_problem_kind(std::string_view name);

}  // namespace fabu::http
