// The API from the outside: what departments, operators and auditors do with it.
#include <fabu/v1/api.pb.h>
#include <gmock/gmock.h>
#include <google/protobuf/util/json_util.h>

#include <fstream>
#include <map>
#include <sstream>

#include "broker/audit/verify_bundle.h"
#include "integration/http/served_broker.h"
#include "load/sample_item.h"

namespace fabu::http {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

constexpr auto kJson = "application/json";
constexpr auto kBinary = "application/x-protobuf";

struct Api : ServedBroker {
  Api() { serve(); }
  static v1::Item item(const std::string& reference) { return load::sample_item("GGJ", reference); }
  static std::string text(const v1::Item& item) {
    std::string out;
    EXPECT_TRUE(google::protobuf::util::MessageToJsonString(item, &out).ok());
    return out;
  }
  Reply submit(const v1::Item& item) { return ask("POST", "/v1/items", text(item), kJson); }
  static std::string delimited(const std::string& bytes) {
    std::string out;
    for (std::size_t size = bytes.size();; size >>= 7) {
      if (size < 0x80) return out + static_cast<char>(size) + bytes;
      out += static_cast<char>((size & 0x7F) | 0x80);
    }
  }
};

TEST_F(Api, AnItemIsStoredOnceAndItsReceiptGivenAgain) {
  const auto first = submit(item("R-1"));
  ASSERT_EQ(first.status, 201) << first.body;
  EXPECT_EQ(first.json()["reference"], "R-1");
  EXPECT_EQ(first.json()["state"], "EDITION_STATE_PUBLISHING");
  EXPECT_THAT(first.head, HasSubstr("Location: /v1/items/" + first.json()["itemId"].get<std::string>()));
  EXPECT_THAT(first.head, HasSubstr("X-Trace-Id: "));
  const auto again = submit(item("R-1"));
  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(again.body, first.body);
}

TEST_F(Api, ProtobufAndJsonOfTheSameItemAreTheSameItem) {
  const auto binary = ask("POST", "/v1/items", item("R-1").SerializeAsString(), kBinary, "Accept: application/x-protobuf\r\n");
  ASSERT_EQ(binary.status, 201);
  v1::SubmissionReceipt receipt;
  ASSERT_TRUE(receipt.ParseFromString(binary.body));
  EXPECT_EQ(submit(item("R-1")).json()["editionDigest"], receipt.edition_digest());
}

TEST_F(Api, OtherContentIsAConflictThatSaysWhatDiffersUnlessItCorrects) {
  submit(item("R-1"));
  auto changed = item("R-1");
  changed.set_title("另一个标题的公告");
  const auto conflict = submit(changed);
  EXPECT_EQ(conflict.status, 409);
  EXPECT_THAT(conflict.head, HasSubstr("application/problem+json"));
  EXPECT_THAT(conflict.body, HasSubstr("title"));
  changed.mutable_correction()->set_reason("标题有误");
  EXPECT_EQ(submit(changed).json()["edition"], 2);
  changed.mutable_correction()->set_of_edition(1);
  changed.set_title("又一个标题的公告");
  EXPECT_EQ(submit(changed).status, 412);
}

TEST_F(Api, EveryFaultIsToldAtOnceInBothLanguages) {
  v1::Item bad = item("R-1");
  bad.clear_title();
  bad.set_catalogue_entry("ZC-AWARD_RESULTS");
  bad.set_formed_date("2099-01-01");
  const auto reply = submit(bad);
  ASSERT_EQ(reply.status, 422) << reply.body;
  std::map<std::string, json> errors;
  const auto problem = reply.json();
  for (const auto& error : problem["errors"]) errors[error["path"]] = error;
  for (const auto* path : {"title", "catalogue_entry", "formed_date"}) {
    ASSERT_TRUE(errors.count(path)) << path << reply.body;
    EXPECT_FALSE(errors[path]["rule"].get<std::string>().empty());
    EXPECT_FALSE(errors[path]["todo"].get<std::string>().empty());
    EXPECT_FALSE(errors[path]["whatZh"].get<std::string>().empty());
  }
  EXPECT_EQ(reply.json()["type"], "/problems/invalid");
  EXPECT_EQ(ask_with("", "GET", "/problems/invalid").status, 200);
}

TEST_F(Api, ADryRunAnswersTheSameAndStoresNothing) {
  const auto dry = ask("POST", "/v1/items?dry_run", text(item("R-1")), kJson);
  EXPECT_EQ(dry.status, 200);
  EXPECT_EQ(dry.json()["dryRun"], true);
  v1::Item bad = item("R-2");
  bad.clear_title();
  EXPECT_EQ(ask("POST", "/v1/items?dry_run=true", text(bad), kJson).status, 422);
  EXPECT_EQ(ask("POST", "/v1/items?dry_run=maybe", text(bad), kJson).status, 400);
  EXPECT_FALSE(ask("GET", "/v1/items").json().contains("items"));
}

TEST_F(Api, WhatCannotBeReadIsRefusedAndTheProcessStaysWell) {
  const std::string good = item("R-1").SerializeAsString();
  const auto refused = [&](const std::string& body, const std::string& type, int status) {
    const auto reply = ask("POST", "/v1/items", body, type);
    EXPECT_EQ(reply.status, status) << body.substr(0, 80) << reply.body;
    EXPECT_THAT(reply.head, HasSubstr("application/problem+json"));
    EXPECT_TRUE(reply.json().contains("detail")) << reply.body;
  };
  refused(good.substr(0, good.size() / 2), kBinary, 400);
  refused("\xff\xff\xff", kBinary, 400);
  refused("{", kJson, 400);
  refused("[]", kJson, 400);
  refused("", kJson, 400);
  refused(R"({"title": 5})", kJson, 400);
  refused(R"({"formed_date": {"a": 1}})", kJson, 400);
  refused(R"({"no_such_field": 5})", kJson, 400);
  refused("{\"title\": \"\xff\xfe\"}", kJson, 400);
  refused(std::string("\x2a\x02\xff\xfe", 4), kBinary, 400);  // title: invalid UTF-8
  refused(good, "text/html", 415);
  refused(std::string((2 << 20) + 1, 'x'), kJson, 413);
  EXPECT_EQ(ask("POST", "/v1/items", text(item("R-1")), kJson, "Content-Encoding: gzip\r\n").status, 415);
  EXPECT_EQ(ask_with("", "GET", "/healthz").status, 200);
  EXPECT_EQ(submit(item("R-1")).status, 201);
}

TEST_F(Api, ARefusalIsRecordedInTheLog) {
  const auto first = std::stoull(submit(item("A")).json().value("logIndex", "0"));
  const auto second = std::stoull(submit(item("B")).json()["logIndex"].get<std::string>());
  v1::Item bad = item("C");
  bad.clear_title();
  submit(bad);
  ask("POST", "/v1/items", "{", kJson);
  EXPECT_EQ(ask("POST", "/v1/items", "<item/>", "text/xml").status, 415);
  EXPECT_EQ(ask("POST", "/v1/items", std::string(3 << 20, ' '), kJson).status, 413);
  EXPECT_EQ(ask_with("", "POST", "/v1/items", "{}", kJson).status, 401);  // a stranger fills no log
  const auto third = std::stoull(submit(item("D")).json()["logIndex"].get<std::string>());
  EXPECT_EQ(third - second, second - first + 4);  // the four refusals lie between
}

TEST_F(Api, BatchesAreAnsweredLineByLineInOrder) {
  v1::Item bad = item("L-2");
  bad.clear_title();
  std::string lines = text(item("L-1")) + "\n" + text(bad) + "\n{nonsense\n\n";
  for (int i = 3; i < 200; ++i) lines += text(item("L-" + std::to_string(i))) + "\n";
  const auto reply = ask("POST", "/v1/items:batch", lines, "application/x-ndjson");
  ASSERT_EQ(reply.status, 200) << reply.body;
  std::istringstream answers(reply.body);
  std::vector<json> found;
  for (std::string line; std::getline(answers, line);) found.push_back(json::parse(line));
  ASSERT_EQ(found.size(), 200U);
  EXPECT_EQ(found[0]["receipt"]["reference"], "L-1");
  EXPECT_EQ(found[1]["problem"]["status"], 422);
  EXPECT_EQ(found[2]["problem"]["status"], 400);
  for (std::size_t i = 3; i < 200; ++i) {
    EXPECT_EQ(found[i]["line"], i);
    EXPECT_EQ(found[i]["receipt"]["reference"], "L-" + std::to_string(i));
  }
}

TEST_F(Api, DelimitedBatchesAreAnsweredInKind) {
  std::string body;
  for (int i = 0; i < 20; ++i) body += delimited(item("D-" + std::to_string(i)).SerializeAsString());
  auto reply = ask("POST", "/v1/items:batch", body + "\x7f" + "cut", kBinary);
  ASSERT_EQ(reply.status, 200);
  std::string_view rest = reply.body;
  v1::BatchAnswer answer;
  for (int i = 0; i <= 20; ++i) {
    std::size_t size = 0, used = 0;
    for (unsigned shift = 0;; shift += 7) {
      const auto byte = static_cast<unsigned char>(rest.at(used++));
      size |= static_cast<std::size_t>(byte & 0x7F) << shift;
      if (byte < 0x80) break;
    }
    ASSERT_TRUE(answer.ParseFromArray(rest.data() + used, static_cast<int>(size)));
    rest.remove_prefix(used + size);
    if (i < 20) {
      EXPECT_EQ(answer.receipt().reference(), "D-" + std::to_string(i));
    }
  }
  EXPECT_EQ(answer.problem().status(), 400);
  EXPECT_TRUE(rest.empty());
}

TEST_F(Api, AnOriginalAndItsCorrectionKeepTheirOrderInABatch) {
  std::string lines;
  for (int edition = 1; edition <= 30; ++edition) {
    auto each = item("SAME");
    each.set_title("第" + std::to_string(edition) + "版公告");
    if (edition > 1) {
      each.mutable_correction()->set_reason("更正");
      each.mutable_correction()->set_of_edition(static_cast<std::uint32_t>(edition - 1));
    }
    lines += text(each) + "\n";
  }
  const auto reply = ask("POST", "/v1/items:batch", lines, "application/x-ndjson");
  EXPECT_THAT(reply.body, HasSubstr("\"edition\":30"));
  EXPECT_THAT(reply.body, Not(HasSubstr("problem")));
}

TEST_F(Api, AttachmentsAreStoredByDigestAndComeBackByteForByte) {
  std::string bytes = "%PDF-1.4 ";
  for (int i = 0; i < 300'000; ++i) bytes.push_back(static_cast<char>(i * 7));
  const std::string address = "/v1/attachments/" + sha256(bytes).hex();
  EXPECT_EQ(ask("HEAD", address).status, 404);
  const auto stored = ask("PUT", address, bytes, "application/pdf");
  EXPECT_EQ(stored.status, 201) << stored.body;
  EXPECT_EQ(stored.json()["size"], std::to_string(bytes.size()));
  EXPECT_EQ(ask("PUT", address, bytes).status, 200);
  EXPECT_EQ(ask("GET", address).body, bytes);
  const auto head = ask("HEAD", address);
  EXPECT_EQ(head.status, 200);
  EXPECT_THAT(head.head, HasSubstr("Content-Length: " + std::to_string(bytes.size())));
}

TEST_F(Api, AttachmentsThatAreNotWhatTheySayAreRefused) {
  const std::string address = "/v1/attachments/" + sha256("right").hex();
  EXPECT_EQ(ask("PUT", address, "wrong").status, 422);
  EXPECT_EQ(ask("PUT", "/v1/attachments/xyz", "right").status, 400);
  EXPECT_EQ(ask("PUT", address, std::string((1 << 20) + 1, 'x')).status, 413);
  EXPECT_EQ(ask("HEAD", address).status, 404);
  EXPECT_EQ(ask("PUT", address, "right").status, 201);
  EXPECT_EQ(ask("PUT", "/v1/attachments/" + sha256("").hex(), "").status / 100, 2);
  EXPECT_EQ(ask("PUT", "/v1/attachments/" + sha256("PK").hex(), "PK").status, 201);
}

TEST_F(Api, AZipBombIsRefusedAndNotStored) {
  const auto file = folder_ / "bomb.zip";
  ASSERT_EQ(std::system(("python3 -c \"import zipfile; z=zipfile.ZipFile('" + file.string() +
                         "','w',zipfile.ZIP_DEFLATED); z.writestr('zeros', bytes(50<<20)); z.close()\"")
                            .c_str()),
            0);
  std::ifstream in(file, std::ios::binary);
  const std::string bomb((std::istreambuf_iterator<char>(in)), {});
  const std::string address = "/v1/attachments/" + sha256(bomb).hex();
  const auto refused = ask("PUT", address, bomb, "application/zip");
  EXPECT_EQ(refused.status, 422);
  EXPECT_EQ(refused.json()["errors"][0]["rule"], "attachment.archive.ratio");
  EXPECT_EQ(ask("HEAD", address).status, 404);
}

TEST_F(Api, AnItemIsFoundByNumberIndexAndReference) {
  const auto receipt = submit(item("公告 1/2")).json();
  const std::string number = receipt["itemId"], index = receipt["indexNo"];
  for (const auto& name : {number, percent_encode(index), percent_encode("GGJ:公告 1/2"), "GGJ:" + percent_encode("公告 1/2")}) {
    const auto shown = ask("GET", "/v1/items/" + name);
    EXPECT_EQ(shown.status, 200) << name;
    EXPECT_EQ(shown.json()["itemId"], number) << name;
  }
  EXPECT_EQ(ask("GET", "/v1/items/999").status, 404);
  EXPECT_THAT(ask("GET", "/v1/items/" + number + "/trace").body, HasSubstr("AUDIT_ACTION_RECEIVED"));
  EXPECT_TRUE(ask("GET", "/v1/items/" + number + "/why").json().contains("lines"));
  const auto waiting = ask("GET", "/v1/deliveries?item=" + number + "&state=pending");
  EXPECT_EQ(waiting.json()["deliveries"].size(), receipt["channels"].size()) << waiting.body;
  EXPECT_EQ(ask("GET", "/v1/deliveries?item=" + number + "&state=nonsense").status, 400);
}

TEST_F(Api, ABundleVerifiesWithoutTheServer) {
  const auto number = submit(item("R-1")).json()["itemId"].get<std::string>();
  const auto bundle = ask("GET", "/v1/items/" + number + "/bundle");
  ASSERT_EQ(bundle.status, 200) << bundle.body;
  EXPECT_THAT(bundle.head, HasSubstr("Content-Disposition: attachment; filename=\"item" + number + ".bundle\""));
  const auto verdict = audit::verify_bundle(bundle.body);
  EXPECT_TRUE(verdict.ok) << verdict.failure;
}

TEST_F(Api, ListsGoPageByPage) {
  for (int i = 0; i < 5; ++i) submit(item("P-" + std::to_string(i)));
  const auto first = ask("GET", "/v1/items?limit=3").json();
  EXPECT_EQ(first["items"].size(), 3U);
  const auto second = ask("GET", "/v1/items?limit=3&after=" + first["next"].get<std::string>()).json();
  EXPECT_EQ(second["items"].size(), 2U);
  EXPECT_EQ(ask("GET", "/v1/items?limit=x").status, 400);
}

TEST_F(Api, AKeyOpensWhatItsScopesSayUntilItIsRevoked) {
  submit(item("R-1"));
  EXPECT_EQ(ask_with("", "GET", "/v1/items").status, 401);
  EXPECT_EQ(ask_with("fabu_wrong", "GET", "/v1/items").status, 401);
  const auto other = new_key("OTHER", {"submit", "read"});
  EXPECT_EQ(ask_with(other, "GET", "/v1/items/1").status, 404);
  EXPECT_EQ(ask_with(other, "POST", "/v1/items", text(item("R-2")), kJson).status, 403);
  EXPECT_EQ(ask_with(other, "GET", "/v1/keys").status, 403);
  EXPECT_EQ(ask_with(other, "POST", "/v1/deliveries:replay", "{}", kJson).status, 403);
  const auto id = other.substr(5, 8);
  EXPECT_THAT(administer("GET", "/v1/keys").body, HasSubstr(id));
  EXPECT_THAT(administer("GET", "/v1/keys").body, Not(HasSubstr(other.substr(14))));
  EXPECT_EQ(administer("DELETE", "/v1/keys/" + id).status, 204);
  EXPECT_EQ(ask_with(other, "GET", "/v1/items").status, 401);
  EXPECT_EQ(administer("DELETE", "/v1/keys/nothere1").status, 404);
}

TEST_F(Api, TheLocalAdministratorWithdrawsAndReplays) {
  const auto number = submit(item("R-1")).json()["itemId"].get<std::string>();
  EXPECT_EQ(administer("POST", "/v1/items/" + number + "/withdrawal", "{}").status, 422);
  const auto withdrawn = administer("POST", "/v1/items/" + number + "/withdrawal", R"({"reason":"项目终止"})");
  EXPECT_EQ(withdrawn.status, 200) << withdrawn.body;
  EXPECT_EQ(administer("POST", "/v1/deliveries:replay", R"({"dryRun":true})").json()["dryRun"], true);
  EXPECT_EQ(administer("GET", "/v1/deliveries/groups").status, 200);
  EXPECT_EQ(administer("GET", "/v1/channels").status, 200);
  EXPECT_EQ(administer("POST", "/v1/channels/website:pause", R"({"reason":"x"})").status, 404);  // no host runs here
}

TEST_F(Api, TheLogIsServedAsTilesWithTheirCaching) {
  const auto checkpoint = ask_with("", "GET", "/log/checkpoint");
  EXPECT_EQ(checkpoint.body, "bytes of checkpoint");
  EXPECT_THAT(checkpoint.head, HasSubstr("text/plain; charset=utf-8"));
  const auto tile = ask_with("", "GET", "/log/tile/0/000.p/1");
  EXPECT_EQ(tile.body, "bytes of tile/0/000.p/1");
  EXPECT_THAT(tile.head, HasSubstr("immutable"));
  EXPECT_EQ(ask_with("", "GET", "/log/tile/0/001").status, 404);
  EXPECT_EQ(ask_with("", "GET", "/log/nothing").status, 404);
}

TEST_F(Api, ReadinessSaysWhatIsNotWell) {
  EXPECT_EQ(ask_with("", "GET", "/readyz").status, 200);
  ready_ = false;
  const auto reply = ask_with("", "GET", "/readyz");
  EXPECT_EQ(reply.status, 503);
  EXPECT_THAT(reply.body, HasSubstr("the store cannot write"));
  EXPECT_EQ(ask_with("", "GET", "/metrics").body, "fabu_up 1\n");
}

TEST_F(Api, ASiteThatIsThereIsServedBesideTheApi) {
  std::filesystem::create_directories(folder_ / "site" / "items" / "5");
  std::ofstream(folder_ / "site" / "items" / "5" / "index.html") << "page five";
  EXPECT_EQ(ask_with("", "GET", "/items/5/").body, "page five");
  EXPECT_EQ(ask_with("", "GET", "/items/5").status, 301);
  EXPECT_EQ(ask_with("", "GET", "/v1/nothing").status, 404);
  EXPECT_EQ(ask_with("", "GET", "/search?q=x").status, 404);
}

TEST_F(ServedBroker, MoreSubmissionsThanTheBoundAreToldToComeAgain) {
  max_in_flight_ = 0;
  serve();
  std::string out;
  ASSERT_TRUE(google::protobuf::util::MessageToJsonString(load::sample_item("GGJ", "R-1"), &out).ok());
  const auto reply = ask("POST", "/v1/items", out, kJson);
  EXPECT_EQ(reply.status, 429);
  EXPECT_THAT(reply.head, HasSubstr("Retry-After: 1"));
  EXPECT_THAT(ask("POST", "/v1/items:batch", out, "application/x-ndjson").body, HasSubstr("\"status\":429"));
}

TEST_F(ServedBroker, HugeBodiesAreRefusedAndTheAnswerArrives) {
  serve();
  EXPECT_EQ(ask("POST", "/v1/items", std::string(100'000'000, 'x'), kJson).status, 413);
  EXPECT_EQ(ask_with("", "GET", "/healthz").status, 200);
}

TEST_F(ServedBroker, SlowClientsAreRefusedAndOthersServed) {
  limits_.head = std::chrono::seconds(1);
  serve();
  std::vector<std::unique_ptr<RawClient>> slow;
  for (int i = 0; i < 50; ++i) {
    slow.push_back(std::make_unique<RawClient>(port()));
    slow.back()->send("GET /healthz HTTP/1.1\r\nHos");
  }
  EXPECT_EQ(ask_with("", "GET", "/healthz").status, 200);
  for (auto& client : slow) EXPECT_EQ(client->answer().status, 408);
}

}  // namespace
}  // namespace fabu::http
