#include <gtest/gtest.h>

#include "unit/cli/fake_door.h"

namespace fabu::cli {
namespace {

TEST(Items, AsksForOnePageAfterAnotherUntilTheEnd) {
  Terminal terminal([](const Asked& asked) {
    const bool second = asked.path.find("after=c1") != std::string::npos;
    return json_answer(second ? R"({"items":[{"itemId":"2"}]})" : R"({"items":[{"itemId":"3"}],"next":"c1"})");
  });
  EXPECT_EQ(terminal.run_line({"items", "list", "--json", "--limit", "0"}), 0);
  EXPECT_EQ(terminal.out.str(), "{\"itemId\":\"3\"}\n{\"itemId\":\"2\"}\n");
}

TEST(Items, ShowEncodesTheNameAsOnePathSegment) {
  Terminal terminal([](const Asked&) { return json_answer(R"({"itemId":"7"})"); });
  EXPECT_EQ(terminal.run_line({"items", "show", "1134/202608-00001"}), 0);
  EXPECT_EQ(terminal.broker.asked().at(0).path, "/v1/items/1134%2F202608-00001");
}

TEST(Items, ApprovesTheVeryBytesThatStandThereUnlessADigestIsGiven) {
  Terminal terminal([](const Asked& asked) {
    if (asked.method == "GET")
      return json_answer(R"({"editions":[{"edition":{"number":1,"digest":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}}]})");
    EXPECT_NE(asked.body.find("\"editionDigest\":\"" + std::string(64, '0') + "\""), std::string::npos) << asked.body;
    return json_answer(R"({"itemId":"7"})");
  });
  EXPECT_EQ(terminal.run_line({"items", "approve", "7"}), 0) << terminal.err.str();
}

TEST(Items, SaysNotFoundByItsExitCode) {
  Terminal terminal([](const Asked&) { return json_answer(R"({"title":"No such item","status":404})", 404); });
  EXPECT_EQ(terminal.run_line({"items", "show", "99"}), 5);
  EXPECT_NE(terminal.err.str().find("No such item"), std::string::npos);
}

TEST(Deliveries, ReplayCountsFirstAndDoesNothingWithoutAWord) {
  Terminal terminal([](const Asked& asked) {
    EXPECT_NE(asked.body.find("\"dryRun\":true"), std::string::npos);
    return json_answer(R"({"matched":"4","dryRun":true})");
  });
  EXPECT_EQ(terminal.run_line({"deliveries", "replay"}), 2);
  EXPECT_EQ(terminal.broker.asked().size(), 1u);
}

TEST(Deliveries, ReplayAsksOnATerminalAndThenSaysExactlyHowMany) {
  Terminal terminal([](const Asked& asked) {
    const bool dry = asked.body.find("dryRun") != std::string::npos;
    return json_answer(dry ? R"({"matched":"4","dryRun":true})" : R"({"matched":"4","replayed":"4"})");
  });
  terminal.context.in_is_terminal = true;
  terminal.in.str("y\n");
  EXPECT_EQ(terminal.run_line({"deliveries", "replay", "--channel", "website"}), 0);
  EXPECT_EQ(terminal.out.str(), "replayed 4 of 4\n");
}

TEST(Deliveries, ReplayOfLessThanMatchedIsNotSuccess) {
  Terminal terminal([](const Asked& asked) {
    const bool dry = asked.body.find("dryRun") != std::string::npos;
    return json_answer(dry ? R"({"matched":"4"})" : R"({"matched":"4","replayed":"3"})");
  });
  EXPECT_EQ(terminal.run_line({"deliveries", "replay", "--yes"}), 1);
  EXPECT_EQ(terminal.out.str(), "replayed 3 of 4\n");
}

TEST(Channels, PauseGivesItsReason) {
  Terminal terminal([](const Asked& asked) {
    EXPECT_EQ(asked.path, "/v1/channels/noticeboard:pause");
    EXPECT_EQ(asked.body, R"({"reason":"维修"})");
    return json_answer(R"({"name":"noticeboard","state":"paused"})");
  });
  EXPECT_EQ(terminal.run_line({"channels", "pause", "noticeboard", "--reason", "维修"}), 0);
  EXPECT_NE(terminal.out.str().find("paused"), std::string::npos);
}

TEST(Key, CreatePrintsTheKeyAloneOnStandardOutput) {
  Terminal terminal([](const Asked& asked) {
    EXPECT_EQ(asked.path, "/v1/keys");
    return json_answer(R"({"keyId":"k1","key":"fabu_k1_secret","department":"GGJ","scopes":["submit","read"]})");
  });
  EXPECT_EQ(terminal.run_line({"key", "create", "--department", "GGJ"}), 0);
  EXPECT_EQ(terminal.out.str(), "fabu_k1_secret\n");
  EXPECT_EQ(terminal.run_line({"key", "create", "--department", "GGJ", "--scope", "everything"}), 2);
}

TEST(Key, ListShowsWhatAKeyMayAndWhenItWasRevoked) {
  Terminal terminal([](const Asked&) {
    return json_answer(
        R"({"keys":[{"keyId":"k1","department":"ggj","scopes":["submit","read"],"createdMs":"1787187601000","revokedMs":"1787187602000"}]})");
  });
  EXPECT_EQ(terminal.run_line({"key", "list"}), 0);
  EXPECT_NE(terminal.out.str().find("k1      ggj         submit,read        2026-08-20 09:00:01  2026-08-20 09:00:02"),
            std::string::npos)
      << terminal.out.str();
}

TEST(Why, SpeaksTheLanguageOfTheUser) {
  Terminal terminal([](const Asked&) { return json_answer(R"({"lines":["已发布"],"linesEn":["published"]})"); });
  EXPECT_EQ(terminal.run_line({"why", "7"}), 0);
  EXPECT_EQ(terminal.out.str(), "published\n");
  terminal.context.language = Language::zh;
  EXPECT_EQ(terminal.run_line({"why", "7"}), 0);
  EXPECT_EQ(terminal.out.str(), "published\n已发布\n");
}

TEST(Verbs, UseTheInProcessDoorOfADataFolderWithoutAServer) {
  Terminal terminal([](const Asked&) { return json_answer("{}"); });
  std::filesystem::path opened;
  terminal.context.open_in_process = [&](const std::filesystem::path& data) -> Result<std::unique_ptr<Door>> {
    opened = data;
    return std::unique_ptr<Door>(std::make_unique<FakeDoor>(terminal.broker));
  };
  EXPECT_EQ(terminal.run_line({"items", "list", "--data", "/nowhere/data"}), 0);
  EXPECT_EQ(opened, "/nowhere/data");
}

TEST(Verbs, RefuseACommandLineTheyDoNotKnow) {
  Terminal terminal([](const Asked&) { return json_answer("{}"); });
  EXPECT_EQ(terminal.run_line({"publish"}), 2);
  EXPECT_EQ(terminal.run_line({"items", "list", "--server", "http://a", "--data", "b"}), 2);
  EXPECT_EQ(terminal.run_line({"submit", "--help"}), 0);
  EXPECT_TRUE(terminal.broker.asked().empty());
}

TEST(LanguageOf, ReadsALocale) {
  EXPECT_EQ(language_of("zh_CN.UTF-8"), Language::zh);
  EXPECT_EQ(language_of("en_GB.UTF-8"), Language::en);
  EXPECT_EQ(language_of("C"), Language::en);
}

TEST(ExitCodes, FollowTheStatus) {
  EXPECT_EQ(exit_for_status(401), Exit::not_allowed);
  EXPECT_EQ(exit_for_status(403), Exit::not_allowed);
  EXPECT_EQ(exit_for_status(404), Exit::not_found);
  EXPECT_EQ(exit_for_status(409), Exit::refused);
  EXPECT_EQ(exit_for_status(429), Exit::unreachable);
  EXPECT_EQ(exit_for_status(503), Exit::unreachable);
}

}  // namespace
}  // namespace fabu::cli
