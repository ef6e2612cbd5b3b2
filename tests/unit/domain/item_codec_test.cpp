#include "broker/domain/item_codec.h"

#include <gmock/gmock.h>

#include "unit/domain/sample_item.h"
#include "unit/print_result.h"

namespace fabu::domain {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> paths(const Error& error) {
  std::vector<std::string> all;
  for (const auto& problem : error.problems) all.push_back(problem.path() + ": " + problem.rule());
  return all;
}

TEST(ItemCodec, ReadsBackWhatItWrites) {
  auto item = sample_item();
  item.mutable_structured();
  auto* file = item.add_attachments();
  file->set_size(1ULL << 40);
  const auto json = decode_json(encode_json(item));
  ASSERT_TRUE(json) << testing::PrintToString(json);
  EXPECT_EQ(content_bytes(*json), content_bytes(item));
  const auto bytes = decode_protobuf(content_bytes(item));
  ASSERT_TRUE(bytes);
  EXPECT_EQ(content_bytes(*bytes), content_bytes(item));
}

TEST(ItemCodec, RefusesProtobufCutShortAnywhereButBetweenFields) {
  const auto bytes = content_bytes(sample_item());
  std::size_t refused = 0;
  for (std::size_t size = 1; size < bytes.size(); ++size) {
    const auto read = decode_protobuf(std::string_view(bytes).substr(0, size));
    if (read) continue;  // ends between two fields: a smaller item, which check_item judges
    ++refused;
    EXPECT_EQ(read.error().code, ErrorCode::malformed);
    EXPECT_FALSE(read.error().todo.empty());
  }
  EXPECT_GT(refused, bytes.size() * 9 / 10);
}

TEST(ItemCodec, RefusesInvalidUtf8InProtobuf) {
  const std::string bytes("\x2A\x02\xC0\xAF", 4);  // title
  EXPECT_FALSE(decode_protobuf(bytes));
}

TEST(ItemCodec, NamesTheFieldThatProtobufCouldNotRead) {
  const auto said = [](std::string_view bytes) {
    const auto read = decode_protobuf(bytes);
    EXPECT_FALSE(read);
    const auto problem = read.error().problems.at(0);
    EXPECT_FALSE(problem.what_zh().empty());
    return problem.path() + ": " + problem.what();
  };
  EXPECT_EQ(said(std::string_view("\x0a\x03ggj\x2a\x40title", 12)), "title: Its length says 64 bytes, and 5 are left at byte 7.");
  EXPECT_EQ(said(std::string_view("\x0a\x03ggj\x2a\x02\xc3\x28", 9)), "title: The text, from byte 7 on, is not UTF-8.");
  EXPECT_EQ(said(std::string_view("\x0a\x03ggj\x2a", 6)), "title: The bytes end within this field, at byte 6.");
  EXPECT_EQ(said(std::string_view("\x00\x01", 2)), ": The bytes before byte 1 begin no field.");
  EXPECT_EQ(said(std::string_view("\xfb\xff\xff", 3)), ": The bytes end within this field, at byte 3.");
  v1::Item item;
  item.add_attachments()->set_name("a");
  item.add_attachments()->set_name("b");
  auto bytes = item.SerializeAsString();
  bytes.back() = '\xff';
  EXPECT_EQ(said(bytes), "attachments[1].name: The text, from byte " + std::to_string(bytes.size() - 1) + " on, is not UTF-8.");
}

TEST(ItemCodec, NamesUnknownFieldNumbersInProtobuf) {
  auto item = sample_item();
  item.GetReflection()->MutableUnknownFields(&item)->AddVarint(99, 1);
  auto* body = item.mutable_body();
  body->GetReflection()->MutableUnknownFields(body)->AddVarint(7, 1);
  const auto read = decode_protobuf(content_bytes(item));
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, ErrorCode::malformed);
  EXPECT_THAT(paths(read.error()), ElementsAre("#99: item.malformed", "body.#7: item.malformed"));
}

TEST(ItemCodec, FindsUnknownFieldNumbersWithinFacts) {
  auto item = sample_item();
  auto& list = *(*item.mutable_structured()->mutable_fields())["a"].mutable_list_value();
  auto& facts = *list.add_values()->mutable_struct_value();
  auto& value = (*facts.mutable_fields())["b"];
  value.set_bool_value(true);
  for (google::protobuf::Message* part :
       {static_cast<google::protobuf::Message*>(&list), static_cast<google::protobuf::Message*>(&facts),
        static_cast<google::protobuf::Message*>(&value)}) {
    part->GetReflection()->MutableUnknownFields(part)->AddVarint(77, 1);
  }
  const auto read = decode_protobuf(content_bytes(item));
  ASSERT_FALSE(read);
  EXPECT_THAT(paths(read.error()),
              ElementsAre("structured.#77: item.malformed", "structured.#77: item.malformed", "structured.#77: item.malformed"));
}

TEST(ItemCodec, TakesAKnownNumberOfAnotherTypeAsUnknown) {
  const std::string bytes("\x28\x01", 2);  // field 5, title, as a varint
  const auto read = decode_protobuf(bytes);
  ASSERT_FALSE(read);
  EXPECT_THAT(paths(read.error()), ElementsAre("#5: item.malformed"));
}

TEST(ItemCodec, RefusesProtobufNestedWithoutEnd) {
  std::string value;
  for (int i = 0; i < 200; ++i) {
    v1::Item level;
    google::protobuf::Value outer;
    outer.mutable_list_value()->add_values()->ParsePartialFromString(value);
    value = outer.SerializeAsString();
  }
  v1::Item item;
  google::protobuf::Struct facts;
  std::string entry = std::string(
      "\x0A\x01"
      "a\x12");
  entry += static_cast<char>((value.size() & 0x7F) | 0x80);
  entry += static_cast<char>(value.size() >> 7);
  entry += value;
  std::string bytes("\xF2\x01", 2);  // structured, field 30
  std::string inner = "\x0A";
  for (auto* part : {&entry}) {
    inner += static_cast<char>((part->size() & 0x7F) | 0x80);
    inner += static_cast<char>(part->size() >> 7);
    inner += *part;
  }
  bytes += static_cast<char>((inner.size() & 0x7F) | 0x80);
  bytes += static_cast<char>(inner.size() >> 7);
  bytes += inner;
  EXPECT_FALSE(decode_protobuf(bytes));
}

TEST(ItemCodec, RefusesMoreThanAnItemCanHold) {
  const std::string large(kMostItemBytes + 1, ' ');
  EXPECT_EQ(decode_json(large).error().code, ErrorCode::too_large);
  EXPECT_EQ(decode_protobuf(large).error().code, ErrorCode::too_large);
}

TEST(ItemCodec, TakesBothSpellingsOfAKeyAndNumbersOfEnums) {
  const auto item = decode_json(
      R"({"formedDate":"2026-08-18","responsible_section":"科","disclosure":1,"attachments":[{"size":"12"},{"size":13}]})");
  ASSERT_TRUE(item) << testing::PrintToString(item);
  EXPECT_EQ(item->formed_date(), "2026-08-18");
  EXPECT_EQ(item->responsible_section(), "科");
  EXPECT_EQ(item->disclosure(), v1::DISCLOSURE_ACTIVE);
  EXPECT_EQ(item->attachments(0).size(), 12U);
  EXPECT_EQ(item->attachments(1).size(), 13U);
}

TEST(ItemCodec, TakesNullAsNotThere) {
  const auto item = decode_json(R"({"docNo":null,"keywords":null,"notice_period":null,"structured":{"a":null}})");
  ASSERT_TRUE(item) << testing::PrintToString(item);
  EXPECT_FALSE(item->has_notice_period());
  EXPECT_EQ(item->structured().fields().at("a").kind_case(), google::protobuf::Value::kNullValue);
}

TEST(ItemCodec, RefusesNumbersThatDoNotFit) {
  for (const char* text : {R"({"attachments":[{"size":-1}]})", R"({"attachments":[{"size":1.5}]})",
                           R"({"attachments":[{"size":"many"}]})", R"({"correction":{"ofEdition":4294967296}})"}) {
    const auto read = decode_json(text);
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().code, ErrorCode::malformed);
    EXPECT_THAT(read.error().what, HasSubstr("not a JSON item")) << text;
  }
}

TEST(ItemCodec, NamesEveryFaultOfTheJsonAtOnce) {
  const auto read = decode_json(R"({"titel":"x","body":{"format":"MARKDOWN","text":5},"keywords":"a"})");
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, ErrorCode::malformed);
  EXPECT_THAT(paths(read.error()),
              ElementsAre("titel: json.key.unknown", "body.format: json.enum", "body.text: json.type", "keywords: json.type"));
  EXPECT_THAT(read.error().problems[0].todo(), HasSubstr("`title`"));
  EXPECT_THAT(read.error().problems[1].todo(), HasSubstr("BODY_FORMAT_MARKDOWN"));
}

}  // namespace
}  // namespace fabu::domain
