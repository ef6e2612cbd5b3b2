#include "broker/domain/item_rules.h"

#include <gmock/gmock.h>

#include <cctype>

#include "unit/domain/sample_item.h"

namespace fabu::domain {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::IsSupersetOf;

TEST(ItemRules, AcceptsAnItemWithWhatEveryItemNeedsAndNothingMore) {
  EXPECT_THAT(faults_after([](v1::Item&) {}), IsEmpty());
}

TEST(ItemRules, SaysEveryMissingFieldOfAnEmptyItemAtOnce) {
  const auto problems = check_item(v1::Item{}, sample_catalogue(), kToday);
  std::vector<std::string> rules;
  for (const auto& problem : problems) rules.push_back(problem.rule());
  EXPECT_THAT(rules,
              ElementsAre("item.department.required", "item.reference.required", "item.title.required", "item.summary.required",
                          "item.responsible_section.required", "item.catalogue_entry.required", "item.publisher.name.required",
                          "item.formed_date.required", "item.body.format.required", "item.body.text.required"));
}

TEST(ItemRules, SaysWhatIsWrongAndWhatToDoInBothLanguages) {
  for (const auto& problem : check_item(v1::Item{}, sample_catalogue(), kToday)) {
    EXPECT_FALSE(problem.what().empty() || problem.todo().empty() || problem.what_zh().empty() || problem.todo_zh().empty())
        << problem.rule();
  }
}

// Every text with a bound: one character less than too many passes, one more is refused, in characters and not in bytes.
struct Bound {
  const char* path;
  std::size_t most;
  void (*set)(v1::Item&, const std::string&);
};

std::string name_of(const char* path) {
  std::string name = path;
  for (auto& c : name) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
  }
  return name;
}
std::string bound_name(const testing::TestParamInfo<Bound>& bound) {
  return name_of(bound.param.path);
}

class TextBound : public testing::TestWithParam<Bound> {};

TEST_P(TextBound, CountsCharactersNotBytes) {
  const auto& bound = GetParam();
  EXPECT_THAT(faults_after([&](v1::Item& item) { bound.set(item, chinese(bound.most)); }), IsEmpty());
  std::string rule = std::string("item.") + bound.path + ".too_long";
  if (const auto at = rule.find("[0]"); at != std::string::npos) rule.erase(at, 3);
  EXPECT_THAT(faults_after([&](v1::Item& item) { bound.set(item, chinese(bound.most + 1)); }),
              ElementsAre(std::string(bound.path) + ": " + rule));
}

v1::Attachment* file(v1::Item& item) {
  auto* attachment = item.add_attachments();
  attachment->set_name("a.pdf");
  attachment->set_media_type("application/pdf");
  attachment->set_size(1);
  attachment->set_sha256(std::string(64, 'a'));
  return attachment;
}
v1::RelatedItem* other(v1::Item& item) {
  auto* related = item.add_related();
  related->set_reference("R-2");
  return related;
}

const Bound kBounds[] = {
    Bound{"reference", 200, [](v1::Item& i, const std::string& t) { i.set_reference(t); }},
    Bound{"title", 200, [](v1::Item& i, const std::string& t) { i.set_title(t); }},
    Bound{"short_title", 32, [](v1::Item& i, const std::string& t) { i.set_short_title(t); }},
    Bound{"summary", 300, [](v1::Item& i, const std::string& t) { i.set_summary(t); }},
    Bound{"doc_no", 100, [](v1::Item& i, const std::string& t) { i.set_doc_no(t); }},
    Bound{"publisher.name", 200, [](v1::Item& i, const std::string& t) { i.mutable_publisher()->set_name(t); }},
    Bound{"joint_publishers[0].name", 200, [](v1::Item& i, const std::string& t) { i.add_joint_publishers()->set_name(t); }},
    Bound{"keywords[0]", 50, [](v1::Item& i, const std::string& t) { i.add_keywords(t); }},
    Bound{"responsible_section", 100, [](v1::Item& i, const std::string& t) { i.set_responsible_section(t); }},
    Bound{"responsible_person", 50, [](v1::Item& i, const std::string& t) { i.set_responsible_person(t); }},
    Bound{"project_code", 64, [](v1::Item& i, const std::string& t) { i.set_project_code(t); }},
    Bound{"lot_codes[0]", 64, [](v1::Item& i, const std::string& t) { i.add_lot_codes(t); }},
    Bound{"unified_deal_code", 64, [](v1::Item& i, const std::string& t) { i.set_unified_deal_code(t); }},
    Bound{"content_source", 200, [](v1::Item& i, const std::string& t) { i.set_content_source(t); }},
    Bound{"legal_basis[0]", 300, [](v1::Item& i, const std::string& t) { i.add_legal_basis(t); }},
    Bound{"attachments[0].name", 200, [](v1::Item& i, const std::string& t) { file(i)->set_name(t); }},
    Bound{"attachments[0].description", 500, [](v1::Item& i, const std::string& t) { file(i)->set_description(t); }},
    Bound{"related[0].reference", 200, [](v1::Item& i, const std::string& t) { i.add_related()->set_reference(t); }},
    Bound{"related[0].relation", 50, [](v1::Item& i, const std::string& t) { other(i)->set_relation(t); }},
    Bound{"correction.reason", 1000, [](v1::Item& i, const std::string& t) { i.mutable_correction()->set_reason(t); }}};

INSTANTIATE_TEST_SUITE_P(ItemRules, TextBound, testing::ValuesIn(kBounds), bound_name);

// Every list with a bound.
struct Count {
  const char* path;
  int most;
  void (*add)(v1::Item&, int);
};

std::string count_name(const testing::TestParamInfo<Count>& count) {
  return name_of(count.param.path);
}

class ListBound : public testing::TestWithParam<Count> {};

TEST_P(ListBound, RefusesOneTooMany) {
  const auto& bound = GetParam();
  const auto fill = [&](int count) {
    return faults_after([&](v1::Item& item) {
      for (int i = 0; i < count; ++i) bound.add(item, i);
    });
  };
  EXPECT_THAT(fill(bound.most), IsEmpty());
  EXPECT_THAT(fill(bound.most + 1), ElementsAre(std::string(bound.path) + ": item." + bound.path + ".too_many"));
}

const Count kCounts[] = {Count{"joint_publishers", 20, [](v1::Item& i, int) { i.add_joint_publishers()->set_name("某局"); }},
                         Count{"keywords", 20, [](v1::Item& i, int n) { i.add_keywords("词" + std::to_string(n)); }},
                         Count{"lot_codes", 100, [](v1::Item& i, int n) { i.add_lot_codes(std::to_string(n)); }},
                         Count{"legal_basis", 20, [](v1::Item& i, int n) { i.add_legal_basis(std::to_string(n)); }},
                         Count{"attachments", 50, [](v1::Item& i, int n) { file(i)->set_name(std::to_string(n)); }},
                         Count{"related", 20, [](v1::Item& i, int) { other(i); }}};

INSTANTIATE_TEST_SUITE_P(ItemRules, ListBound, testing::ValuesIn(kCounts), count_name);

TEST(ItemRules, RefusesABlankTextAsMissing) {
  EXPECT_THAT(faults_after([](v1::Item& item) { item.set_title("\xE3\x80\x80 \t"); }), ElementsAre("title: item.title.required"));
}

TEST(ItemRules, RefusesATitleOfTwoLinesAndSaysSo) {
  const auto problems = problems_after([](v1::Item& item) { item.set_title("上\n下"); });
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].rule(), "item.title.characters");
  EXPECT_EQ(problems[0].what(), "It has more than one line.");
}

TEST(ItemRules, RefusesControlCharactersAndBidiOverrides) {
  EXPECT_THAT(faults_after([](v1::Item& item) { item.set_title("公示\x07"); }), ElementsAre("title: item.title.characters"));
  EXPECT_THAT(faults_after([](v1::Item& item) {
                item.set_reference(
                    "a\xE2\x80\xAE"
                    "b");
              }),
              ElementsAre("reference: item.reference.characters"));
  EXPECT_THAT(faults_after([](v1::Item& item) {
                item.mutable_body()->set_text(
                    "a\xE2\x81\xA6"
                    "b");
              }),
              ElementsAre("body.text: item.body.text.characters"));
  EXPECT_THAT(faults_after([](v1::Item& item) { item.set_title(std::string("a\0b", 3)); }),
              ElementsAre("title: item.title.characters"));
}

TEST(ItemRules, RefusesInvalidUtf8) {
  EXPECT_THAT(faults_after([](v1::Item& item) { item.set_title("\xC0\xAF"); }), ElementsAre("title: item.title.encoding"));
  EXPECT_THAT(faults_after([](v1::Item& item) { item.mutable_body()->set_text("\xED\xA0\x80"); }),
              ElementsAre("body.text: item.body.text.encoding"));
}

TEST(ItemRules, SaysNothingInInvalidUtf8OfAnItemThatIs) {
  auto item = sample_item();
  item.set_catalogue_entry("\xC0\xAF\xFF");
  (*item.mutable_structured()->mutable_fields())["\xFF"].set_string_value("\xFF");
  v1::Problem answer;
  for (const auto& problem : check_item(item, sample_catalogue(), kToday)) *answer.add_errors() = problem;
  EXPECT_EQ(answer.errors_size(), 2);
  EXPECT_TRUE(v1::Problem().ParseFromString(answer.SerializeAsString())) << "protobuf reads only valid UTF-8 back";
}

TEST(ItemRules, RefusesADepartmentThatIsNoCode) {
  EXPECT_THAT(faults_after([](v1::Item& item) { item.set_department("gg j"); }), ElementsAre("department: item.department.code"));
  EXPECT_THAT(faults_after([](v1::Item& item) { item.set_department(std::string(33, 'a')); }),
              ElementsAre("department: item.department.code"));
}

TEST(ItemRules, TakesEveryFormOfIndexNumberInUse) {
  for (const char* form : {"11341702486344515H/202110-00013", "003110926/201510-00216", "11441300007187648G/2023-00288",
                           "000014349/2017-00110", "330200-001-05-02-20260818-00001", "32070-A1-2026-00001"}) {
    EXPECT_THAT(faults_after([&](v1::Item& item) { item.set_index_no(form); }), IsEmpty()) << form;
  }
}

TEST(ItemRules, RefusesAnIndexNumberOfOtherCharactersOrTooLong) {
  EXPECT_THAT(faults_after([](v1::Item& item) { item.set_index_no("索引 1"); }), ElementsAre("index_no: item.index_no.form"));
  EXPECT_THAT(faults_after([](v1::Item& item) { item.set_index_no(std::string(64, '1')); }), IsEmpty());
  EXPECT_THAT(faults_after([](v1::Item& item) { item.set_index_no(std::string(65, '1')); }),
              ElementsAre("index_no: item.index_no.form"));
}

TEST(ItemRules, RefusesADocumentNumberThatBreaksTheStandard) {
  for (const char* bad : {"澄公管规〔26〕1号", "澄公管规〔2026〕01号", "澄公管规〔2026〕1", "澄公管规〔2026〕第1号",
                          "澄公管规2026〕1号", "〔2026〕1号"}) {
    EXPECT_THAT(faults_after([&](v1::Item& item) { item.set_doc_no(bad); }), ElementsAre("doc_no: item.doc_no.form")) << bad;
  }
  for (const char* good : {"澄公管规〔2026〕1号", "国办发〔2017〕97号", "国家发展改革委令第10号", "2026年第3号"}) {
    EXPECT_THAT(faults_after([&](v1::Item& item) { item.set_doc_no(good); }), IsEmpty()) << good;
  }
}

TEST(ItemRules, TakesADocumentNumberInWrongBracketsOnceNormalised) {
  auto item = sample_item();
  item.set_doc_no("澄公管规[2026]1号");
  item = normalised(item);
  EXPECT_EQ(item.doc_no(), "澄公管规〔2026〕1号");
  EXPECT_THAT(check_item(item, sample_catalogue(), kToday), IsEmpty());
}

TEST(ItemRules, RefusesAnOrganisationCodeWithAWrongCheckCharacter) {
  EXPECT_THAT(faults_after([](v1::Item& item) { item.mutable_publisher()->set_uscc("11349900MB1K27N4XP"); }), IsEmpty());
  EXPECT_THAT(faults_after([](v1::Item& item) { item.mutable_publisher()->set_uscc("11349900MB1K27N4XQ"); }),
              ElementsAre("publisher.uscc: item.publisher.uscc.check"));
  EXPECT_THAT(faults_after([](v1::Item& item) {
                auto* joint = item.add_joint_publishers();
                joint->set_name("某局");
                joint->set_uscc("1");
              }),
              ElementsAre("joint_publishers[0].uscc: item.joint_publishers.uscc.check"));
}

TEST(ItemRules, RefusesAllButActiveDisclosure) {
  EXPECT_THAT(faults_after([](v1::Item& item) { item.set_disclosure(v1::DISCLOSURE_ACTIVE); }), IsEmpty());
  for (const int other : {2, 3, 99}) {
    EXPECT_THAT(faults_after([&](v1::Item& item) { item.set_disclosure(static_cast<v1::Disclosure>(other)); }),
                ElementsAre("disclosure: item.disclosure.not_active"));
  }
}

TEST(ItemRules, RefusesValuesThatTheContractDoesNotKnow) {
  EXPECT_THAT(faults_after([](v1::Item& item) { item.set_validity(static_cast<v1::Validity>(99)); }),
              ElementsAre("validity: item.validity.unknown"));
  EXPECT_THAT(faults_after([](v1::Item& item) { item.set_stage(static_cast<v1::Stage>(99)); }),
              testing::Contains("stage: item.stage.unknown"));
  EXPECT_THAT(faults_after([](v1::Item& item) { item.mutable_body()->set_format(static_cast<v1::BodyFormat>(9)); }),
              ElementsAre("body.format: item.body.format.required"));
}

TEST(ItemRules, RefusesALanguageThatIsNoTag) {
  for (const char* good : {"zh-CN", "en", "zh-Hans-CN"})
    EXPECT_THAT(faults_after([&](v1::Item& item) { item.set_language(good); }), IsEmpty()) << good;
  for (const char* bad : {"中文", "z", "zh-", "zh--CN", "zh_CN"}) {
    EXPECT_THAT(faults_after([&](v1::Item& item) { item.set_language(bad); }), ElementsAre("language: item.language.form"))
        << bad;
  }
}

TEST(ItemRules, TakesABodyOfOneMebibyteAndNoMore) {
  EXPECT_THAT(faults_after([](v1::Item& item) { item.mutable_body()->set_text(std::string(1 << 20, 'a')); }), IsEmpty());
  EXPECT_THAT(faults_after([](v1::Item& item) { item.mutable_body()->set_text(std::string((1 << 20) + 1, 'a')); }),
              ElementsAre("body.text: item.body.text.too_long"));
}

TEST(ItemRules, WantsExactlyOneNameOfARelatedItem) {
  EXPECT_THAT(faults_after([](v1::Item& item) { item.add_related()->set_relation("原公告"); }),
              ElementsAre("related[0]: item.related.one"));
  EXPECT_THAT(faults_after([](v1::Item& item) { other(item)->set_index_no("1/2"); }),
              ElementsAre("related[0]: item.related.one"));
  EXPECT_THAT(faults_after([](v1::Item& item) { item.add_related()->set_index_no("某 号"); }),
              ElementsAre("related[0].index_no: item.related.index_no.form"));
}

TEST(ItemRules, WantsAReasonForACorrection) {
  EXPECT_THAT(faults_after([](v1::Item& item) { item.mutable_correction(); }),
              ElementsAre("correction.reason: item.correction.reason.required"));
}

TEST(ItemRules, NamesUnknownFieldsAnywhereByPathAndNumber) {
  EXPECT_THAT(faults_after([](v1::Item& item) {
                item.GetReflection()->MutableUnknownFields(&item)->AddVarint(99, 1);
                auto* body = item.mutable_body();
                body->GetReflection()->MutableUnknownFields(body)->AddVarint(7, 1);
                auto* attachment = file(item);
                attachment->GetReflection()->MutableUnknownFields(attachment)->AddLengthDelimited(9, "x");
              }),
              ElementsAre("#99: item.unknown_field", "body.#7: item.unknown_field", "attachments[0].#9: item.unknown_field"));
}

TEST(ItemRules, SaysFaultsOfSeveralFieldsAtOnce) {
  EXPECT_THAT(
      faults_after([](v1::Item& item) {
        item.clear_title();
        item.set_formed_date("2026-02-30");
        file(item)->set_sha256("x");
        item.set_catalogue_entry("T-PLAIM");
      }),
      IsSupersetOf({"title: item.title.required", "formed_date: item.formed_date.date",
                    "attachments[0].sha256: item.attachments.sha256.form", "catalogue_entry: item.catalogue_entry.unknown"}));
}

}  // namespace
}  // namespace fabu::domain
