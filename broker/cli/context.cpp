#include "broker/cli/context.h"

#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <thread>

namespace fabu::cli {

Language language_of(const std::string& locale) {
  return locale.rfind("zh", 0) == 0 ? Language::zh : Language::en;
}

Context Context::of_process() {
  Context context;
  context.in = &std::cin;
  context.out = &std::cout;
  context.err = &std::cerr;
  context.in_is_terminal = ::isatty(STDIN_FILENO) == 1;
  context.err_is_terminal = ::isatty(STDERR_FILENO) == 1;
  context.environment = [](const char* name) {
    const char* value = std::getenv(name);
    return std::string(value ? value : "");
  };
  context.wait = [](std::chrono::milliseconds time) { std::this_thread::sleep_for(time); };
  context.now = [] { return std::chrono::steady_clock::now(); };
  context.open_http = [](HttpTarget target) { return http_door(std::move(target)); };
  for (const char* name : {"LC_ALL", "LC_MESSAGES", "LANG"}) {
    const std::string locale = context.environment(name);
    if (locale.empty()) continue;
    context.language = language_of(locale);
    break;
  }
  return context;
}

void Context::fail(const Error& error) {
  exit = exit_for_error(error);
  *err << "fabu: ";
  if (!error.where.empty()) *err << error.where << ": ";
  *err << error.what << '\n';
  if (!error.todo.empty()) *err << "  → " << error.todo << '\n';
  for (const auto& problem : error.problems) {
    *err << "  " << problem.path() << ": " << choose(problem.what(), problem.what_zh()) << '\n';
    const auto& todo = choose(problem.todo(), problem.todo_zh());
    if (!todo.empty()) *err << "    → " << todo << '\n';
  }
}

void Context::fail(Exit code, const std::string& what) {
  exit = code;
  *err << "fabu: " << what << '\n';
}

const std::string& Context::choose(const std::string& en, const std::string& zh) const {
  if (language == Language::zh) return zh.empty() ? en : zh;
  return en.empty() ? zh : en;
}

}  // namespace fabu::cli
