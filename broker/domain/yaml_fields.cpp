#include "broker/domain/yaml_fields.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdlib>

namespace fabu::domain {
namespace {

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

v1::FieldProblem problem(const std::string& file, const YAML::Mark& mark, const std::string& what, const std::string& todo) {
  v1::FieldProblem p;
  p.set_path(mark.is_null() ? file : fmt::format("{}:{}:{}", file, mark.line + 1, mark.column + 1));
  p.set_rule("yaml");
  p.set_what(what);
  p.set_todo(todo);
  return p;
}

constexpr std::size_t kMostBytes = 4 << 20;

// Aliases make small files expand without bound, and nobody needs them here.
bool has_alias(std::string_view yaml) {
  for (std::size_t at = yaml.find('*'); at != std::string_view::npos; at = yaml.find('*', at + 1)) {
    const bool begins_value = at > 0 && (yaml[at - 1] == ' ' || yaml[at - 1] == '[' || yaml[at - 1] == ',');
    if (begins_value && at + 1 < yaml.size() && (std::isalnum(static_cast<unsigned char>(yaml[at + 1])) != 0 || yaml[at + 1] == '_')) return true;
  }
  return false;
}

}  // namespace

YamlFields::YamlFields(YAML::Node node, std::string file, std::vector<v1::FieldProblem>& faults)
    : node_(std::move(node)), file_(std::move(file)), faults_(&faults) {
  std::set<std::string> seen;
  for (const auto& pair : node_) {
    const std::string name = pair.first.IsScalar() ? pair.first.Scalar() : std::string();
    if (name.empty() || !seen.insert(name).second)
      fault_at(pair.first.Mark(), name, "is there twice or has no name", "take it away");
  }
}

std::optional<YamlFields> YamlFields::of_document(std::string_view yaml, const std::string& file,
                                                      std::vector<v1::FieldProblem>& faults) {
  if (yaml.size() > kMostBytes) {
    faults.push_back(problem(file, YAML::Mark::null_mark(), "the file is larger than 4 MiB", "split it or remove what does not belong in it"));
    return std::nullopt;
  }
  if (yaml.find("*") != std::string_view::npos && has_alias(yaml)) {
    faults.push_back(problem(file, YAML::Mark::null_mark(), "the file uses YAML anchors and aliases", "write the values out"));
    return std::nullopt;
  }
  try {
    const auto documents = YAML::LoadAll(std::string(yaml));
    const YAML::Node root = documents.empty() ? YAML::Node() : documents.front();
    if (documents.size() > 1) {
      faults.push_back(problem(file, documents[1].Mark(), "a second document begins here", "keep one document in the file"));
    } else if (!root.IsNull() && !root.IsMap()) {
      faults.push_back(problem(file, root.Mark(), "the file is not a mapping of names to values", "write `name: value` lines"));
    } else {
      return YamlFields(root.IsNull() ? YAML::Node(YAML::NodeType::Map) : root, file, faults);
    }
  } catch (const YAML::Exception& error) {
    faults.push_back(problem(file, error.mark, error.msg, "mend the YAML there"));
  }
  return std::nullopt;
}

bool YamlFields::has(const std::string& name) const {
  return std::as_const(node_)[name].IsDefined();
}

void YamlFields::fault_at(const YAML::Mark& mark, const std::string& name, const std::string& what, const std::string& todo) {
  faults_->push_back(problem(file_, mark, name.empty() ? what : name + " " + what, todo));
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
  for (const auto& pair : node_) {
    const std::string name = pair.first.IsScalar() ? pair.first.Scalar() : std::string();
    if (!name.empty() && asked_.count(name) == 0) {
      fault_at(pair.first.Mark(), name, "is not a setting here",
               "correct its name or take it away");
    }
  }
}

}  // namespace fabu::domain
