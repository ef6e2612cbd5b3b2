#include <fmt/format.h>

#include "broker/cli/verb_tree.h"

namespace fabu::cli {
namespace {

// Text as man(7) takes it: no line is a request, backslashes and dashes stand for themselves.
std::string plain(const std::string& text) {
  std::string out;
  bool line_begins = true;
  for (const char c : text) {
    if (line_begins && (c == '.' || c == '\'')) out += "\\&";
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else {
      out += c;
    }
    line_begins = c == '\n';
  }
  return out;
}

std::string joined(const std::vector<std::string>& words, const std::string& between) {
  std::string out;
  for (const auto& word : words) out += (out.empty() ? "" : between) + word;
  return out;
}

std::string usage(const std::string& path, const VerbTree& verb) {
  std::string line = fmt::format("\\fB{}\\fR", plain(path));
  for (const auto& option : verb.options) {
    const auto value = option.value.empty() ? "" : fmt::format(" \\fI{}\\fR", plain(option.value));
    if (option.positional) {
      const auto name = fmt::format("\\fI{}\\fR", plain(option.names.front()));
      line += option.required ? " " + name : " [" + name + "]";
    } else if (option.required) {
      line += fmt::format(" \\fB{}\\fR{}", plain(option.names.back()), value);
    }
  }
  return line + (verb.verbs.empty() ? " [\\fIOPTIONS\\fR]" : " \\fIVERB\\fR");
}

std::string tag(const OptionShape& option) {
  std::vector<std::string> names;
  for (const auto& name : option.names) names.push_back(fmt::format("\\f{}{}\\fR", option.positional ? 'I' : 'B', plain(name)));
  auto line = joined(names, ", ");
  const auto value = option.choices.empty() ? option.value : joined(option.choices, "|");
  if (!value.empty() && !option.positional) line += fmt::format(" \\fI{}\\fR", plain(value));
  return line;
}

void describe(const std::string& path, const VerbTree& verb, std::string& out) {
  out += fmt::format(".SS {}\n{}.\n.PP\n{}\n", plain(path), plain(verb.about), usage(path, verb));
  for (const auto& option : verb.options) {
    if (option.names.back() == "--help") continue;
    out += fmt::format(".TP\n{}\n{}.\n", tag(option), plain(option.about.empty() ? "See above" : option.about));
  }
  if (!verb.footer.empty()) out += fmt::format(".PP\n.nf\n{}\n.fi\n", plain(verb.footer));
  for (const auto& deeper : verb.verbs) describe(path + " " + deeper.name, deeper, out);
}

}  // namespace

std::string manual(const VerbTree& root) {
  std::string out;
  for (const auto& verb : root.verbs) describe(root.name + " " + verb.name, verb, out);
  return out;
}

}  // namespace fabu::cli
