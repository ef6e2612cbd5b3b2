#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "broker/cli/verb_tree.h"
#include "unit/cli/fake_door.h"

namespace fabu::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::vector<std::string> offered(const std::vector<std::string>& words) {
  Terminal terminal([](const Asked&) { return json_answer("{}"); });
  std::vector<std::string> line{"complete", "--"};
  line.insert(line.end(), words.begin(), words.end());
  EXPECT_EQ(terminal.run_line(line), 0) << terminal.err.str();
  std::vector<std::string> found;
  std::istringstream out(terminal.out.str());
  for (std::string one; std::getline(out, one);) found.push_back(one.substr(0, one.find('\t')));
  return found;
}

TEST(Complete, OffersVerbsByTheirBeginning) {
  EXPECT_THAT(offered({"de"}), ElementsAre("deliveries"));
}

TEST(Complete, OffersTheVerbsBelowAVerb) {
  EXPECT_THAT(offered({"deliveries", ""}), ElementsAre("list", "groups", "replay"));
}

TEST(Complete, OffersOptionsOnceADashIsTyped) {
  EXPECT_THAT(offered({"why", "--s"}), ElementsAre("--server"));
}

TEST(Complete, OffersTheOnlyValuesThatAnOptionTakes) {
  EXPECT_THAT(offered({"key", "create", "--department", "key", "--scope", "re"}), ElementsAre("read", "review"));
}

TEST(Complete, LetsTheShellOfferFilesWhereOneIsNamed) {
  EXPECT_THAT(offered({"why", "--data", ""}), ElementsAre("<files>"));
  EXPECT_THAT(offered({"config", "check", "fa"}), ElementsAre("<files>"));
}

TEST(Complete, KeepsItselfOutOfSight) {
  EXPECT_THAT(offered({"comp"}), ElementsAre());
}

TEST(Manual, EscapesWhatManWouldTakeForARequest) {
  const VerbTree root{"x", "", "", {}, {{"go", "Goes", ".dot \\ -n\n'quote", {}, {}}}};
  EXPECT_THAT(manual(root), HasSubstr("\\&.dot \\e \\-n\n\\&'quote"));
}

TEST(Manual, HasEveryVerbWithItsOptions) {
  Terminal terminal([](const Asked&) { return json_answer("{}"); });
  EXPECT_EQ(terminal.run_line({"manual"}), 0);
  EXPECT_THAT(terminal.out.str(), HasSubstr(".SS fabu deliveries replay"));
  EXPECT_THAT(terminal.out.str(), HasSubstr("\\fB\\-\\-scope\\fR \\fIsubmit|read|operate"));
  EXPECT_THAT(terminal.out.str(), HasSubstr("\\fB\\-\\-parallel\\fR \\fINUMBER\\fR"));
  EXPECT_THAT(terminal.out.str(), Not(HasSubstr("fabu complete")));
}

}  // namespace
}  // namespace fabu::cli
