#include "broker/domain/field_rules.h"

#include "broker/domain/text_rules.h"

namespace fabu::domain {

std::string rule_id(std::string_view path, std::string_view what) {
  std::string id = "item.";
  bool index = false;
  for (const char c : path) {
    if (c == '[') index = true;
    if (!index) id += c;
    if (c == ']') index = false;
  }
  return id + "." + std::string(what);
}

std::string element(std::string_view list, int index) {
  return std::string(list) + "[" + std::to_string(index) + "]";
}

void check_text(const TextRule& rule, Faults& faults) {
  if (rule.value.empty() && !rule.required) return;
  if (is_blank(rule.value)) {
    return faults.add(rule.path, rule_id(rule.path, "required"), {"It is empty.", "不能为空。"}, {"Fill it in.", "请填写。"});
  }
  if (!is_utf8(rule.value)) {
    return faults.add(rule.path, rule_id(rule.path, "encoding"), {"It is not UTF-8.", "不是有效的 UTF-8 文本。"},
                      {"Encode the text as UTF-8.", "请以 UTF-8 编码。"});
  }
  if (const auto count = characters(rule.value); count > rule.most) {
    const auto most = std::to_string(rule.most);
    faults.add(rule.path, rule_id(rule.path, "too_long"),
               {"It has " + std::to_string(count) + " characters; at most " + most + " are allowed.",
                "共" + std::to_string(count) + "字，最多" + most + "字。"},
               {"Shorten it.", "请缩短。"});
  }
  if (!has_forbidden_characters(rule.value, rule.lines)) return;
  const bool line_end = !rule.lines && rule.value.find_first_of("\r\n") != std::string_view::npos;
  faults.add(rule.path, rule_id(rule.path, "characters"),
             line_end ? Words{"It has more than one line.", "含有换行。"}
                      : Words{"It holds control characters, or invisible ones that change how text looks.",
                              "含有控制字符或不可见的排版控制字符。"},
             line_end ? Words{"Write it in one line.", "请写成一行。"}
                      : Words{"Remove them; copy the text again from its source as plain text.", "请删除，或以纯文本重新粘贴。"});
}

void check_count(const std::string& path, int count, int most, Faults& faults) {
  if (count <= most) return;
  faults.add(path, rule_id(path, "too_many"),
             {"There are " + std::to_string(count) + "; at most " + std::to_string(most) + " are allowed.",
              "共" + std::to_string(count) + "项，最多" + std::to_string(most) + "项。"},
             {"Leave some out or put some together.", "请减少或合并。"});
}

void check_list(const std::string& path, const google::protobuf::RepeatedPtrField<std::string>& values, int most,
                std::size_t longest, Faults& faults) {
  check_count(path, values.size(), most, faults);
  for (int i = 0; i < values.size() && i < most; ++i) check_text({element(path, i), values[i], longest, true}, faults);
}

void check_organization(const std::string& path, const v1::Organization& body, Faults& faults) {
  check_text({path + ".name", body.name(), 200, true}, faults);
  if (body.uscc().empty() || is_uscc(body.uscc())) return;
  faults.add(path + ".uscc", rule_id(path + ".uscc", "check"),
             {"It is not a unified social credit code: 18 characters with a right check character (GB 32100-2015).",
              "统一社会信用代码格式或校验位不正确（GB 32100-2015）。"},
             {"Correct the code, or leave it empty.", "请核对代码，或留空。"});
}

}  // namespace fabu::domain
