#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "broker/cli/sender.h"
#include "proto/fabu/digest.h"
#include "temp_folder.h"
#include "unit/cli/fake_door.h"

namespace fabu::cli {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using std::chrono::seconds;

const char* const kReceipt = R"({"itemId":"7","indexNo":"X/202608-00001","edition":1,"department":"GGJ","reference":"R"})";
const char* const kRefused =
    R"({"title":"Invalid","status":422,"detail":"One thing is wrong.","errors":[{"path":"title","rule":"item.title.required",)"
    R"("what":"The title is empty.","todo":"Write one.","whatZh":"标题为空。","todoZh":"请填写标题。"}]})";

TEST(Backoff, DoublesToABoundAndHonoursRetryAfter) {
  EXPECT_EQ(backoff(0, std::nullopt, 0), milliseconds(250));
  EXPECT_EQ(backoff(3, std::nullopt, 0), milliseconds(2000));
  EXPECT_EQ(backoff(40, std::nullopt, 0), milliseconds(30000));
  EXPECT_EQ(backoff(3, std::nullopt, 0.999999).count() / 10, 100);
  EXPECT_EQ(backoff(0, seconds(7), 0.5), milliseconds(7000));
}

TEST(Submit, PrintsOneReceiptALineAsJson) {
  Terminal terminal([](const Asked&) { return json_answer(kReceipt); });
  terminal.in.str("{\"title\":\"a\"}\n{\"title\":\"b\"}\n");
  EXPECT_EQ(terminal.run_line({"submit", "--json", "--key", "k", "-"}), 0);
  EXPECT_EQ(terminal.last_target.key, "k");
  const std::string out = terminal.out.str();
  EXPECT_EQ(std::count(out.begin(), out.end(), '\n'), 2);
  EXPECT_NE(out.find(R"("itemId":"7")"), std::string::npos);
}

TEST(Submit, SaysEveryProblemWithItsFieldAndTheLanguageOfTheUser) {
  for (const auto language : {Language::en, Language::zh}) {
    Terminal terminal([](const Asked&) { return json_answer(kRefused, 422); });
    terminal.context.language = language;
    terminal.in.str("{\"title\":\"\"}");
    EXPECT_EQ(terminal.run_line({"submit", "-"}), 1);
    EXPECT_NE(terminal.err.str().find(language == Language::zh ? "title: 标题为空。" : "title: The title is empty."),
              std::string::npos);
    EXPECT_NE(terminal.err.str().find(language == Language::zh ? "请填写标题。" : "Write one."), std::string::npos);
  }
}

TEST(Submit, TriesAgainWhileTheServerIsBusyOrAway) {
  int calls = 0;
  Terminal terminal([&](const Asked&) -> Result<Answer> {
    switch (calls++) {
      case 0:
        return Error{ErrorCode::unavailable, "http://broker", "connection refused", "", {}};
      case 1: {
        Answer busy = json_answer(R"({"title":"Busy","status":429})", 429);
        busy.retry_after = seconds(5);
        return busy;
      }
      default:
        return json_answer(kReceipt);
    }
  });
  terminal.in.str("{\"title\":\"a\"}");
  EXPECT_EQ(terminal.run_line({"submit", "-"}), 0);
  ASSERT_EQ(terminal.waits.size(), 2u);
  EXPECT_GE(terminal.waits[1], seconds(5));
}

TEST(Submit, GivesUpAfterItsTimeoutAndSaysUnreachable) {
  Terminal terminal([](const Asked&) -> Result<Answer> {
    return Error{ErrorCode::unavailable, "http://broker", "refused", "", {}};
  });
  terminal.in.str("{\"title\":\"a\"}\n{\"title\":\"b\"}\n");
  EXPECT_EQ(terminal.run_line({"submit", "--timeout", "20", "--parallel", "1", "-"}), 3);
  EXPECT_LE(terminal.clock.time_since_epoch(), seconds(20));
  EXPECT_NE(terminal.err.str().find("stopped before the end"), std::string::npos);
}

TEST(Submit, StopsAtOnceWhenTheKeyIsNoGood) {
  Terminal terminal([](const Asked&) { return json_answer(R"({"title":"Who are you?","status":401})", 401); });
  terminal.in.str("{\"title\":\"a\"}\n{\"title\":\"b\"}\n{\"title\":\"c\"}\n");
  EXPECT_EQ(terminal.run_line({"submit", "--parallel", "1", "-"}), 4);
  EXPECT_EQ(terminal.broker.asked().size(), 1u);
}

TEST(Submit, SendsCorrectionsAfterTheOriginalsInTheirOrder) {
  Terminal terminal([](const Asked&) { return json_answer(kReceipt); });
  terminal.in.str(
      "{\"title\":\"2\",\"correction\":{\"reason\":\"x\"}}\n{\"title\":\"3\",\"correction\":{\"reason\":\"y\"}}\n{\"title\":"
      "\"1\"}\n");
  EXPECT_EQ(terminal.run_line({"submit", "-"}), 0);
  const auto asked = terminal.broker.asked();
  ASSERT_EQ(asked.size(), 3u);
  EXPECT_NE(asked[0].body.find("\"1\""), std::string::npos);
  EXPECT_NE(asked[1].body.find("\"2\""), std::string::npos);
  EXPECT_NE(asked[2].body.find("\"3\""), std::string::npos);
}

class SubmitFolder : public testing::Test {
 protected:
  SubmitFolder() {
    std::ofstream(folder_ / "a.pdf") << "abc";
    for (const char* item : {"1.json", "2.json"})
      std::ofstream(folder_ / item) << R"({"title":"x","attachments":[{"name":"a.pdf"}]})";
  }
  TempFolder folder_;
};

TEST_F(SubmitFolder, PutsAnAttachmentThatTheServerLacksBeforeTheItem) {
  bool there = false;
  Terminal terminal([&](const Asked& asked) -> Result<Answer> {
    if (asked.method == "HEAD") return json_answer("", there ? 200 : 404);
    if (asked.method == "PUT") {
      EXPECT_EQ(asked.path, "/v1/attachments/" + sha256("abc").hex());
      EXPECT_EQ(asked.body, "abc");
      there = true;
      return json_answer("", 201);
    }
    EXPECT_TRUE(there);
    return json_answer(kReceipt);
  });
  EXPECT_EQ(terminal.run_line({"submit", "--parallel", "1", folder_.path().string()}), 0) << terminal.err.str();
  EXPECT_EQ(terminal.broker.count("PUT", "/v1/attachments/"), 1u);
  EXPECT_EQ(terminal.broker.count("HEAD", "/v1/attachments/"), 1u);
  EXPECT_EQ(terminal.broker.count("POST", "/v1/items"), 2u);
}

TEST_F(SubmitFolder, StoresNothingInADryRunAndDoesNotBlameFilesThatAreHere) {
  Terminal terminal([](const Asked& asked) {
    EXPECT_EQ(asked.path, "/v1/items?dry_run=true");
    return json_answer(
        R"({"status":422,"title":"x","errors":[{"path":"attachments[0].sha256","rule":"item.attachments.missing"}]})", 422);
  });
  EXPECT_EQ(terminal.run_line({"submit", "--dry-run", folder_.path().string()}), 0) << terminal.err.str();
}

TEST(Submit, NeedsAServerAndSaysHowToNameIt) {
  Terminal terminal([](const Asked&) { return json_answer(kReceipt); });
  terminal.server.clear();
  terminal.in.str("{}");
  EXPECT_EQ(terminal.run_line({"submit", "-"}), 2);
  EXPECT_NE(terminal.err.str().find("FABU_SERVER"), std::string::npos);
}

}  // namespace
}  // namespace fabu::cli
