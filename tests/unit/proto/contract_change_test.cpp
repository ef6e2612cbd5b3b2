#include "contract_change.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>

namespace fabu::contract {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const std::string kContract = R"(
file {
  name: "t.proto" package: "t" syntax: "proto3"
  message_type {
    name: "M"
    field { name: "title" json_name: "title" number: 1 type: TYPE_STRING label: LABEL_OPTIONAL }
    field { name: "parts" json_name: "parts" number: 2 type: TYPE_MESSAGE type_name: ".t.M.Part" label: LABEL_REPEATED }
    field { name: "a" json_name: "a" number: 3 type: TYPE_UINT64 label: LABEL_OPTIONAL oneof_index: 0 }
    field { name: "kind" json_name: "kind" number: 4 type: TYPE_ENUM type_name: ".t.Kind" label: LABEL_OPTIONAL }
    oneof_decl { name: "choice" }
    nested_type { name: "Part" field { name: "size" json_name: "size" number: 1 type: TYPE_INT32 label: LABEL_OPTIONAL } }
    reserved_range { start: 7 end: 9 }
    reserved_name: "old"
  }
  enum_type {
    name: "Kind"
    value { name: "KIND_UNSPECIFIED" number: 0 }
    value { name: "KIND_ONE" number: 1 }
    reserved_range { start: 5 end: 6 }
    reserved_name: "KIND_OLD"
  }
})";

google::protobuf::FileDescriptorSet contract(const std::string& text) {
  google::protobuf::FileDescriptorSet set;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &set)) << text;
  return set;
}

std::vector<std::string> after(const std::string& from, const std::string& to) {
  std::string text = kContract;
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  text.replace(at, from.size(), to);
  return incompatible_changes(contract(kContract), contract(text));
}

const std::string kTitle = R"(field { name: "title" json_name: "title" number: 1 type: TYPE_STRING label: LABEL_OPTIONAL })";
const std::string kValue = R"(value { name: "KIND_ONE" number: 1 })";

TEST(ContractChange, NoChangeIsNone) {
  EXPECT_THAT(after("", ""), IsEmpty());
}

TEST(ContractChange, AdditionsAreNone) {
  EXPECT_THAT(
      after(kTitle, kTitle + R"(field { name: "new" json_name: "new" number: 9 type: TYPE_STRING label: LABEL_OPTIONAL })"),
      IsEmpty());
  EXPECT_THAT(after(kValue, kValue + R"(value { name: "KIND_TWO" number: 2 })"), IsEmpty());
  EXPECT_THAT(after("enum_type {", "message_type { name: \"New\" } enum_type {"), IsEmpty());
  EXPECT_THAT(after("file {", "file { name: \"u.proto\" } file {"), IsEmpty());
}

TEST(ContractChange, FindsAFieldsNewNumber) {
  EXPECT_THAT(after("number: 1 type: TYPE_STRING", "number: 9 type: TYPE_STRING"),
              ElementsAre("t.M.title: number was 1 and is 9"));
}

TEST(ContractChange, FindsAFieldsNewType) {
  EXPECT_THAT(after("TYPE_STRING", "TYPE_BYTES"), ElementsAre("t.M.title: type was TYPE_STRING and is TYPE_BYTES"));
  EXPECT_THAT(after("type_name: \".t.Kind\"", "type_name: \".t.Other\""),
              ElementsAre("t.M.kind: type was .t.Kind and is .t.Other"));
  EXPECT_THAT(after("TYPE_INT32", "TYPE_SINT32"), ElementsAre("t.M.Part.size: type was TYPE_INT32 and is TYPE_SINT32"));
}

TEST(ContractChange, FindsAFieldsNewLabel) {
  EXPECT_THAT(after("LABEL_REPEATED", "LABEL_OPTIONAL"),
              ElementsAre("t.M.parts: label was LABEL_REPEATED and is LABEL_OPTIONAL"));
}

TEST(ContractChange, FindsAFieldsNewName) {
  EXPECT_THAT(after("name: \"title\" json_name", "name: \"heading\" json_name"),
              ElementsAre("t.M.title: name was title and is heading"));
  EXPECT_THAT(after("json_name: \"title\"", "json_name: \"Title\""), ElementsAre("t.M.title: JSON name was title and is Title"));
}

TEST(ContractChange, FindsAFieldThatLeftOrJoinedAOneof) {
  EXPECT_THAT(after(" oneof_index: 0", ""), ElementsAre("t.M.a: place was in oneof choice and is in no oneof"));
  EXPECT_THAT(after("type: TYPE_STRING", "oneof_index: 0 type: TYPE_STRING"),
              ElementsAre("t.M.title: place was in no oneof and is in oneof choice"));
}

TEST(ContractChange, FindsAFieldThatIsGoneWithoutItsNumberAndNameReserved) {
  EXPECT_THAT(after(kTitle, ""), ElementsAre("t.M.title: is gone, and its number 1 is not reserved",
                                             "t.M.title: is gone, and its name is not reserved"));
  EXPECT_THAT(after(kTitle, "reserved_range { start: 1 end: 2 }"),
              ElementsAre("t.M.title: is gone, and its name is not reserved"));
  EXPECT_THAT(after(kTitle, "reserved_name: \"title\""), ElementsAre("t.M.title: is gone, and its number 1 is not reserved"));
  EXPECT_THAT(after(kTitle, "reserved_range { start: 1 end: 2 } reserved_name: \"title\""), IsEmpty());
}

TEST(ContractChange, FindsAnEnumValueThatChanged) {
  EXPECT_THAT(after("name: \"KIND_ONE\" number: 1", "name: \"KIND_ONE\" number: 2"),
              ElementsAre("t.Kind.KIND_ONE: number was 1 and is 2"));
  EXPECT_THAT(after("KIND_ONE", "KIND_FIRST"), ElementsAre("t.Kind.KIND_ONE: name was KIND_ONE and is KIND_FIRST"));
}

TEST(ContractChange, FindsAnEnumValueThatIsGoneWithoutBeingReserved) {
  EXPECT_THAT(after(kValue, ""), ElementsAre("t.Kind.KIND_ONE: is gone, and its number 1 is not reserved",
                                             "t.Kind.KIND_ONE: is gone, and its name is not reserved"));
  EXPECT_THAT(after(kValue, "reserved_range { start: 1 end: 1 } reserved_name: \"KIND_ONE\""), IsEmpty());
}

TEST(ContractChange, FindsWhatIsNoLongerReserved) {
  EXPECT_THAT(after("reserved_range { start: 7 end: 9 }", "reserved_range { start: 7 end: 8 }"),
              ElementsAre("t.M: number 7 is no longer reserved"));
  EXPECT_THAT(after("reserved_name: \"old\"", ""), ElementsAre("t.M: name old is no longer reserved"));
  EXPECT_THAT(after("start: 5 end: 6", "start: 5 end: 5"), ElementsAre("t.Kind: number 5 is no longer reserved"));
  EXPECT_THAT(after("reserved_name: \"KIND_OLD\"", ""), ElementsAre("t.Kind: name KIND_OLD is no longer reserved"));
}

TEST(ContractChange, FindsTypesAndFilesThatAreGone) {
  EXPECT_THAT(after("name: \"M\"", "name: \"N\""), ElementsAre("t.M: is gone"));
  EXPECT_THAT(after("nested_type { name: \"Part\"", "nested_type { name: \"Piece\""), ElementsAre("t.M.Part: is gone"));
  EXPECT_THAT(after("name: \"Kind\"", "name: \"Sort\""), ElementsAre("t.Kind: is gone"));
  EXPECT_THAT(after("name: \"t.proto\"", "name: \"v.proto\""), ElementsAre("t.proto: is gone"));
}

TEST(ContractChange, FindsANewPackageOrSyntax) {
  EXPECT_THAT(after("package: \"t\"", "package: \"u\""), ElementsAre("t.proto: package was t and is u"));
  EXPECT_THAT(after("proto3", "proto2"), ElementsAre("t.proto: syntax was proto3 and is proto2"));
}

}  // namespace
}  // namespace fabu::contract
