#include "broker/cli/item_source.h"
#include "temp_folder.h"

#include <fabu/v1/item.pb.h>
#include <google/protobuf/util/delimited_message_util.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

namespace fabu::cli {
namespace {

namespace fs = std::filesystem;

class ItemSourceTest : public testing::Test {
 protected:
  void write(const std::string& name, const std::string& bytes) {
    fs::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name, std::ios::binary) << bytes;
  }
  std::vector<Result<Submission>> read(const std::vector<std::string>& paths, const std::string& input = {}) {
    std::istringstream in(input);
    auto source = ItemSource::open(paths, in);
    EXPECT_TRUE(source);
    std::vector<Result<Submission>> all;
    while (auto one = source->next()) all.push_back(std::move(*one));
    return all;
  }

  TempFolder folder_;
};

TEST_F(ItemSourceTest, ReadsAFolderInOrderAndLeavesAttachmentsAndStrangersOut) {
  write("b.json", R"({"title":"b"})");
  write("a/one.ndjson", "{\"title\":\"1\"}\n\n{\"title\":\"2\"}\n");
  write("attachments/data.json", R"({"title":"not an item"})");
  write("a/attachments/deep.json", "{}");
  write("readme.txt", "hello");
  write(".hidden.json", "{}");
  const auto all = read({folder_.path().string()});
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0]->name, (folder_ / "a/one.ndjson").string() + ":1");
  EXPECT_EQ(all[1]->name, (folder_ / "a/one.ndjson").string() + ":3");
  EXPECT_EQ(all[2]->body, R"({"title":"b"})");
}

TEST_F(ItemSourceTest, AnswersForEveryLineOnItsOwn) {
  const auto all = read({"-"}, "{\"title\":\"1\"}\n{\"title\":}\n{\"title\":\"3\"}\n");
  ASSERT_EQ(all.size(), 3u);
  EXPECT_TRUE(all[0]);
  ASSERT_FALSE(all[1]);
  EXPECT_EQ(all[1].error().where, "-:2");
  EXPECT_EQ(all[1].error().code, ErrorCode::malformed);
  EXPECT_TRUE(all[2]);
}

TEST_F(ItemSourceTest, TellsOneObjectOverManyLinesFromAnObjectALine) {
  EXPECT_EQ(read({"-"}, "{\n \"title\": \"x\"\n}\n").size(), 1u);
  EXPECT_EQ(read({"-"}, "{\"title\": \"x\"}\n").size(), 1u);
  EXPECT_EQ(read({"-"}, "[{\"title\": \"x\"},\n{\"title\": \"y\"}]").size(), 2u);
}

TEST_F(ItemSourceTest, ReadsProtobufAloneAndDelimited) {
  v1::Item item;
  item.set_department("GGJ");
  item.set_reference("R-1");
  item.set_title("标题");
  write("one.pb", item.SerializeAsString());
  std::ostringstream many;
  google::protobuf::util::SerializeDelimitedToOstream(item, &many);
  item.set_reference("R-2");
  google::protobuf::util::SerializeDelimitedToOstream(item, &many);
  write("two.binpb", many.str());
  const auto all = read({folder_.path().string()});
  ASSERT_EQ(all.size(), 3u);
  for (const auto& one : all) {
    ASSERT_TRUE(one) << one.error().what;
    EXPECT_EQ(one->content_type, "application/x-protobuf");
  }
  EXPECT_EQ(read({"-"}, item.SerializeAsString()).at(0)->content_type, "application/x-protobuf");
}

TEST_F(ItemSourceTest, SaysWhenBytesAreNoItem) {
  write("cut.pb", std::string("\x0a\x40short", 7));
  const auto all = read({folder_.path().string()});
  ASSERT_EQ(all.size(), 1u);
  EXPECT_FALSE(all[0]);
}

TEST_F(ItemSourceTest, FillsDigestAndSizeFromTheFileBeside) {
  write("attachments/a.pdf", "abc");
  write("b.txt", "hello");
  write("item.json", R"({"title":"x","attachments":[{"name":"a.pdf"},{"name":"b.txt","size":"5"},{"name":"elsewhere.doc"}]})");
  const auto all = read({folder_.path().string()});
  ASSERT_EQ(all.size(), 1u);
  ASSERT_TRUE(all[0]);
  const auto item = nlohmann::json::parse(all[0]->body);
  EXPECT_EQ(item["attachments"][0]["sha256"], sha256("abc").hex());
  EXPECT_EQ(item["attachments"][0]["size"], "3");
  EXPECT_EQ(item["attachments"][1]["sha256"], sha256("hello").hex());
  EXPECT_FALSE(item["attachments"][2].contains("sha256"));
  EXPECT_EQ(all[0]->files.size(), 2u);
}

TEST_F(ItemSourceTest, RefusesADigestThatContradictsTheFile) {
  write("a.pdf", "abc");
  write("item.json", R"({"attachments":[{"name":"a.pdf","sha256":")" + sha256("other").hex() + R"("}]})");
  const auto all = read({(folder_ / "item.json").string()});
  ASSERT_EQ(all.size(), 1u);
  ASSERT_FALSE(all[0]);
  EXPECT_NE(all[0].error().where.find("attachments[0].sha256"), std::string::npos);
}

TEST_F(ItemSourceTest, NeverLeavesTheFolderForAnAttachment) {
  write("secret", "abc");
  write("items/item.json", R"({"attachments":[{"name":"../secret"}]})");
  const auto all = read({(folder_ / "items").string()});
  ASSERT_TRUE(all.at(0));
  EXPECT_TRUE(all[0]->files.empty());
}

TEST_F(ItemSourceTest, SendsAnItemAsWrittenWhenNothingIsFilledIn) {
  const std::string text = "{ \"title\" : \"x\",   \"unknown_field\": 1 }";
  write("item.json", text);
  EXPECT_EQ(read({folder_.path().string()}).at(0)->body, text);
}

TEST_F(ItemSourceTest, FailsOnAPathThatIsNotThere) {
  std::istringstream in;
  const auto source = ItemSource::open({(folder_ / "none").string()}, in);
  ASSERT_FALSE(source);
  EXPECT_EQ(source.error().code, ErrorCode::io);
}

}  // namespace
}  // namespace fabu::cli
