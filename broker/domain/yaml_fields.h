// Reads one mapping of a YAML file strictly: every field is asked for by name, what was not asked for is a fault, and every fault
// has its line and column.
#pragma once

#include <fabu/v1/api.pb.h>
#include <yaml-cpp/yaml.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace fabu::domain {

// Faults are appended to the list that the document was opened with, which must outlive this. A field with a fault keeps its
// default, so that reading goes on and every fault is found. Not thread-safe.
class YamlFields {
 public:
  // Nothing when the text is no YAML or no mapping; the fault then says so. An empty document is an empty mapping.
  static std::optional<YamlFields> of_document(std::string_view yaml, const std::string& file,
                                               std::vector<v1::FieldProblem>& faults);

  bool has(const std::string& name) const;
  void text(const std::string& name, std::string& value);           // one line; absent: stays as it is
  void required_text(const std::string& name, std::string& value);  // absent or empty: a fault
  void path(const std::string& name, std::filesystem::path& value, const std::filesystem::path& base);  // relative to `base`
  // Position in `allowed`; of `otherwise` when absent; 0 when neither is there, which is a fault.
  std::size_t choice(const std::string& name, const std::vector<std::string>& allowed, const std::string& otherwise);
  std::optional<std::uint32_t> whole(const std::string& name, std::uint32_t least, std::uint32_t most);
  std::optional<double> decimal(const std::string& name, double most);  // above 0
  YamlFields map(const std::string& name);                              // an empty one after a fault
  std::vector<YamlFields> list(const std::string& name);                // of mappings
  std::vector<std::string> texts(const std::string& name);              // a list of single values, each once

  // Says a fault of a field, or of the whole mapping when it is not there.
  void fault(const std::string& name, const std::string& what, const std::string& todo);
  // Fields that were not asked for are faults.
  void no_others();

 private:
  YamlFields(YAML::Node node, std::string file, std::vector<v1::FieldProblem>& faults);
  std::optional<std::string> scalar(const std::string& name);
  void fault_at(const YAML::Mark&, const std::string& name, const std::string& what, const std::string& todo);

  YAML::Node node_;
  std::string file_;
  std::vector<v1::FieldProblem>* faults_;
  std::set<std::string> asked_;
};

}  // namespace fabu::domain
