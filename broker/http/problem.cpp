#include "broker/http/problem.h"

#include <fmt/format.h>

#include "broker/http/message_body.h"

namespace fabu::http {
namespace {

// `what` and `todo` as one reads them after one another.
std::string sentence(const Error& error) {
  std::string text = error.where.empty() || !error.problems.empty() ? error.what : error.where + ": " + error.what;
  if (!error.todo.empty()) text += " " + error.todo;
  return text;
}

Response response_of(const ProblemKind& kind, const v1::Problem& problem) {
  auto response = text_response(kind.status, "application/problem+json", json_text(problem));
  response.set("Cache-Control", "no-store");
  if (kind.retry_after > 0) response.set("Retry-After", std::to_string(kind.retry_after));
  if (kind.status == 401) response.set("WWW-Authenticate", "Bearer realm=\"fabu\"");
  return response;
}

std::string article(const ProblemKind& kind) {
  return fmt::format("<article id=\"{0}\"><h2>{1} · {2} ({3})</h2><p lang=\"zh-CN\">{4}</p><p lang=\"en\">{5}</p></article>",
                     kind.name, kind.title_zh, kind.title, kind.status, kind.meaning_zh, kind.meaning);
}

}  // namespace

v1::Problem problem_message(const ProblemKind& kind, std::string_view detail, std::string_view instance,
                            std::string_view trace_id) {
  v1::Problem problem;
  problem.set_type("/problems/" + std::string(kind.name));
  problem.set_title(std::string(kind.title));
  problem.set_status(kind.status);
  problem.set_detail(std::string(detail.empty() ? kind.meaning : detail));
  problem.set_instance(std::string(instance));
  problem.set_trace_id(std::string(trace_id));
  return problem;
}

v1::Problem problem_message(const Error& error, std::string_view instance, std::string_view trace_id) {
  const auto& kind = problem_kind(error.code);
  auto problem = problem_message(kind, sentence(error), instance, trace_id);
  for (const auto& fault : error.problems) *problem.add_errors() = fault;
  if (error.problems.empty() && kind.status < 500) {
    auto& fault = *problem.add_errors();
    fault.set_path(error.where);
    fault.set_rule(std::string(kind.name));
    fault.set_what(error.what);
    fault.set_todo(error.todo);
    fault.set_what_zh(std::string(kind.title_zh));
    fault.set_todo_zh(std::string(kind.meaning_zh));
  }
  return problem;
}

Response problem_response(const Error& error, std::string_view instance, std::string_view trace_id) {
  return response_of(problem_kind(error.code), problem_message(error, instance, trace_id));
}

Response problem_response(const ProblemKind& kind, std::string_view detail, std::string_view instance,
                          std::string_view trace_id) {
  return response_of(kind, problem_message(kind, detail, instance, trace_id));
}

Response problem_page(const ProblemKind* kind) {
  std::string text =
      "<!DOCTYPE html><html lang=\"zh-CN\"><head><meta charset=\"utf-8\"><title>问题说明 · "
      "Problems</title></head><body><main><h1>问题说明 · Problems</h1>";
  if (kind != nullptr) {
    text += article(*kind);
  } else {
    for (const auto& each : problem_kinds()) text += article(each);
  }
  text += "</main></body></html>\n";
  auto response = text_response(200, "text/html; charset=utf-8", std::move(text));
  response.set("Content-Security-Policy", "default-src 'none'");
  response.set("Cache-Control", "max-age=3600");
  return response;
}

}  // namespace fabu::http
