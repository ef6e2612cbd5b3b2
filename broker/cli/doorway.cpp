#include "broker/cli/doorway.h"

#include <fabu/v1/api.pb.h>
#include <fmt/format.h>
#include <google/protobuf/util/json_util.h>

#include <filesystem>
#include <ostream>

namespace fabu::cli {
namespace json = google::protobuf::util;

namespace {

bool read_json(const std::string& text, google::protobuf::Message& message) {
  json::JsonParseOptions options;
  options.ignore_unknown_fields = true;
  return json::JsonStringToMessage(text, &message, options).ok();
}

std::unique_ptr<Door> open_data(Context& context, const std::string& data) {
  std::error_code ec;
  if (!std::filesystem::is_directory(data, ec) && !context.open_in_process) {
    context.fail({ErrorCode::io, data, "there is no such data folder", "name the folder that `fabu serve --data` uses", {}});
    return nullptr;
  }
  auto door = socket_door(data);
  if (!door && door.error().code == ErrorCode::not_found && context.open_in_process) door = context.open_in_process(data);
  if (door) return std::move(door.value());
  context.fail(door.error());
  if (door.error().code == ErrorCode::not_found) context.exit = Exit::unreachable;
  return nullptr;
}

}  // namespace

std::shared_ptr<Where> add_data(Verb verb) {
  auto where = std::make_shared<Where>();
  verb.add_option("--data", where->data, "Data folder of the broker on this machine [env FABU_DATA]")->type_name("DIR");
  return where;
}

std::shared_ptr<Where> add_where(Verb verb) {
  auto where = std::make_shared<Where>();
  const auto server =
      verb.add_option("--server", where->server, "Address of the broker, e.g. http://127.0.0.1:8080 [env FABU_SERVER]")
          ->type_name("URL");
  verb.add_option("--key", where->key, "API key; better given as FABU_KEY, which other users do not see")->type_name("KEY");
  verb.add_option("--data", where->data, "Data folder of a broker on this machine, instead of --server [env FABU_DATA]")
      ->type_name("DIR")
      ->excludes(server);
  return where;
}

std::unique_ptr<Door> open_door(Context& context, const Where& where) {
  const auto or_env = [&](const std::string& given, const char* name) {
    return given.empty() && context.environment ? context.environment(name) : given;
  };
  if (!where.data.empty()) return open_data(context, where.data);
  const std::string server = or_env(where.server, "FABU_SERVER");
  if (!server.empty()) {
    HttpTarget target;
    target.url = server.find("://") == std::string::npos ? "http://" + server : server;
    target.key = or_env(where.key, "FABU_KEY");
    return context.open_http(std::move(target));
  }
  const std::string data = or_env({}, "FABU_DATA");
  if (!data.empty()) return open_data(context, data);
  context.fail(Exit::usage, "which broker? Give --server URL --key KEY, or --data DIR (or FABU_SERVER and FABU_KEY)");
  return nullptr;
}

bool ask(Context& context, Door& door, std::string_view method, const std::string& path, const google::protobuf::Message* request,
         google::protobuf::Message& message, std::string* raw) {
  std::string body;
  if (request && !json::MessageToJsonString(*request, &body).ok()) {
    context.fail(Exit::usage, "the request holds text that is not UTF-8");
    return false;
  }
  auto answer = door.call(method, path, std::move(body), request ? "application/json" : "");
  if (!answer) {
    context.fail(answer.error());
    return false;
  }
  if (!answer->ok()) {
    say_problem(context, *answer, path);
    return false;
  }
  if (!read_json(answer->body, message)) {
    context.fail(Exit::refused,
                 fmt::format("{}: the answer is not {} in JSON; is this a fabu server?", path, message.GetTypeName()));
    return false;
  }
  if (raw) *raw = std::move(answer->body);
  return true;
}

std::string problem_text(const Context& context, const Answer& answer, const std::string& indent) {
  v1::Problem problem;
  if (!read_json(answer.body, problem) || (problem.title().empty() && problem.detail().empty())) {
    return fmt::format("{}HTTP {}: {}\n", indent, answer.status, answer.body.substr(0, 200));
  }
  std::string text =
      fmt::format("{}{} ({})\n", indent, problem.detail().empty() ? problem.title() : problem.detail(), answer.status);
  for (const auto& fault : problem.errors()) {
    text += fmt::format("{}  {}: {}", indent, fault.path().empty() ? "-" : fault.path(),
                        context.choose(fault.what(), fault.what_zh()));
    if (!fault.rule().empty()) text += fmt::format(" [{}]", fault.rule());
    text += '\n';
    const auto& todo = context.choose(fault.todo(), fault.todo_zh());
    if (!todo.empty()) text += fmt::format("{}    → {}\n", indent, todo);
  }
  if (!problem.trace_id().empty()) text += fmt::format("{}  trace {}\n", indent, problem.trace_id());
  return text;
}

void say_problem(Context& context, const Answer& answer, const std::string& what) {
  context.exit = exit_for_status(answer.status);
  *context.err << "fabu: " << what << '\n' << problem_text(context, answer, "  ");
}

std::string one_line_json(const google::protobuf::Message& message) {
  std::string text;
  if (!json::MessageToJsonString(message, &text).ok()) text = "{}";
  return text;
}

}  // namespace fabu::cli
