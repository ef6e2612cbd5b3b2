#include "broker/domain/catalogue.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <set>

#include "unit/print_result.h"

namespace fabu::domain {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

const std::string kShipped = FABU_SOURCE_DIR "/broker/domain/data/catalogue.yaml";

// One entry, of which a test may change lines; each field has a line of its own, `code` is line 3.
std::string one_entry(const std::string& from = "", const std::string& to = "") {
  std::string yaml = R"(domains: [{code: T, name: 试, name_en: Test}]
entries:
  - code: T-A
    name: 甲
    name_en: A
    domain: T
    stage: service
    required: [doc_no, publisher.uscc]
    channels: [website, noticeboard]
    review: two-eye
    deadline: 3wd
    notice_period: 5d
    legal_basis: 某法
    confirmed: no
)";
  if (!from.empty()) {
    const auto at = yaml.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    yaml.replace(at, from.size(), to);
  }
  return yaml;
}

std::vector<std::string> faults_of(const std::string& yaml) {
  const auto read = Catalogue::parse(yaml, "c.yaml");
  std::vector<std::string> all;
  if (read) return all;
  EXPECT_EQ(read.error().code, ErrorCode::invalid);
  const auto error = read.error();
  for (const auto& problem : error.problems) all.push_back(problem.path() + " " + problem.what());
  return all;
}

TEST(Catalogue, ReadsEveryFieldOfAnEntry) {
  const auto catalogue = Catalogue::parse(one_entry(), "c.yaml");
  ASSERT_TRUE(catalogue) << testing::PrintToString(catalogue);
  const auto* entry = catalogue->find("T-A");
  ASSERT_NE(entry, nullptr);
  EXPECT_EQ(entry->name, "甲");
  EXPECT_EQ(entry->name_en, "A");
  EXPECT_EQ(entry->domain, "T");
  EXPECT_EQ(entry->stage, v1::STAGE_SERVICE);
  EXPECT_THAT(entry->required, ElementsAre("doc_no", "publisher.uscc"));
  EXPECT_THAT(entry->channels, ElementsAre("website", "noticeboard"));
  EXPECT_EQ(entry->review, ReviewPolicy::two_eye);
  EXPECT_EQ(entry->deadline.count, 3U);
  EXPECT_EQ(entry->deadline.unit, DayUnit::working);
  EXPECT_EQ(entry->notice_period.count, 5U);
  EXPECT_EQ(entry->notice_period.unit, DayUnit::natural);
  EXPECT_EQ(entry->legal_basis, "某法");
  EXPECT_FALSE(entry->confirmed);
  ASSERT_NE(catalogue->domain("T"), nullptr);
  EXPECT_EQ(catalogue->domain("T")->name, "试");
  EXPECT_EQ(catalogue->find("T-B"), nullptr);
  EXPECT_EQ(catalogue->domain("X"), nullptr);
}

TEST(Catalogue, NamesLineAndColumnOfEveryFaultAtOnce) {
  auto yaml = one_entry("stage: service", "stage: services");
  yaml += "    chanels: [app]\n";
  yaml.replace(yaml.find("deadline: 3wd"), 13, "deadline: soon");
  EXPECT_THAT(faults_of(yaml),
              UnorderedElementsAre("c.yaml:7:12 stage is services, which is not known",
                                   "c.yaml:11:15 deadline is not a number of days", "c.yaml:15:5 chanels is not a setting here"));
}

struct Fault {
  const char *name, *from, *to, *said;
};

std::string fault_name(const testing::TestParamInfo<Fault>& fault) {
  return fault.param.name;
}

class CatalogueFault : public testing::TestWithParam<Fault> {};

TEST_P(CatalogueFault, IsNamedWithItsPlace) {
  const auto& fault = GetParam();
  EXPECT_THAT(faults_of(one_entry(fault.from, fault.to)), ElementsAre(fault.said));
}

INSTANTIATE_TEST_SUITE_P(
    Catalogue, CatalogueFault,
    testing::Values(
        Fault{"MissingName", "    name: 甲\n", "", "c.yaml:3:5 name is missing"},
        Fault{"MissingEnglishName", "name_en: A", "name_en: ''", "c.yaml:5:14 name_en is missing"},
        Fault{"MissingBasis", "    legal_basis: 某法\n", "", "c.yaml:3:5 legal_basis is missing"},
        Fault{"MissingStage", "    stage: service\n", "", "c.yaml:3:5 stage is missing"},
        Fault{"MissingDeadline", "    deadline: 3wd\n", "", "c.yaml:3:5 deadline is missing or 0"},
        Fault{"CodeOfOtherCharacters", "code: T-A", "code: T A",
              "c.yaml:3:11 code has other characters than letters, digits, - and _, or more than 32"},
        Fault{"CodeOfAnotherDomain", "code: T-A", "code: X-A", "c.yaml:3:11 code does not begin with the code of its domain, T-"},
        Fault{"UnknownDomain", "domain: T", "domain: U", "c.yaml:6:13 domain names `U`, which is not in `domains`"},
        Fault{"NoChannels", "[website, noticeboard]", "[]", "c.yaml:9:15 channels is empty"},
        Fault{"ChannelThatIsNoName", "noticeboard]", "notice board]",
              "c.yaml:9:15 channels has the name `notice board`, which cannot name a channel"},
        Fault{"UnknownRequiredField", "[doc_no,", "[doc_nr,",
              "c.yaml:8:15 required names `doc_nr`, which is no field of an item"},
        Fault{"RequiredFieldInAText", "publisher.uscc", "title.uscc",
              "c.yaml:8:15 required names `title.uscc`, which is no field of an item"},
        Fault{"UnknownReview", "review: two-eye", "review: three-eye", "c.yaml:10:13 review is three-eye, which is not known"},
        Fault{"UnknownUnit", "notice_period: 5d", "notice_period: 5 weeks", "c.yaml:12:20 notice_period is not a number of days"},
        Fault{"FourDigitDays", "notice_period: 5d", "notice_period: 5000d", "c.yaml:12:20 notice_period is not a number of days"},
        Fault{"KeyTwice", "    confirmed: no\n", "    confirmed: no\n    name: 乙\n", "c.yaml:15:5 name is there twice"}),
    fault_name);

TEST(Catalogue, RefusesACodeThatIsThereTwice) {
  auto yaml = one_entry();
  yaml += yaml.substr(yaml.find("  - code"));
  EXPECT_THAT(faults_of(yaml), ElementsAre("c.yaml:15:11 code is there twice"));
}

TEST(Catalogue, RefusesADomainThatIsThereTwice) {
  EXPECT_THAT(faults_of(one_entry("name_en: Test}]", "name_en: Test}, {code: T, name: 试, name_en: Test}]")),
              ElementsAre(HasSubstr("code is there twice")));
}

TEST(Catalogue, RefusesAnEmptyOne) {
  EXPECT_THAT(faults_of(""), ElementsAre("c.yaml entries is empty"));
}

TEST(Catalogue, SaysThatAFileCannotBeRead) {
  const auto missing = Catalogue::load("/nowhere/catalogue.yaml");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::not_found);
  const auto folder = Catalogue::load(std::filesystem::temp_directory_path());
  ASSERT_FALSE(folder);
  EXPECT_EQ(folder.error().code, ErrorCode::not_found);
}

TEST(Catalogue, NamesTheEntryNearestToAMistypedOne) {
  const auto catalogue = Catalogue::load(kShipped);
  ASSERT_TRUE(catalogue);
  EXPECT_EQ(catalogue->nearest("GC-CANDIDATE_PUBLICTY"), "GC-CANDIDATE_PUBLICITY");
  EXPECT_EQ(catalogue->nearest("gc-candidate"), "");
  EXPECT_EQ(catalogue->nearest(std::string(1 << 20, 'x')), "");
}

TEST(ShippedCatalogue, IsReadWithoutAFault) {
  const auto catalogue = Catalogue::load(kShipped);
  ASSERT_TRUE(catalogue) << testing::PrintToString(catalogue);
  std::set<std::string> domains;
  for (const auto& domain : catalogue->domains()) domains.insert(domain.code);
  EXPECT_THAT(domains, UnorderedElementsAre("BJ", "CQ", "GC", "KY", "TD", "ZC", "ZF"));
  EXPECT_GE(catalogue->entries().size(), 80U);
  for (const auto& entry : catalogue->entries()) EXPECT_THAT(entry.channels, Contains("website")) << entry.code;
}

TEST(ShippedCatalogue, HasTheThirteenFormsOfProcurementNotices) {
  const auto catalogue = Catalogue::load(kShipped);
  ASSERT_TRUE(catalogue);
  std::set<std::string> names;
  for (const auto& entry : catalogue->entries()) {
    if (entry.domain == "ZC") names.insert(entry.name);
  }
  for (const char* form : {"采购意向公告", "资格预审公告", "公开招标公告", "竞争性谈判（磋商、询价）公告", "中标（成交）结果公告",
                           "更正公告", "终止公告", "合同公告", "公共服务项目验收结果公告", "单一来源采购公示", "投诉处理结果公告",
                           "监督检查处理结果公告", "集中采购机构考核结果公告"}) {
    EXPECT_THAT(names, Contains(form));
  }
}

// Figures of facts/domain.md sections 1.2 and 2.3 that override the general limit of 20 working days.
TEST(ShippedCatalogue, HasTheLimitsAndPeriodsOfTheLaw) {
  const auto catalogue = Catalogue::load(kShipped);
  ASSERT_TRUE(catalogue);
  const auto said = [&](const char* code) {
    const auto* entry = catalogue->find(code);
    if (entry == nullptr) return std::string("no entry");
    const auto days = [](Days d) { return std::to_string(d.count) + (d.unit == DayUnit::working ? "wd" : "d"); };
    return days(entry->deadline) + (entry->notice_period.count == 0 ? "" : " " + days(entry->notice_period));
  };
  EXPECT_EQ(said("GC-CANDIDATE_PUBLICITY"), "3d 3d");
  EXPECT_EQ(said("GC-PENALTY"), "7wd");
  EXPECT_EQ(said("ZC-AWARD_RESULT"), "2wd 1wd");
  EXPECT_EQ(said("ZC-CONTRACT"), "2wd");
  EXPECT_EQ(said("ZC-SINGLE_SOURCE"), "20wd 5wd");
  EXPECT_EQ(said("TD-SUPPLY_RESULT"), "10wd");
  EXPECT_EQ(said("TD-EXPROPRIATION_PRE"), "20wd 10wd");
  EXPECT_EQ(said("TD-COMPENSATION"), "20wd 30d");
  EXPECT_EQ(said("TD-EXPROPRIATION"), "15wd");
  EXPECT_EQ(said("CQ-TRANSFER_NOTICE"), "20wd 20wd");
  EXPECT_EQ(said("CQ-CAPITAL_INCREASE"), "20wd 40wd");
  EXPECT_EQ(said("BJ-BUDGET"), "20d");
  EXPECT_EQ(said("BJ-FINAL_ACCOUNTS"), "20d");
  EXPECT_EQ(said("BJ-INTERPRETATION"), "3wd");
  EXPECT_EQ(said("BJ-CONSULTATION"), "20wd 30d");
  EXPECT_EQ(said("BJ-NEWS"), "20wd");
}

}  // namespace
}  // namespace fabu::domain
