#include "broker/domain/yaml_bounds.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <sstream>

#include "broker/domain/text_rules.h"

namespace fabu::domain {
namespace {

YamlFault fault(const YAML::Mark& mark, std::string what, std::string todo) {
  if (mark.is_null()) return {0, 0, std::move(what), std::move(todo)};
  return {mark.line + 1, mark.column + 1, std::move(what), std::move(todo)};
}

// Throws the fault: yaml-cpp calls these from inside its parser, which has no other way to be stopped.
class Bounds final : public YAML::EventHandler {
 public:
  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ > 1) throw fault(mark, "a second document begins here", "keep one document in the file");
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    throw fault(mark, "the file uses a YAML alias", "write the value out");
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t, const std::string&) override { plain(mark, tag); }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t, YAML::EmitterStyle::value) override {
    plain(mark, tag);
    deeper(mark);
  }
  void OnSequenceEnd() override { --depth_; }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t, YAML::EmitterStyle::value) override {
    plain(mark, tag);
    deeper(mark);
  }
  void OnMapEnd() override { --depth_; }

 private:
  // "?" and "!" stand for no tag on plain and on quoted values.
  static void plain(const YAML::Mark& mark, const std::string& tag) {
    if (tag.empty() || tag == "?" || tag == "!") return;
    throw fault(mark, "a value has the YAML tag " + tag.substr(0, 60), "take the tag away");
  }
  void deeper(const YAML::Mark& mark) {
    if (++depth_ > kMostYamlDepth) throw fault(mark, "values are nested deeper than 16 levels here", "nest less");
  }

  unsigned depth_ = 0, documents_ = 0;
};

}  // namespace

std::optional<YamlFault> yaml_bounds(std::string_view yaml) {
  if (yaml.size() > kMostYamlBytes) {
    return YamlFault{0, 0, "the file is larger than 4 MiB", "split it or remove what does not belong in it"};
  }
  if (!is_utf8(yaml)) return YamlFault{0, 0, "the file is not UTF-8", "save it as UTF-8"};
  try {
    std::istringstream in{std::string(yaml)};
    YAML::Parser parser(in);
    Bounds bounds;
    while (parser.HandleNextDocument(bounds)) {
    }
  } catch (const YamlFault& found) {
    return found;
  } catch (const YAML::Exception& error) {
    return fault(error.mark, error.msg, "mend the YAML there");
  }
  return std::nullopt;
}

}  // namespace fabu::domain
