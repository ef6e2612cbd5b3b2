// What a verb is given of the world: streams, environment, time, and how a door is opened. Tests put their own in.
#pragma once

#include <chrono>
#include <functional>
#include <iosfwd>
#include <memory>
#include <string>

#include "broker/cli/door.h"
#include "broker/cli/exit_codes.h"

namespace fabu::cli {

enum class Language { en, zh };

struct Context {
  std::istream* in = nullptr;
  std::ostream* out = nullptr;   // results only
  std::ostream* err = nullptr;   // problems, progress, questions
  bool in_is_terminal = false;   // a person can answer a question
  bool err_is_terminal = false;  // a progress bar makes sense
  Language language = Language::en;
  std::function<std::string(const char* name)> environment;    // empty: not set
  std::function<void(std::chrono::milliseconds)> wait;         // sleeps
  std::function<std::chrono::steady_clock::time_point()> now;  // monotonic
  std::function<std::unique_ptr<Door>(HttpTarget)> open_http;
  OpenInProcess open_in_process;  // empty: verbs on a data folder need a running server

  Exit exit = Exit::done;  // what the process will say

  // The process's own streams, environment (LC_ALL, LC_MESSAGES, LANG choose the language) and clock.
  static Context of_process();

  // Says an error on `err` in one or two lines and sets `exit` to its code.
  void fail(const Error&);
  void fail(Exit code, const std::string& what);
  // Of two texts, the one in the user's language; the other when that is empty.
  const std::string& choose(const std::string& en, const std::string& zh) const;
};

// "zh_CN.UTF-8" → zh; anything else → en.
Language language_of(const std::string& locale);

}  // namespace fabu::cli
