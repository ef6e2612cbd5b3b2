#include "broker/domain/yaml_fields.h"

#include <gmock/gmock.h>

#include <functional>

namespace fabu::domain {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// "path what" of every fault of a text, read by `read`.
std::vector<std::string> faults_of(const std::string& yaml, const std::function<void(YamlFields&)>& read) {
  std::vector<v1::FieldProblem> problems;
  if (auto root = YamlFields::of_document(yaml, "f.yaml", problems)) {
    read(*root);
    root->no_others();
  }
  std::vector<std::string> all;
  for (const auto& problem : problems) {
    EXPECT_FALSE(problem.todo().empty()) << problem.what();
    all.push_back(problem.path() + " " + problem.what());
  }
  return all;
}
std::vector<std::string> faults_of(const std::string& yaml) {
  return faults_of(yaml, [](YamlFields&) {});
}

TEST(YamlFields, ReadsTextsNumbersListsAndMappings) {
  std::string text = "left";
  EXPECT_THAT(faults_of("a: 字\nn: 7\nd: 0.5\nl: [x, y]\nm: {k: v}\ne:\n  - {k: 1}\n  - {k: 2}\n",
                        [&](YamlFields& fields) {
                          fields.text("a", text);
                          EXPECT_EQ(fields.whole("n", 1, 9), 7U);
                          EXPECT_EQ(fields.decimal("d", 1), 0.5);
                          EXPECT_THAT(fields.texts("l"), ElementsAre("x", "y"));
                          std::string v;
                          fields.map("m").text("k", v);
                          EXPECT_EQ(v, "v");
                          EXPECT_EQ(fields.list("e").size(), 2U);
                        }),
              IsEmpty());
  EXPECT_EQ(text, "字");
}

TEST(YamlFields, AnEmptyDocumentIsAnEmptyMapping) {
  EXPECT_THAT(faults_of(""), IsEmpty());
  EXPECT_THAT(faults_of("# only a comment\n"), IsEmpty());
}

TEST(YamlFields, SaysLineAndColumnOfAnUnknownKeyAndSuggestsTheNearest) {
  std::vector<v1::FieldProblem> problems;
  auto root = YamlFields::of_document("name: x\n  \nchanels: [a]\n", "f.yaml", problems);
  std::string name;
  root->text("name", name);
  root->texts("channels");
  root->no_others();
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].path(), "f.yaml:3:1");
  EXPECT_EQ(problems[0].what(), "chanels is not a setting here");
  EXPECT_EQ(problems[0].todo(), "did you mean `channels`?");
}

TEST(YamlFields, ListsTheKnownKeysWhenNoneIsNear) {
  std::vector<v1::FieldProblem> problems;
  auto root = YamlFields::of_document("zzz: 1\n", "f.yaml", problems);
  root->texts("channels");
  root->no_others();
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].todo(), "known here: channels");
}

TEST(YamlFields, RefusesAKeyThatIsThereTwice) {
  EXPECT_THAT(faults_of("a: 1\nb: 2\na: 3\n", [](YamlFields& fields) { fields.texts("b"), fields.whole("a", 0, 9); }),
              testing::Contains("f.yaml:3:1 a is there twice"));
}

TEST(YamlFields, RefusesAKeyThatIsNoName) {
  EXPECT_THAT(faults_of("? [a, b]\n: 1\n"), ElementsAre("f.yaml:1:3 a field has no plain name"));
}

TEST(YamlFields, RefusesValuesOfTheWrongShape) {
  EXPECT_THAT(faults_of("a: [1]\nl: x\nm: x\ne: [1]\n",
                        [](YamlFields& fields) {
                          std::string text;
                          fields.text("a", text);
                          fields.texts("l");
                          fields.map("m");
                          fields.list("e");
                        }),
              ElementsAre("f.yaml:1:4 a is not a single value", "f.yaml:2:4 l is not a list", "f.yaml:3:4 m is not a mapping",
                          "f.yaml:4:5 e has an entry that is not a mapping"));
}

TEST(YamlFields, RefusesNumbersOutOfBoundsAndWhatIsNoNumber) {
  const auto whole = [](const std::string& yaml) {
    return faults_of(yaml, [](YamlFields& fields) { EXPECT_EQ(fields.whole("n", 1, 9), std::nullopt); });
  };
  for (const char* bad : {"n: 0", "n: 10", "n: -1", "n: 1.5", "n: 1x", "n: 99999999999999999999"}) {
    EXPECT_THAT(whole(bad), ElementsAre("f.yaml:1:4 n is not a whole number from 1 to 9")) << bad;
  }
  for (const char* bad : {"n: 0", "n: 2", "n: nan", "n: x"}) {
    EXPECT_THAT(faults_of(bad, [](YamlFields& fields) { EXPECT_EQ(fields.decimal("n", 1), std::nullopt); }),
                ElementsAre("f.yaml:1:4 n is not a number above 0 and at most 1"))
        << bad;
  }
}

TEST(YamlFields, RefusesAChoiceThatIsNoneAndListsThem) {
  std::vector<v1::FieldProblem> problems;
  auto root = YamlFields::of_document("c: blue\n", "f.yaml", problems);
  root->choice("c", {"red", "green"}, "red");
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_THAT(problems[0].todo(), HasSubstr("red, green"));
}

TEST(YamlFields, RefusesEmptyAndRepeatedEntriesOfAListAtTheirPlace) {
  EXPECT_THAT(faults_of("l:\n  - a\n  - ''\n  - a\n", [](YamlFields& fields) { fields.texts("l"); }),
              ElementsAre("f.yaml:3:5 l has an entry that is empty, too long or there twice",
                          "f.yaml:4:5 l has an entry that is empty, too long or there twice"));
}

TEST(YamlFields, RefusesTextOfManyLinesOrTooLong) {
  for (const auto& bad : {std::string("a: |\n  x\n  y\n"), "a: " + std::string(1001, 'x')}) {
    std::string text = "left";
    EXPECT_THAT(faults_of(bad, [&](YamlFields& fields) { fields.text("a", text); }),
                ElementsAre(HasSubstr("a is longer than one line of 1000 bytes")));
    EXPECT_EQ(text, "left");
  }
}

TEST(YamlFields, SaysWhereTextStopsBeingYaml) {
  const auto found = faults_of("a: 1\nb: [1, 2\nc: 3\n");
  ASSERT_EQ(found.size(), 1U);
  EXPECT_THAT(found[0], testing::StartsWith("f.yaml:"));
}

TEST(YamlFields, RefusesWhatIsNoMappingAndASecondDocument) {
  EXPECT_THAT(faults_of("- a\n"), ElementsAre("f.yaml:1:1 the file is not a mapping of names to values"));
  EXPECT_THAT(faults_of("a: 1\n---\nb: 2\n"), ElementsAre(HasSubstr("a second document begins here")));
}

TEST(YamlFields, RefusesAliasesBeforeTheyExpand) {
  std::string bomb = "a0: &a0 [x, x]\n";
  for (int i = 1; i < 40; ++i) {
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [*a" + std::to_string(i - 1) + ", *a" +
            std::to_string(i - 1) + "]\n";
  }
  EXPECT_THAT(faults_of(bomb), ElementsAre("f.yaml:2:10 the file uses a YAML alias"));
  EXPECT_THAT(faults_of("a: &x 1\nb: 2\n? *x\n: 3\n"), ElementsAre("f.yaml:3:3 the file uses a YAML alias"));
}

TEST(YamlFields, TakesAsterisksThatAreNoAliases) {
  EXPECT_THAT(faults_of("a: 2 *times\nb: '*x'\n",
                        [](YamlFields& fields) {
                          std::string text;
                          fields.text("a", text);
                          fields.text("b", text);
                          EXPECT_EQ(text, "*x");
                        }),
              IsEmpty());
}

TEST(YamlFields, RefusesTags) {
  EXPECT_THAT(faults_of("a: !!binary aGk=\n"), ElementsAre(HasSubstr("a value has the YAML tag")));
}

TEST(YamlFields, RefusesDeepNestingWithoutRunningOutOfStack) {
  EXPECT_THAT(faults_of("a: " + std::string(100'000, '[')),
              ElementsAre(HasSubstr("values are nested deeper than 16 levels here")));
  EXPECT_THAT(faults_of("a: " + std::string(15, '[') + std::string(15, ']'),
                        [](YamlFields& fields) { fields.has("a"), fields.texts("a"); }),
              testing::Not(ElementsAre(HasSubstr("nested"))));
}

TEST(YamlFields, RefusesTextThatIsNotUtf8) {
  EXPECT_THAT(faults_of("a: \xC0\xAF\n"), ElementsAre("f.yaml the file is not UTF-8"));
  EXPECT_THAT(faults_of(std::string("\xFF\xFE"
                                    "a\0",
                                    4)),
              ElementsAre("f.yaml the file is not UTF-8"));
}

TEST(YamlFields, QuotesNothingThatCannotBeShown) {
  EXPECT_THAT(faults_of("\"a\\u202eb\": 1\n"), ElementsAre("f.yaml:1:1 a?b is not a setting here"));
}

TEST(YamlFields, RefusesAFileOfMoreThan4MiB) {
  EXPECT_THAT(faults_of(std::string((4 << 20) + 1, '#')), ElementsAre("f.yaml the file is larger than 4 MiB"));
}

}  // namespace
}  // namespace fabu::domain
