#include "unit/domain/sample_item.h"

namespace fabu::domain {

const Catalogue& sample_catalogue() {
  static const Catalogue catalogue = Catalogue::parse(R"(
domains: [{code: T, name: 试, name_en: Test}]
entries:
  - {code: T-PLAIN, name: 甲, name_en: A, domain: T, stage: result, channels: [website], deadline: 20wd, legal_basis: 某法}
  - {code: T-PERIOD, name: 乙, name_en: B, domain: T, stage: result, channels: [website], deadline: 3d, notice_period: 3d, legal_basis: 某法}
  - {code: T-FIELDS, name: 丙, name_en: C, domain: T, stage: result, channels: [website], deadline: 3d, legal_basis: 某法,
     required: [doc_no, lot_codes, publisher.uscc, related]}
)",
                                                      "test.yaml")
                                         .value();
  return catalogue;
}

v1::Item sample_item() {
  v1::Item item;
  item.set_department("ggj");
  item.set_reference("R-1");
  item.set_catalogue_entry("T-PLAIN");
  item.set_title("中标候选人公示");
  item.set_summary("公示三名中标候选人。");
  item.mutable_publisher()->set_name("澄州市公共资源交易管理局");
  item.set_formed_date("2026-08-18");
  item.set_responsible_section("工程科");
  item.mutable_body()->set_format(v1::BODY_FORMAT_PLAIN);
  item.mutable_body()->set_text("正文\n第二行");
  return item;
}

std::vector<v1::FieldProblem> problems_after(const std::function<void(v1::Item&)>& change) {
  auto item = sample_item();
  change(item);
  return check_item(item, sample_catalogue(), kToday);
}

std::vector<std::string> faults_after(const std::function<void(v1::Item&)>& change) {
  std::vector<std::string> all;
  for (const auto& problem : problems_after(change)) all.push_back(problem.path() + ": " + problem.rule());
  return all;
}

std::string chinese(std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += "字";
  return text;
}

}  // namespace fabu::domain
