// Collects what is wrong with an item, in both languages.
#pragma once

#include <fabu/v1/api.pb.h>

#include <string>
#include <utility>
#include <vector>

namespace fabu::domain {

// A thing said in English and Chinese.
struct Words {
  std::string en, zh;
};

class Faults {
 public:
  void add(std::string path, std::string rule, Words what, Words todo) {
    auto& problem = found_.emplace_back();
    problem.set_path(std::move(path));
    problem.set_rule(std::move(rule));
    problem.set_what(std::move(what.en));
    problem.set_what_zh(std::move(what.zh));
    problem.set_todo(std::move(todo.en));
    problem.set_todo_zh(std::move(todo.zh));
  }
  std::vector<v1::FieldProblem> take() { return std::move(found_); }

 private:
  std::vector<v1::FieldProblem> found_;
};

}  // namespace fabu::domain
