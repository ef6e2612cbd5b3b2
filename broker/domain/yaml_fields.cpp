#include "broker/domain/yaml_fields.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "broker/domain/nearest.h"
#include "broker/domain/text_rules.h"
#include "broker/domain/yaml_bounds.h"

namespace fabu::domain {
namespace {

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

std::string place(const std::string& file, const YAML::Mark& mark) {
  return mark.is_null() ? file : fmt::format("{}:{}:{}", file, mark.line + 1, mark.column + 1);
}

v1::FieldProblem problem(const std::string& path, const std::string& what, const std::string& todo) {
  v1::FieldProblem p;
  p.set_path(path);
  p.set_rule("yaml");
  p.set_what(quoted(what, 300));
  p.set_todo(quoted(todo, 1000));
  return p;
}

}  // namespace

YamlFields::YamlFields(YAML::Node node, std::string file, std::vector<v1::FieldProblem>& faults)
    : node_(std::move(node)), file_(std::move(file)), faults_(&faults) {
  std::set<std::string> seen;
  for (const auto& pair : node_) {
    const std::string name = pair.first.IsScalar() ? pair.first.Scalar() : std::string();
    if (name.empty()) {
      fault_at(pair.first.Mark(), "", "a field has no plain name", "write `name: value`");
    } else if (!seen.insert(name).second) {
      fault_at(pair.first.Mark(), name, "is there twice", "take one of them away");
    }
  }
}

std::optional<YamlFields> YamlFields::of_document(std::string_view yaml, const std::string& file,
                                                  std::vector<v1::FieldProblem>& faults) {
  if (const auto bad = yaml_bounds(yaml)) {
    const auto path = bad->line == 0 ? file : fmt::format("{}:{}:{}", file, bad->line, bad->column);
    faults.push_back(problem(path, bad->what, bad->todo));
    return std::nullopt;
  }
  const YAML::Node root = YAML::Load(std::string(yaml));  // yaml_bounds has parsed it without a fault
  if (!root.IsNull() && !root.IsMap()) {
    faults.push_back(
        problem(place(file, root.Mark()), "the file is not a mapping of names to values", "write `name: value` lines"));
    return std::nullopt;
  }
  return YamlFields(root.IsNull() ? YAML::Node(YAML::NodeType::Map) : root, file, faults);
}

bool YamlFields::has(const std::string& name) const {
  return std::as_const(node_)[name].IsDefined();
}

void YamlFields::fault_at(const YAML::Mark& mark, const std::string& name, const std::string& what, const std::string& todo) {
  faults_->push_back(problem(place(file_, mark), name.empty() ? what : name + " " + what, todo));
}

void YamlFields::fault(const std::string& name, const std::string& what, const std::string& todo) {
  const YAML::Node value = std::as_const(node_)[name];
  fault_at(value.IsDefined() ? value.Mark() : node_.Mark(), name, what, todo);
}

std::optional<std::string> YamlFields::scalar(const std::string& name) {
  asked_.insert(name);
  const YAML::Node value = std::as_const(node_)[name];
  if (!value.IsDefined() || value.IsNull()) return std::nullopt;
  if (!value.IsScalar()) {
    fault(name, "is not a single value", "write one value after it");
    return std::nullopt;
  }
  const std::string text = value.Scalar();
  if (std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }) || text.size() > 1000) {
    fault(name, "is longer than one line of 1000 bytes", "shorten it");
    return std::nullopt;
  }
  return text;
}

void YamlFields::text(const std::string& name, std::string& value) {
  if (auto given = scalar(name)) value = std::move(*given);
}

void YamlFields::required_text(const std::string& name, std::string& value) {
  text(name, value);
  if (value.empty()) fault(name, "is missing", "add it here");
}

void YamlFields::path(const std::string& name, std::filesystem::path& value, const std::filesystem::path& base) {
  if (const auto given = scalar(name); given && !given->empty()) value = base / *given;
}

std::size_t YamlFields::choice(const std::string& name, const std::vector<std::string>& allowed, const std::string& otherwise) {
  const std::string given = scalar(name).value_or(otherwise);
  const auto found = std::find(allowed.begin(), allowed.end(), given);
  if (found != allowed.end()) return static_cast<std::size_t>(found - allowed.begin());
  fault(name, has(name) ? fmt::format("is {}, which is not known", given) : "is missing", "choose one of: " + joined(allowed));
  return 0;
}

std::optional<std::uint32_t> YamlFields::whole(const std::string& name, std::uint32_t least, std::uint32_t most) {
  const auto given = scalar(name);
  if (!given) return std::nullopt;
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(given->data(), given->data() + given->size(), value);
  if (error == std::errc() && end == given->data() + given->size() && value >= least && value <= most) return value;
  fault(name, fmt::format("is not a whole number from {} to {}", least, most), "write such a number");
  return std::nullopt;
}

std::optional<double> YamlFields::decimal(const std::string& name, double most) {
  const auto given = scalar(name);
  if (!given) return std::nullopt;
  double value = 0;
  const auto [end, error] = std::from_chars(given->data(), given->data() + given->size(), value);
  if (error == std::errc() && end == given->data() + given->size() && value > 0 && value <= most) return value;
  fault(name, fmt::format("is not a number above 0 and at most {}", most), "write such a number");
  return std::nullopt;
}

YamlFields YamlFields::map(const std::string& name) {
  asked_.insert(name);
  const YAML::Node value = std::as_const(node_)[name];
  if (value.IsDefined() && value.IsMap()) return {value, file_, *faults_};
  fault(name, "is not a mapping", "indent its `name: value` lines under it");
  return {YAML::Node(YAML::NodeType::Map), file_, *faults_};
}

std::vector<YamlFields> YamlFields::list(const std::string& name) {
  asked_.insert(name);
  std::vector<YamlFields> all;
  const YAML::Node value = std::as_const(node_)[name];
  if (!value.IsDefined() || value.IsNull()) return all;
  if (!value.IsSequence()) {
    fault(name, "is not a list", "begin each entry with a dash");
    return all;
  }
  for (const auto& one : value) {
    if (one.IsMap()) {
      all.push_back(YamlFields(one, file_, *faults_));
    } else {
      fault_at(one.Mark(), name, "has an entry that is not a mapping", "write `- name: value`");
    }
  }
  return all;
}

std::vector<std::string> YamlFields::texts(const std::string& name) {
  asked_.insert(name);
  std::vector<std::string> all;
  const YAML::Node value = std::as_const(node_)[name];
  if (!value.IsDefined() || value.IsNull()) return all;
  if (!value.IsSequence()) {
    fault(name, "is not a list", "write [a, b]");
    return all;
  }
  for (const auto& one : value) {
    const std::string text = one.IsScalar() ? one.Scalar() : std::string();
    if (text.empty() || text.size() > 1000 || std::find(all.begin(), all.end(), text) != all.end()) {
      fault_at(one.Mark(), name, "has an entry that is empty, too long or there twice", "correct it or take it away");
    } else {
      all.push_back(text);
    }
  }
  return all;
}

void YamlFields::no_others() {
  const std::vector<std::string> known(asked_.begin(), asked_.end());
  for (const auto& pair : node_) {
    const std::string name = pair.first.IsScalar() ? pair.first.Scalar() : std::string();
    if (name.empty() || asked_.count(name) != 0) continue;
    const auto near = nearest_word(name, known);
    fault_at(pair.first.Mark(), name, "is not a setting here",
             near.empty() ? "known here: " + joined(known) : fmt::format("did you mean `{}`?", near));
  }
}

}  // namespace fabu::domain
