// The pure parts: targets, media types, traces, keys, heads, ranges.
#include <gmock/gmock.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include <random>

#include "broker/http/failure_limit.h"
#include "broker/http/file_body.h"
#include "broker/http/key_text.h"
#include "broker/http/media.h"
#include "broker/http/message_body.h"
#include "broker/http/problem.h"
#include "broker/http/response_head.h"
#include "broker/http/target.h"
#include "broker/http/trace_id.h"

namespace fabu::http {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

TEST(Target, DecodesEscapesAndRefusesBrokenOnesAndNul) {
  EXPECT_EQ(percent_decode("%E5%85%AC%2f+"), "公/+");
  for (const auto* broken : {"%", "%4", "%zz", "a%0", "%00"}) EXPECT_FALSE(percent_decode(broken)) << broken;
}

TEST(Target, EncodingIsUndoneByDecoding) {
  const std::string text = "GGJ:2026-1/公 ?#&=+%";
  EXPECT_EQ(percent_decode(percent_encode(text)), text);
}

TEST(Target, SplitsAPathIntoItsSegments) {
  EXPECT_THAT(path_segments("/v1/items/5"), ElementsAre("v1", "items", "5"));
  EXPECT_THAT(path_segments("/"), ElementsAre(""));
  EXPECT_THAT(path_segments("/a//b/"), ElementsAre("a", "", "b", ""));
}

TEST(Target, ReadsQueryParametersWithAndWithoutValues) {
  const auto query = Query::parse("dry_run&q=%E9%87%87%E8%B4%AD+a&&x=1=2");
  ASSERT_TRUE(query);
  EXPECT_TRUE(query->has("dry_run"));
  EXPECT_EQ(query->get("q"), "采购 a");
  EXPECT_EQ(query->get("x"), "1=2");
  EXPECT_FALSE(query->has("y"));
  EXPECT_FALSE(Query::parse("a=%f"));
  std::string many;
  for (int i = 0; i < 65; ++i) many += "a=1&";
  EXPECT_FALSE(Query::parse(many));
}

TEST(Media, ChoosesWhatTheCallerLikesBest) {
  const std::vector<std::string> offers{"application/json", "application/x-protobuf"};
  EXPECT_EQ(best_offer("", offers), 0U);
  EXPECT_EQ(best_offer("*/*", offers), 0U);
  EXPECT_EQ(best_offer("application/x-protobuf", offers), 1U);
  EXPECT_EQ(best_offer("application/json;q=0.5, application/x-protobuf", offers), 1U);
  EXPECT_EQ(best_offer("application/*;q=0.2, application/json;q=0.1", offers), 1U);
  EXPECT_FALSE(best_offer("text/html", offers));
  EXPECT_FALSE(best_offer("application/json;q=0", {offers.data(), 1}));
}

TEST(Media, KnowsTypesWithoutCaseOrParameters) {
  EXPECT_EQ(media_type(" Application/JSON ; charset=utf-8"), "application/json");
  EXPECT_EQ(file_media_type("a/B.PDF"), "application/pdf");
  EXPECT_EQ(file_media_type("feed.json"), "application/feed+json; charset=utf-8");
  EXPECT_EQ(file_media_type("a/feed.json"), "application/feed+json; charset=utf-8");
  EXPECT_EQ(file_media_type("README"), "application/octet-stream");
}

TEST(TraceIds, TakeOverAValidTraceparentAndBeginATraceOtherwise) {
  TraceIds ids;
  const auto taken = ids.next("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
  EXPECT_EQ(taken.trace_id, "0af7651916cd43dd8448eb211c80319c");
  EXPECT_TRUE(taken.sampled);
  EXPECT_NE(taken.span_id, "b7ad6b7169203331");
  EXPECT_EQ(taken.traceresponse(), "00-0af7651916cd43dd8448eb211c80319c-" + taken.span_id + "-01");
  for (const auto* bad :
       {"", "00-00000000000000000000000000000000-b7ad6b7169203331-01", "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-0AF7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01x"}) {
    const auto made = ids.next(bad);
    EXPECT_EQ(made.trace_id.size(), 32U);
    EXPECT_NE(made.trace_id, taken.trace_id) << bad;
    EXPECT_NE(made.trace_id, ids.next(bad).trace_id);
  }
}

TEST(KeyText, IsReadBackAsItWasMade) {
  std::mt19937 random(7);
  const auto key = make_key([&](std::span<std::uint8_t> bytes) {
    for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random());
  });
  const auto read = parse_key(key.text());
  ASSERT_TRUE(read);
  EXPECT_EQ(read->id, key.id);
  EXPECT_EQ(read->digest(), key.digest());
  EXPECT_EQ(key.text().size(), 5 + kKeyIdLength + 1 + kKeySecretLength);
  EXPECT_NE(make_key(system_random()).secret, make_key(system_random()).secret);
}

TEST(KeyText, RefusesWhatIsNotAKey) {
  const std::string good = make_key(system_random()).text();
  EXPECT_FALSE(parse_key(""));
  EXPECT_FALSE(parse_key("fabu_wrong"));
  EXPECT_FALSE(parse_key(good + "x"));
  EXPECT_FALSE(parse_key(good.substr(0, good.size() - 1)));
  EXPECT_FALSE(parse_key("Fabu" + good.substr(4)));
  EXPECT_FALSE(parse_key(good.substr(0, good.size() - 1) + "-"));
}

TEST(FailureLimit, GivesEachAddressItsTriesAndRegainsThemOneByOne) {
  using std::chrono::seconds;
  FailureLimit limit(3, seconds(10), 100);
  const FailureLimit::Time start{seconds(1000)};
  for (int i = 0; i < 3; ++i) {
    EXPECT_FALSE(limit.exhausted("a", start));
    limit.failed("a", start);
  }
  EXPECT_TRUE(limit.exhausted("a", start));
  EXPECT_FALSE(limit.exhausted("b", start));
  EXPECT_FALSE(limit.exhausted("a", start + seconds(11)));
  limit.failed("a", start + seconds(11));
  EXPECT_TRUE(limit.exhausted("a", start + seconds(12)));
  EXPECT_FALSE(limit.exhausted("a", start + seconds(100)));
}

TEST(FailureLimit, RemembersABoundedNumberOfAddresses) {
  FailureLimit limit(3, std::chrono::seconds(10), 8);
  for (int i = 0; i < 100; ++i) limit.failed(std::to_string(i), FailureLimit::Time{});
  EXPECT_LE(limit.addresses(), 8U);
}

TEST(Receipt, IsWrittenExactlyAsProtobufsJsonMappingWritesIt) {
  v1::SubmissionReceipt receipt;
  std::string expected;
  const auto same = [&] {
    expected.clear();
    ASSERT_TRUE(google::protobuf::util::MessageToJsonString(receipt, &expected).ok());
    EXPECT_EQ(json_text(receipt), expected);
  };
  same();
  receipt.set_dry_run(true);
  same();
  receipt.set_item_id(18446744073709551615U);
  receipt.set_index_no("11349900MB1K27N4XP/202608-00001");
  receipt.set_edition(7);
  receipt.set_edition_digest(std::string(64, 'a'));
  receipt.set_log_index(3);
  receipt.set_accepted_ms(-5);
  receipt.set_department("GGJ");
  receipt.set_reference("公\"\\\n\t\x01\x7f<>&'/\u2028\u2029😀");
  receipt.add_channels("website");
  receipt.add_channels("");
  receipt.set_state(v1::EDITION_STATE_HELD);
  same();
  receipt.set_state(static_cast<v1::EditionState>(99));
  same();
}

TEST(ResponseHead, LeavesOutHeadersThatWouldBreakIt) {
  Response response = text_response(200, "text/plain", "abc");
  response.set("X-Bad", "a\r\nSet-Cookie: b").set("X-Good", "c");
  std::string head;
  append_head(head, response, framing_of(response, false), true, std::chrono::system_clock::time_point{});
  EXPECT_THAT(head, testing::StartsWith("HTTP/1.1 200 OK\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\n"));
  EXPECT_THAT(head, HasSubstr("X-Good: c\r\n"));
  EXPECT_THAT(head, Not(HasSubstr("Set-Cookie")));
  EXPECT_THAT(head, HasSubstr("Content-Length: 3\r\n"));
  EXPECT_THAT(head, testing::EndsWith("\r\n\r\n"));
}

TEST(Range, IsCutToTheFile) {
  const auto is = [](const std::optional<ByteRange>& range, std::uint64_t first, std::uint64_t length) {
    return range && range->first == first && range->length == length;
  };
  EXPECT_TRUE(is(range_of("bytes=0-9", 100), 0, 10));
  EXPECT_TRUE(is(range_of("bytes=90-", 100), 90, 10));
  EXPECT_TRUE(is(range_of("bytes=90-500", 100), 90, 10));
  EXPECT_TRUE(is(range_of("bytes=-10", 100), 90, 10));
  EXPECT_TRUE(is(range_of("bytes=-500", 100), 0, 100));
  EXPECT_TRUE(is(range_of("bytes=100-", 100), 0, 0));
  for (const auto* whole : {"", "bytes=", "bytes=a-b", "bytes=5-3", "bytes=0-1,3-4", "items=0-1"})
    EXPECT_FALSE(range_of(whole, 100)) << whole;
}

TEST(Problem, NamesTheFieldTheRuleAndWhatToDo) {
  Error error{ErrorCode::invalid, "item", "The item breaks rules.", "", {}};
  auto& fault = error.problems.emplace_back();
  fault.set_path("title");
  fault.set_rule("item.title.required");
  fault.set_todo_zh("请填写标题。");
  const auto response = problem_response(error, "/v1/items", "abc");
  EXPECT_EQ(response.status, 422);
  EXPECT_EQ(response.content_type, "application/problem+json");
  EXPECT_THAT(response.body, HasSubstr(R"("type":"/problems/invalid")"));
  EXPECT_THAT(response.body, HasSubstr(R"("path":"title","rule":"item.title.required")"));
  EXPECT_THAT(response.body, HasSubstr("请填写标题"));
  EXPECT_THAT(response.body, HasSubstr(R"("traceId":"abc")"));
}

TEST(Problem, SaysWhenToComeAgainAndHowToIdentifyOneself) {
  EXPECT_EQ(problem_response(Error{ErrorCode::busy, "", "", "", {}}, "", "").header("Retry-After"), "1");
  EXPECT_EQ(problem_response(Error{ErrorCode::unavailable, "", "", "", {}}, "", "").header("Retry-After"), "5");
  EXPECT_THAT(std::string(problem_response(Error{ErrorCode::unauthorized, "", "", "", {}}, "", "").header("WWW-Authenticate")),
              HasSubstr("Bearer"));
}

TEST(Problem, EveryKindIsExplainedInBothLanguages) {
  for (const auto& kind : problem_kinds()) {
    EXPECT_FALSE(kind.meaning.empty() || kind.meaning_zh.empty() || kind.title_zh.empty()) << kind.name;
    EXPECT_EQ(find_problem_kind(kind.name), &kind);
    EXPECT_THAT(problem_page(&kind).body, HasSubstr(std::string(kind.meaning_zh)));
  }
  EXPECT_EQ(find_problem_kind("nothing"), nullptr);
}

}  // namespace
}  // namespace fabu::http
