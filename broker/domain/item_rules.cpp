#include "broker/domain/item_rules.h"

#include <array>
#include <string>
#include <utility>

#include "broker/domain/attachment_rules.h"
#include "broker/domain/date_rules.h"
#include "broker/domain/entry_rules.h"
#include "broker/domain/faults.h"
#include "broker/domain/field_rules.h"
#include "broker/domain/structured_rules.h"
#include "broker/domain/text_rules.h"
#include "broker/domain/unknown_fields.h"

namespace fabu::domain {
namespace {

constexpr int kMostKeywords = 20, kMostLots = 100, kMostBases = 20, kMostRelated = 20, kMostJoint = 20;
constexpr std::size_t kMostBody = 1 << 20;  // bytes

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
  };
  for (const auto& rule : rules) check_text(rule, faults);
}

void check_codes(const v1::Item& item, Faults& faults) {
  if (item.department().empty()) {
    faults.add("department", "item.department.required", {"It is empty.", "不能为空。"},
               {"Use the code of the API key.", "请填写密钥所属部门的代码。"});
  } else if (!is_code(item.department())) {
    faults.add("department", "item.department.code",
               {"A department code has 1 to 32 letters, digits, _ or -.", "部门代码为1至32位字母、数字、_或-。"},
               {"Use the code of the API key.", "请填写密钥所属部门的代码。"});
  }
  if (!item.index_no().empty() && !is_index_no(item.index_no())) {
    faults.add("index_no", "item.index_no.form",
               {"It has other characters than digits, letters, / _ and -, or more than 64.",
                "索引号只能由数字、字母、/、_、-组成，最多64位。"},
               {"Correct it, or leave it empty to have one allotted.", "请更正，或留空由系统编号。"});
  }
  if (!is_doc_no(item.doc_no())) {
    faults.add("doc_no", "item.doc_no.form",
               {"With 〔〕 it must read 机关代字〔year〕number号: four digits, no leading zeros (GB/T 9704-2012).",
                "发文字号应为“机关代字〔年份〕序号号”，年份四位，序号不编虚位（GB/T 9704-2012）。"},
               {"Correct it, e.g. 澄公管规〔2026〕1号.", "请更正，例如：澄公管规〔2026〕1号。"});
  }
  if (!item.language().empty() && (item.language().size() > 35 || !is_language(item.language()))) {
    faults.add("language", "item.language.form", {"It is not a language tag (BCP 47).", "不是有效的语言标签（BCP 47）。"},
               {"Write zh-CN, or leave it empty.", "请填写 zh-CN 或留空。"});
  }
}

void check_choice(const std::string& path, bool known, Faults& faults) {
  if (known) return;
  faults.add(path, rule_id(path, "unknown"), {"This value is not known to this server.", "取值不在接口定义内。"},
             {"Use one of the values in the contract.", "请使用接口定义的取值。"});
}

void check_choices(const v1::Item& item, Faults& faults) {
  check_choice("validity", v1::Validity_IsValid(item.validity()), faults);
  check_choice("stage", v1::Stage_IsValid(item.stage()), faults);
  if (item.disclosure() == v1::DISCLOSURE_UNSPECIFIED || item.disclosure() == v1::DISCLOSURE_ACTIVE) return;
  faults.add("disclosure", "item.disclosure.not_active",
             {"Only information for active disclosure can be published here.", "本系统只发布主动公开的信息。"},
             {"Do not submit it; it is disclosed on request or not at all.", "依申请公开、不予公开的信息请勿报送。"});
}

void check_publishers(const v1::Item& item, Faults& faults) {
  check_organization("publisher", item.publisher(), faults);
  check_count("joint_publishers", item.joint_publishers_size(), kMostJoint, faults);
  for (int i = 0; i < item.joint_publishers_size() && i < kMostJoint; ++i) {
    check_organization(element("joint_publishers", i), item.joint_publishers(i), faults);
  }
}

void check_lists(const v1::Item& item, Faults& faults) {
  check_list("keywords", item.keywords(), kMostKeywords, 50, faults);
  check_list("lot_codes", item.lot_codes(), kMostLots, 64, faults);
  check_list("legal_basis", item.legal_basis(), kMostBases, 300, faults);
}

void check_body(const v1::Item& item, Faults& faults) {
  const auto format = item.body().format();
  if (format < v1::BODY_FORMAT_MARKDOWN || format > v1::BODY_FORMAT_HTML) {
    faults.add("body.format", "item.body.format.required", {"It does not say what the text is.", "未说明正文格式。"},
               {"Say BODY_FORMAT_MARKDOWN, BODY_FORMAT_PLAIN or BODY_FORMAT_HTML.",
                "请填写 BODY_FORMAT_MARKDOWN、BODY_FORMAT_PLAIN 或 BODY_FORMAT_HTML。"});
  }
  if (item.body().text().size() > kMostBody) {
    return faults.add("body.text", "item.body.text.too_long", {"The text is larger than 1 MiB.", "正文超过1 MiB。"},
                      {"Put long material into an attachment.", "请将长材料作为附件。"});
  }
  check_text({"body.text", item.body().text(), kMostBody, true, true}, faults);
}

void check_related(const v1::Item& item, Faults& faults) {
  check_count("related", item.related_size(), kMostRelated, faults);
  for (int i = 0; i < item.related_size() && i < kMostRelated; ++i) {
    const auto& other = item.related(i);
    const auto path = element("related", i);
    if (other.index_no().empty() == other.reference().empty()) {
      faults.add(path, "item.related.one",
                 {"Exactly one of index_no and reference names the other item.", "索引号与报送编号须且只须填一项。"},
                 {"Fill in one of them.", "请填写其中一项。"});
    }
    if (!other.index_no().empty() && !is_index_no(other.index_no())) {
      faults.add(path + ".index_no", "item.related.index_no.form",
                 {"It is not the index number of an item.", "不是有效的索引号。"}, {"Correct it.", "请更正。"});
    }
    check_text({path + ".reference", other.reference(), 200}, faults);
    check_text({path + ".relation", other.relation(), 50}, faults);
  }
}

void check_correction(const v1::Item& item, Faults& faults) {
  if (item.has_correction()) check_text({"correction.reason", item.correction().reason(), 1000, true, true}, faults);
}

void check_unknown(const v1::Item& item, Faults& faults) {
  for (auto& path : unknown_fields(item)) {
    faults.add(std::move(path), "item.unknown_field",
               {"This server does not know the field of the number after `#`.", "服务器不认识“#”后编号的字段。"},
               {"Leave the field out, or have the server upgraded: what is not understood cannot be published.",
                "请删除该字段，或升级服务器。"});
  }
}

}  // namespace

std::vector<v1::FieldProblem> check_item(const v1::Item& item, const Catalogue& catalogue, Date today) {
  Faults faults;
  check_codes(item, faults);
  check_texts(item, faults);
  check_choices(item, faults);
  check_entry(item, catalogue, faults);
  check_publishers(item, faults);
  check_lists(item, faults);
  check_dates(item, today, faults);
  check_body(item, faults);
  check_structured(item, faults);
  check_attachments(item, faults);
  check_related(item, faults);
  check_correction(item, faults);
  check_unknown(item, faults);
  return faults.take();
}

}  // namespace fabu::domain
