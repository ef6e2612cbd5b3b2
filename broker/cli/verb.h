// The grammar of the command line. CLI11 stands behind it, in verb.cpp alone: its inline code would cost seconds in every file.
//
//   auto* verb = root.add_subcommand("why", "What happened to an item");
//   verb->add_option("item", o->item, "Its number")->required();
//   verb->callback([&context, o] { why(context, *o); });
#pragma once

#include <cstdint>
#include <functional>
#include <iosfwd>
#include <memory>
#include <string>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace fabu::cli {

struct VerbTree;

// An option or a positional of a verb. A handle: copy freely, while the root lives.
class Option {
 public:
  explicit Option(CLI::Option* option) : option_(option) {}
  const Option* operator->() const { return this; }

  const Option& required() const;
  const Option& type_name(const std::string& name) const;  // as --help shows it
  const Option& one_of(const std::vector<std::string>& words) const;
  const Option& between(double least, double most) const;
  const Option& with_commas() const;  // several values in one word
  const Option& excludes(const Option& other) const;
  const Option& show_default() const;  // as it is now, in --help

 private:
  CLI::Option* option_;
};

// A verb, or the root of them all. A handle; variables that options fill must live until the command line is parsed.
class Verb {
 public:
  explicit Verb(CLI::App* app) : app_(app) {}
  const Verb* operator->() const { return this; }

  Verb add_subcommand(const std::string& name, const std::string& about) const;
  Option add_option(const std::string& name, std::string& value, const std::string& about) const;
  Option add_option(const std::string& name, std::vector<std::string>& values, const std::string& about) const;
  Option add_option(const std::string& name, unsigned& value, const std::string& about) const;
  Option add_option(const std::string& name, std::uint64_t& value, const std::string& about) const;
  Option add_option(const std::string& name, double& value, const std::string& about) const;
  Option add_flag(const std::string& name, bool& value, const std::string& about) const;
  void footer(const std::string& text) const;
  void callback(std::function<void()> act) const;
  void require_subcommand() const;
  void version(const std::string& text) const;  // --version
  void hide() const;                            // from --help and from tree()
  VerbTree tree() const;                        // see verb_tree.h

 private:
  CLI::App* app_;
};

// The whole command line.
class CommandLine {
 public:
  CommandLine(const std::string& about, const std::string& program);
  ~CommandLine();
  Verb root();
  // Parses and runs callbacks. True: a verb ran. False: --help or a fault was printed, and `code` is 0 or not. What callbacks
  // throw passes through.
  bool parse(int argc, const char* const* argv, std::ostream& out, std::ostream& err, int& code);

 private:
  std::unique_ptr<CLI::App> app_;
};

}  // namespace fabu::cli
