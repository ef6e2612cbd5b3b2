#include "broker/cli/verb.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <sstream>
#include <utility>

#include "broker/cli/verb_tree.h"

namespace fabu::cli {
namespace {

// "TEXT:{submit,read}" → submit, read: how CLI11 shows what a value must be one of.
std::vector<std::string> choices_in(const std::string& type) {
  std::vector<std::string> words;
  const auto open = type.find('{'), close = type.find('}');
  if (open == std::string::npos || close == std::string::npos) return words;
  std::istringstream list(type.substr(open + 1, close - open - 1));
  for (std::string word; std::getline(list, word, ',');) words.push_back(word);
  return words;
}

// "HOST:PORT", "TEXT:{a,b}", "UINT:INT in [1 - 64]" → HOST:PORT, TEXT, NUMBER.
std::string value_name(const std::string& type) {
  auto end = std::min(type.find(":{"), type.size());
  if (const auto range = type.find(" in ["); range != std::string::npos) end = std::min(end, type.rfind(':', range));
  const auto name = type.substr(0, end);
  return name == "UINT" || name == "FLOAT" ? "NUMBER" : name;
}

OptionShape shape_of(const CLI::Option& option) {
  OptionShape shape;
  shape.positional = option.get_positional();
  if (shape.positional) shape.names.push_back(option.get_name(true));
  for (const auto& name : option.get_snames()) shape.names.push_back("-" + name);
  for (const auto& name : option.get_lnames()) shape.names.push_back("--" + name);
  const auto type = option.get_type_name();
  shape.choices = choices_in(type);
  if (option.get_items_expected_max() > 0) shape.value = value_name(type);
  shape.about = option.get_description();
  shape.required = option.get_required();
  return shape;
}

VerbTree tree_of(const CLI::App& app) {
  VerbTree tree{app.get_name(), app.get_description(), app.get_footer(), {}, {}};
  for (const auto* option : app.get_options()) tree.options.push_back(shape_of(*option));
  for (const auto* deeper : app.get_subcommands([](const CLI::App* one) { return !one->get_group().empty(); }))
    tree.verbs.push_back(tree_of(*deeper));
  return tree;
}

}  // namespace

const Option& Option::required() const {
  return option_->required(), *this;
}
const Option& Option::type_name(const std::string& name) const {
  return option_->type_name(name), *this;
}
const Option& Option::one_of(const std::vector<std::string>& words) const {
  return option_->check(CLI::IsMember(words)), *this;
}
const Option& Option::between(double least, double most) const {
  return option_->check(CLI::Range(least, most)), *this;
}
const Option& Option::with_commas() const {
  return option_->delimiter(','), *this;
}
const Option& Option::excludes(const Option& other) const {
  return option_->excludes(other.option_), *this;
}
const Option& Option::show_default() const {
  return option_->capture_default_str(), *this;
}

Verb Verb::add_subcommand(const std::string& name, const std::string& about) const {
  return Verb(app_->add_subcommand(name, about));
}
Option Verb::add_option(const std::string& name, std::string& value, const std::string& about) const {
  return Option(app_->add_option(name, value, about));
}
Option Verb::add_option(const std::string& name, std::vector<std::string>& values, const std::string& about) const {
  return Option(app_->add_option(name, values, about));
}
Option Verb::add_option(const std::string& name, unsigned& value, const std::string& about) const {
  return Option(app_->add_option(name, value, about));
}
Option Verb::add_option(const std::string& name, std::uint64_t& value, const std::string& about) const {
  return Option(app_->add_option(name, value, about));
}
Option Verb::add_option(const std::string& name, double& value, const std::string& about) const {
  return Option(app_->add_option(name, value, about));
}
Option Verb::add_flag(const std::string& name, bool& value, const std::string& about) const {
  return Option(app_->add_flag(name, value, about));
}
void Verb::footer(const std::string& text) const {
  app_->footer(text);
}
void Verb::callback(std::function<void()> act) const {
  app_->callback(std::move(act));
}
void Verb::require_subcommand() const {
  app_->require_subcommand(1);
}
void Verb::version(const std::string& text) const {
  app_->set_version_flag("--version", text);
}
void Verb::hide() const {
  app_->group("");
}
VerbTree Verb::tree() const {
  return tree_of(*app_);
}

CommandLine::CommandLine(const std::string& about, const std::string& program)
    : app_(std::make_unique<CLI::App>(about, program)) {}
CommandLine::~CommandLine() = default;

Verb CommandLine::root() {
  return Verb(app_.get());
}

bool CommandLine::parse(int argc, const char* const* argv, std::ostream& out, std::ostream& err, int& code) {
  try {
    app_->parse(argc, argv);
    return true;
  } catch (const CLI::ParseError& fault) {
    code = app_->exit(fault, out, err);
    return false;
  }
}

}  // namespace fabu::cli
