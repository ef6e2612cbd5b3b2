#include "broker/domain/json_shape.h"

#include <fabu/v1/item.pb.h>
#include <gmock/gmock.h>

namespace fabu::domain {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<v1::FieldProblem> problems(std::string_view text) {
  return json_shape(text, *v1::Item::descriptor());
}
std::vector<std::string> faults(std::string_view text) {
  std::vector<std::string> all;
  for (const auto& problem : problems(text)) {
    EXPECT_FALSE(problem.what().empty() || problem.todo().empty() || problem.what_zh().empty() || problem.todo_zh().empty())
        << problem.rule();
    all.push_back(problem.path() + ": " + problem.rule());
  }
  return all;
}

TEST(JsonShape, TakesAnObjectOfTheMapping) {
  EXPECT_THAT(faults("{}"), IsEmpty());
  EXPECT_THAT(faults(R"({"title":"a","publisher":{"name":"b"},"related":[{"reference":"c"}],"structured":{"x":[1,{"y":true}]}})"),
              IsEmpty());
}

TEST(JsonShape, RefusesWhatIsNoObject) {
  for (const char* text : {"[]", "1", "\"a\"", "null", "true"}) EXPECT_THAT(faults(text), ElementsAre(": json.type")) << text;
}

TEST(JsonShape, SaysLineAndColumnOfASyntaxError) {
  const auto found = problems("{\n  \"title\": \"a\",\n  \"body\" {}\n}");
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].rule(), "json.syntax");
  EXPECT_EQ(found[0].path(), "body");
  EXPECT_THAT(found[0].what(), HasSubstr("line:column 3:10"));
}

TEST(JsonShape, RefusesWhatJsonDoesNotHave) {
  for (const char* text :
       {"", "{", "{}x", "{\"title\":'a'}", "{\"title\":\"a\",}", "{title:1}", "{\"title\":NaN}", "// x\n{}",
        "{\"attachments\":[{\"size\":1e999}]}", "{\"title\":\"\\ud800\"}", "{\"title\":\"\xC0\xAF\"}", "{\"title\":\"a\nb\"}"}) {
    const auto found = problems(text);
    ASSERT_EQ(found.size(), 1U) << text;
    EXPECT_EQ(found[0].rule(), "json.syntax") << text;
    v1::Problem answer;
    *answer.add_errors() = found[0];
    EXPECT_TRUE(v1::Problem().ParseFromString(answer.SerializeAsString())) << "protobuf reads only valid UTF-8 back";
  }
}

TEST(JsonShape, NamesAnUnknownKeyByPathAndTheNearestKnownOne) {
  const auto found = problems(R"({"attachments":[{"name":"a"},{"mediatype":"b"}]})");
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].path(), "attachments[1].mediatype");
  EXPECT_EQ(found[0].rule(), "json.key.unknown");
  EXPECT_THAT(found[0].todo(), HasSubstr("`mediaType`"));
}

TEST(JsonShape, LooksPastAnUnknownKey) {
  EXPECT_THAT(faults(R"({"zzz":{"a":[{"title":1}]},"title":7})"), ElementsAre("zzz: json.key.unknown", "title: json.type"));
}

TEST(JsonShape, RefusesAKeyThatIsThereTwice) {
  EXPECT_THAT(faults(R"({"title":"a","title":"b"})"), ElementsAre("title: json.key.twice"));
  EXPECT_THAT(faults(R"({"docNo":"a","doc_no":"b"})"), ElementsAre("doc_no: json.key.twice"));
  EXPECT_THAT(faults(R"({"structured":{"a":{"b":1,"b":2}}})"), ElementsAre("structured.a.b: json.key.twice"));
}

TEST(JsonShape, RefusesTheWrongTypeAtItsPath) {
  EXPECT_THAT(
      faults(
          R"({"title":1,"body":"x","keywords":[1,"a",null],"lotCodes":{},"related":[[]],"structured":[],"legalBasis":[["a"]]})"),
      ElementsAre("title: json.type", "body: json.type", "keywords[0]: json.type", "keywords[2]: json.type",
                  "lot_codes: json.type", "related[0]: json.type", "structured: json.type", "legal_basis[0]: json.type"));
}

TEST(JsonShape, NamesTheValuesOfAnEnum) {
  const auto found = problems(R"({"validity":"有效"})");
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].rule(), "json.enum");
  EXPECT_THAT(found[0].todo(), HasSubstr("VALIDITY_IN_FORCE"));
}

TEST(JsonShape, RefusesDeepNestingWithoutRunningOutOfStack) {
  EXPECT_THAT(faults("{\"structured\":{\"a\":" + std::string(1'000'000, '[')),
              testing::Contains(testing::EndsWith("json.depth")));
}

TEST(JsonShape, StopsAtFiftyFaults) {
  std::string text = "{";
  for (int i = 0; i < 1000; ++i) text += (i == 0 ? "\"k" : ",\"k") + std::to_string(i) + "\":1";
  EXPECT_EQ(problems(text + "}").size(), 50U);
}

}  // namespace
}  // namespace fabu::domain
