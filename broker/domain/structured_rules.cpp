#include "broker/domain/structured_rules.h"

#include <cmath>
#include <string>
#include <utility>

#include "broker/domain/text_rules.h"

namespace fabu::domain {
namespace {

namespace pb = google::protobuf;

// Looks through the facts until the first fault: one is enough to send them back.
class Facts {
 public:
  explicit Facts(Faults& faults) : faults_(faults) {}

  bool check(const pb::Struct& facts, const std::string& path, int depth) {
    if (depth > kMostStructuredDepth) return too_deep(path);
    for (const auto& [name, value] : facts.fields()) {
      const auto below = path + "." + quoted(name, 64);
      if (name.empty() || !is_utf8(name) || has_forbidden_characters(name, false)) return bad_text(path);
      if (!check(value, below, depth)) return false;
    }
    return true;
  }

 private:
  bool check(const pb::Value& value, const std::string& path, int depth) {
    switch (value.kind_case()) {
      case pb::Value::kNullValue:
      case pb::Value::kBoolValue:
        return true;
      case pb::Value::kNumberValue:
        return std::isfinite(value.number_value()) || not_a_number(path);
      case pb::Value::kStringValue: {
        const auto& text = value.string_value();
        return (is_utf8(text) && !has_forbidden_characters(text, true)) || bad_text(path);
      }
      case pb::Value::kStructValue:
        return check(value.struct_value(), path, depth + 1);
      case pb::Value::kListValue:
        return check(value.list_value(), path, depth + 1);
      case pb::Value::KIND_NOT_SET:
        break;
    }
    return fault(path, "item.structured.empty", {"It is a value of no kind.", "值为空。"},
                 {"Give it a value, null if need be.", "请填写值，可为 null。"});
  }
  bool check(const pb::ListValue& list, const std::string& path, int depth) {
    if (depth > kMostStructuredDepth) return too_deep(path);
    for (int i = 0; i < list.values_size(); ++i) {
      if (!check(list.values(i), path + "[" + std::to_string(i) + "]", depth)) return false;
    }
    return true;
  }
  bool too_deep(const std::string& path) {
    return fault(path, "item.structured.depth", {"It is nested deeper than 16 levels.", "嵌套超过16层。"},
                 {"Nest less.", "请减少嵌套。"});
  }
  bool bad_text(const std::string& path) {
    return fault(path, "item.structured.characters",
                 {"It holds control characters, or invisible ones that change how text looks, or a name is empty.",
                  "含有控制字符或不可见的排版控制字符，或名称为空。"},
                 {"Remove them.", "请删除。"});
  }
  bool not_a_number(const std::string& path) {
    return fault(path, "item.structured.number", {"It is not a finite number.", "不是有限数值。"},
                 {"Write amounts as decimal texts.", "金额请用十进制文本。"});
  }
  bool fault(const std::string& path, const char* rule, Words what, Words todo) {
    faults_.add(path, rule, std::move(what), std::move(todo));
    return false;
  }

  Faults& faults_;
};

}  // namespace

void check_structured(const v1::Item& item, Faults& faults) {
  if (!item.has_structured()) return;
  if (item.structured().ByteSizeLong() > 65'536) {
    return faults.add("structured", "item.structured.too_large", {"It is larger than 64 KiB.", "结构化数据超过64 KiB。"},
                      {"Put large data into an attachment.", "请将大量数据作为附件。"});
  }
  Facts(faults).check(item.structured(), "structured", 1);
}

}  // namespace fabu::domain
