// A broker for the client's tests: answers by a script, remembers what it was asked, and a clock that only waiting moves.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <sstream>
#include <string>
#include <vector>

#include "broker/cli/verbs.h"

namespace fabu::cli {

struct Asked {
  std::string method, path, body, content_type;
};

// Shared by all doors of a test. Thread-safe.
class FakeBroker {
 public:
  using Answers = std::function<Result<Answer>(const Asked&)>;
  explicit FakeBroker(Answers answers) : answers_(std::move(answers)) {}

  Result<Answer> ask(Asked asked) {
    const std::lock_guard lock(mutex_);
    asked_.push_back(asked);
    return answers_(asked);
  }
  std::vector<Asked> asked() const {
    const std::lock_guard lock(mutex_);
    return asked_;
  }
  std::size_t count(const std::string& method, const std::string& prefix) const {
    std::size_t n = 0;
    for (const auto& a : asked()) n += a.method == method && a.path.rfind(prefix, 0) == 0 ? 1 : 0;
    return n;
  }

 private:
  Answers answers_;
  mutable std::mutex mutex_;
  std::vector<Asked> asked_;
};

class FakeDoor final : public Door {
 public:
  explicit FakeDoor(FakeBroker& broker) : broker_(broker) {}
  Result<Answer> call(std::string_view method, const std::string& path, std::string body, std::string content_type) override {
    return broker_.ask({std::string(method), path, std::move(body), std::move(content_type)});
  }

 private:
  FakeBroker& broker_;
};

// Runs a command line against a fake broker.
class Terminal {
 public:
  explicit Terminal(FakeBroker::Answers answers) : broker(std::move(answers)) {
    context.in = &in;
    context.out = &out;
    context.err = &err;
    context.environment = [this](const char* name) { return std::string(name) == "FABU_SERVER" ? server : std::string(); };
    context.wait = [this](std::chrono::milliseconds time) {
      const std::lock_guard lock(mutex);
      waits.push_back(time);
      clock += time;
    };
    context.now = [this] {
      const std::lock_guard lock(mutex);
      return clock;
    };
    context.open_http = [this](HttpTarget target) {
      last_target = std::move(target);
      return std::make_unique<FakeDoor>(broker);
    };
  }

  int run_line(std::vector<std::string> words) {
    CommandLine line("", "fabu");
    line.root().require_subcommand();
    add_client_verbs(line.root(), context);
    words.insert(words.begin(), "fabu");
    std::vector<const char*> arguments;
    for (const auto& word : words) arguments.push_back(word.c_str());
    return run(line, context, static_cast<int>(arguments.size()), arguments.data());
  }

  FakeBroker broker;
  Context context;
  std::istringstream in;
  std::ostringstream out, err;
  std::string server = "http://broker";
  HttpTarget last_target;
  std::mutex mutex;
  std::vector<std::chrono::milliseconds> waits;
  std::chrono::steady_clock::time_point clock{};
};

inline Answer json_answer(std::string body, int status = 200) {
  return {status, std::move(body), status < 300 ? "application/json" : "application/problem+json", std::nullopt};
}

}  // namespace fabu::cli
