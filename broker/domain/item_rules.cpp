#include "broker/domain/item_rules.h"

#include <array>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "broker/domain/faults.h"
#include "broker/domain/text_rules.h"
#include "proto/fabu/digest.h"

namespace fabu::domain {
namespace {

// --- text -------------------------------------------------------------------------------------------------------------

struct TextRule {
  std::string path;
  std::string_view value;
  std::size_t most;      // characters
  bool required = false;
  bool lines = false;    // line ends and tabs allowed
};

std::string rule_name(const std::string& path, const char* what) {
  std::string name = "item.";
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (path[i] == '[') {
      i = path.find(']', i);
    } else {
      name += path[i];
    }
  }
  return name + "." + what;
}

void check_text(const TextRule& rule, Faults& faults) {
  if (rule.value.empty() || is_blank(rule.value)) {
    if (!rule.required && rule.value.empty()) return;
    return faults.add(rule.path, rule_name(rule.path, "required"), {"It is empty.", "不能为空。"}, {"Fill it in.", "请填写。"});
  }
  if (!is_utf8(rule.value)) {
    return faults.add(rule.path, rule_name(rule.path, "encoding"), {"It is not UTF-8.", "不是有效的 UTF-8 文本。"},
                      {"Encode the text as UTF-8.", "请以 UTF-8 编码。"});
  }
  if (const auto count = characters(rule.value); count > rule.most) {
    const auto most = std::to_string(rule.most);
    faults.add(rule.path, rule_name(rule.path, "too_long"),
               {"It has " + std::to_string(count) + " characters; at most " + most + " are allowed.", "共" + std::to_string(count) + "字，最多" + most + "字。"},
               {"Shorten it.", "请缩短。"});
  }
  if (has_forbidden_characters(rule.value, rule.lines)) {
    faults.add(rule.path, rule_name(rule.path, "characters"),
               {"It holds control characters, or invisible ones that change how text looks.", "含有控制字符或不可见的排版控制字符。"},
               {"Remove them; copy the text again from its source as plain text.", "请删除，或以纯文本重新粘贴。"});
  }
}

void check_texts(const v1::Item& item, Faults& faults) {
  const std::array rules{
      TextRule{"reference", item.reference(), 200, true},
      TextRule{"title", item.title(), 200, true},
      TextRule{"short_title", item.short_title(), 32},
      TextRule{"summary", item.summary(), 300, true, true},
      TextRule{"doc_no", item.doc_no(), 100},
      TextRule{"responsible_section", item.responsible_section(), 100, true},
      TextRule{"responsible_person", item.responsible_person(), 50},
      TextRule{"project_code", item.project_code(), 64},
      TextRule{"unified_deal_code", item.unified_deal_code(), 64},
      TextRule{"content_source", item.content_source(), 200},
      TextRule{"language", item.language(), 35},
  };
  for (const auto& rule : rules) check_text(rule, faults);
}

// A repeated text: how many, and each one's bound.
void check_list(const std::string& path, const google::protobuf::RepeatedPtrField<std::string>& values, int most, std::size_t longest, Faults& faults) {
  if (values.size() > most) {
    faults.add(path, rule_name(path, "too_many"), {"There are " + std::to_string(values.size()) + "; at most " + std::to_string(most) + " are allowed.",
                                                    "共" + std::to_string(values.size()) + "项，最多" + std::to_string(most) + "项。"},
               {"Leave some out.", "请减少。"});
  }
  for (int i = 0; i < values.size() && i < most; ++i) check_text({path + "[" + std::to_string(i) + "]", values[i], longest, true}, faults);
}

void check_organization(const std::string& path, const v1::Organization& body, bool required, Faults& faults) {
  check_text({path + ".name", body.name(), 200, required}, faults);
  if (body.uscc().empty() || is_uscc(body.uscc())) return;
  faults.add(path + ".uscc", rule_name(path + ".uscc", "check"),
             {"It is not a unified social credit code: 18 characters with a right check character (GB 32100-2015).", "统一社会信用代码格式或校验位不正确（GB 32100-2015）。"},
             {"Correct the code, or leave it empty.", "请核对代码，或留空。"});
}

// --- dates ------------------------------------------------------------------------------------------------------------

std::optional<Date> check_date(const std::string& path, const std::string& value, bool required, Faults& faults) {
  if (value.empty()) {
    if (required) faults.add(path, rule_name(path, "required"), {"It is empty.", "不能为空。"}, {"Write it as YYYY-MM-DD.", "请按 YYYY-MM-DD 填写。"});
    return std::nullopt;
  }
  const auto date = parse_date(value);
  if (!date) {
    faults.add(path, rule_name(path, "date"), {"It is not a day of the calendar.", "不是有效日期。"}, {"Write it as YYYY-MM-DD.", "请按 YYYY-MM-DD 填写。"});
  }
  return date;
}

void check_order(const std::string& path, std::optional<Date> first, std::optional<Date> second, const std::string& first_name, Faults& faults) {
  if (!first || !second || *first <= *second) return;
  faults.add(path, rule_name(path, "order"), {"It is before " + first_name + ".", "早于 " + first_name + "。"}, {"Check both dates.", "请核对两个日期。"});
}

void check_dates(const v1::Item& item, Date today, Faults& faults) {
  const auto formed = check_date("formed_date", item.formed_date(), true, faults);
  if (formed && *formed > today) {
    faults.add("formed_date", "item.formed_date.future", {"It is in the future; today is " + format_date(today) + ".", "成文日期晚于今天（" + format_date(today) + "）。"},
               {"Give the day on which the information was formed.", "请填写信息实际形成的日期。"});
  }
  const auto effective = check_date("effective_date", item.effective_date(), false, faults);
  const auto expiry = check_date("expiry_date", item.expiry_date(), false, faults);
  check_order("expiry_date", effective, expiry, "effective_date", faults);
  if (!item.has_notice_period()) return;
  const auto start = check_date("notice_period.start", item.notice_period().start(), true, faults);
  const auto end = check_date("notice_period.end", item.notice_period().end(), true, faults);
  check_order("notice_period.end", start, end, "notice_period.start", faults);
}

// --- codes and choices -------------------------------------------------------------------------------------------------

void check_codes(const v1::Item& item, Faults& faults) {
  if (!is_code(item.department())) {
    faults.add("department", "item.department.code", {"A department code has 1 to 32 letters, digits, _ or -.", "部门代码为1至32位字母、数字、_或-。"},
               {"Use the code of the API key.", "请填写密钥所属部门的代码。"});
  }
  if (!item.index_no().empty() && !is_index_no(item.index_no())) {
    faults.add("index_no", "item.index_no.form", {"It has other characters than digits, letters, / _ and -, or more than 64.", "索引号只能由数字、字母、/、_、-组成，最多64位。"},
               {"Correct it, or leave it empty to have one allotted.", "请更正，或留空由系统编号。"});
  }
  if (item.disclosure() != v1::DISCLOSURE_UNSPECIFIED && item.disclosure() != v1::DISCLOSURE_ACTIVE) {
    faults.add("disclosure", "item.disclosure.not_active", {"Only information for active disclosure can be published here.", "本系统只发布主动公开的信息。"},
               {"Do not submit it; it is disclosed on request or not at all.", "依申请公开、不予公开的信息请勿报送。"});
  }
}

void check_enum(const std::string& path, bool known, Faults& faults) {
  if (known) return;
  faults.add(path, rule_name(path, "unknown"), {"This value is not known to this server.", "取值不在接口定义内。"}, {"Use one of the values in the contract.", "请使用接口定义的取值。"});
}

void check_body(const v1::Item& item, Faults& faults) {
  constexpr std::size_t most = 1 << 20;
  const auto format = item.body().format();
  if (format < v1::BODY_FORMAT_MARKDOWN || format > v1::BODY_FORMAT_HTML) {
    faults.add("body.format", "item.body.format.required", {"It does not say what the text is.", "未说明正文格式。"},
               {"Say BODY_FORMAT_MARKDOWN, BODY_FORMAT_PLAIN or BODY_FORMAT_HTML.", "请填写 BODY_FORMAT_MARKDOWN、BODY_FORMAT_PLAIN 或 BODY_FORMAT_HTML。"});
  }
  if (item.body().text().size() > most) {
    return faults.add("body.text", "item.body.text.too_long", {"The text is larger than 1 MiB.", "正文超过1 MiB。"}, {"Put long material into an attachment.", "请将长材料作为附件。"});
  }
  check_text({"body.text", item.body().text(), most, true, true}, faults);
}

void check_structured(const v1::Item& item, Faults& faults) {
  if (item.structured().ByteSizeLong() > 65'536) {
    faults.add("structured", "item.structured.too_large", {"It is larger than 64 KiB.", "结构化数据超过64 KiB。"}, {"Put large data into an attachment.", "请将大量数据作为附件。"});
  }
}

// --- attachments and relations -----------------------------------------------------------------------------------------

bool is_file_name(std::string_view name) {
  return name != "." && name != ".." && name.front() != '.' && name.find_first_of("/\\") == std::string_view::npos;
}

void check_attachment(const std::string& path, const v1::Attachment& attachment, Faults& faults) {
  check_text({path + ".name", attachment.name(), 200, true}, faults);
  if (!attachment.name().empty() && !is_file_name(attachment.name())) {
    faults.add(path + ".name", "item.attachments.name.path", {"It is not the name of a file: no / or \\, no leading dot.", "文件名不能含 / 或 \\，不能以点开头。"},
               {"Give the bare file name.", "请只填写文件名。"});
  }
  check_text({path + ".media_type", attachment.media_type(), 127, true}, faults);
  check_text({path + ".description", attachment.description(), 500}, faults);
  if (attachment.size() == 0) {
    faults.add(path + ".size", "item.attachments.size.required", {"It is 0.", "大小为0。"}, {"State the number of bytes.", "请填写附件字节数。"});
  }
  if (!Digest::from_hex(attachment.sha256())) {
    faults.add(path + ".sha256", "item.attachments.sha256.form", {"It is not 64 lower-case hex digits.", "不是64位小写十六进制摘要。"},
               {"Give the SHA-256 of the file's bytes.", "请填写文件的 SHA-256 摘要。"});
  }
}

void check_attachments(const v1::Item& item, Faults& faults) {
  if (item.attachments_size() > 50) {
    faults.add("attachments", "item.attachments.too_many", {"There are more than 50.", "附件超过50个。"}, {"Put some together.", "请合并附件。"});
  }
  std::set<std::string_view> names;
  for (int i = 0; i < item.attachments_size() && i < 50; ++i) {
    const std::string path = "attachments[" + std::to_string(i) + "]";
    check_attachment(path, item.attachments(i), faults);
    if (!names.insert(item.attachments(i).name()).second) {
      faults.add(path + ".name", "item.attachments.name.twice", {"Another attachment has the same name.", "附件重名。"}, {"Give each its own name.", "请使用不同的文件名。"});
    }
  }
}

void check_related(const v1::Item& item, Faults& faults) {
  if (item.related_size() > 20) faults.add("related", "item.related.too_many", {"There are more than 20.", "相关信息超过20条。"}, {"Leave some out.", "请减少。"});
  for (int i = 0; i < item.related_size() && i < 20; ++i) {
    const auto& other = item.related(i);
    const std::string path = "related[" + std::to_string(i) + "]";
    check_text({path + ".relation", other.relation(), 50}, faults);
    check_text({path + ".reference", other.reference(), 200}, faults);
    if (other.index_no().empty() == other.reference().empty()) {
      faults.add(path, "item.related.one", {"Exactly one of index_no and reference names the other item.", "索引号与报送编号须且只须填一项。"}, {"Fill in one of them.", "请填写其中一项。"});
    }
  }
}

void check_correction(const v1::Item& item, Faults& faults) {
  if (item.has_correction()) check_text({"correction.reason", item.correction().reason(), 1000, true, true}, faults);
}

// --- catalogue ---------------------------------------------------------------------------------------------------------

// Whether the field at a path like publisher.uscc or lot_codes is filled in.
bool is_filled(const google::protobuf::Message& message, std::string_view path) {
  const auto dot = path.find('.');
  const auto* field = message.GetDescriptor()->FindFieldByName(std::string(path.substr(0, dot)));
  if (field == nullptr) return true;  // the catalogue was checked when it was read
  const auto& reflection = *message.GetReflection();
  if (field->is_repeated()) return reflection.FieldSize(message, field) > 0;
  if (field->cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_STRING) return !reflection.GetString(message, field).empty();
  if (!reflection.HasField(message, field)) return false;
  if (dot == std::string_view::npos) return true;
  return is_filled(reflection.GetMessage(message, field), path.substr(dot + 1));
}

void check_entry(const v1::Item& item, const Catalogue& catalogue, Faults& faults) {
  if (item.catalogue_entry().empty()) {
    return faults.add("catalogue_entry", "item.catalogue_entry.required", {"It is empty.", "未填写目录条目。"}, {"Give the code of a catalogue entry (fabu catalogue list).", "请填写公开目录条目代码。"});
  }
  const auto* entry = catalogue.find(item.catalogue_entry());
  if (entry == nullptr) {
    const auto near = catalogue.nearest(item.catalogue_entry());
    const auto code = item.catalogue_entry().substr(0, 64);
    return faults.add("catalogue_entry", "item.catalogue_entry.unknown",
                      {"The catalogue has no entry `" + code + "`.", "公开目录中没有条目“" + code + "”。"},
                      {near.empty() ? "See fabu catalogue list." : "Did you mean `" + near + "`?", near.empty() ? "请查阅公开目录。" : "是否应为“" + near + "”？"});
  }
  for (const auto& path : entry->required) {
    if (is_filled(item, path)) continue;
    faults.add(path, "entry.required", {"The entry " + entry->code + " requires it.", "条目“" + entry->name + "”要求填写。"}, {"Fill it in.", "请填写。"});
  }
  if (item.stage() != v1::STAGE_UNSPECIFIED && item.stage() != entry->stage) {
    faults.add("stage", "item.stage.contradicts", {"The entry " + entry->code + " is of another stage.", "与目录条目的公开环节不一致。"}, {"Leave it out, or use the right entry.", "请留空，或选择正确的条目。"});
  }
}

}  // namespace

std::vector<v1::FieldProblem> check_item(const v1::Item& item, const Catalogue& catalogue, Date today) {
  Faults faults;
  check_codes(item, faults);
  check_texts(item, faults);
  check_entry(item, catalogue, faults);
  check_organization("publisher", item.publisher(), true, faults);
  if (item.joint_publishers_size() > 20) {
    faults.add("joint_publishers", "item.joint_publishers.too_many", {"There are more than 20.", "联合发文机关超过20个。"}, {"Leave some out.", "请减少。"});
  }
  for (int i = 0; i < item.joint_publishers_size() && i < 20; ++i) {
    check_organization("joint_publishers[" + std::to_string(i) + "]", item.joint_publishers(i), true, faults);
  }
  check_list("keywords", item.keywords(), 20, 50, faults);
  check_list("lot_codes", item.lot_codes(), 100, 64, faults);
  check_list("legal_basis", item.legal_basis(), 20, 300, faults);
  check_dates(item, today, faults);
  check_enum("validity", v1::Validity_IsValid(item.validity()), faults);
  check_enum("stage", v1::Stage_IsValid(item.stage()), faults);
  check_body(item, faults);
  check_structured(item, faults);
  check_attachments(item, faults);
  check_related(item, faults);
  check_correction(item, faults);
  return faults.take();
}

}  // namespace fabu::domain
