#include "broker/domain/structured_rules.h"

#include <gmock/gmock.h>

#include <cmath>

#include "broker/domain/item_codec.h"
#include "unit/domain/sample_item.h"

namespace fabu::domain {
namespace {

using google::protobuf::Value;
using testing::ElementsAre;
using testing::IsEmpty;

Value& fact(v1::Item& item, const std::string& name) {
  return (*item.mutable_structured()->mutable_fields())[name];
}

// Objects in objects; the item's `structured` is the first level.
void nest(v1::Item& item, int levels) {
  auto* level = item.mutable_structured();
  for (int i = 1; i < levels; ++i) level = (*level->mutable_fields())["a"].mutable_struct_value();
  (*level->mutable_fields())["a"].set_string_value("x");
}

TEST(StructuredRules, TakesFactsOfEveryKind) {
  EXPECT_THAT(faults_after([](v1::Item& item) {
                fact(item, "金额").set_string_value("38652417.63");
                fact(item, "n").set_number_value(1.5);
                fact(item, "b").set_bool_value(false);
                fact(item, "z").set_null_value(google::protobuf::NULL_VALUE);
                fact(item, "l").mutable_list_value()->add_values()->set_string_value("a\nb");
              }),
              IsEmpty());
}

TEST(StructuredRules, RefusesMoreThan64KiB) {
  EXPECT_THAT(faults_after([](v1::Item& item) { fact(item, "a").set_string_value(std::string(65'000, 'a')); }), IsEmpty());
  EXPECT_THAT(faults_after([](v1::Item& item) { fact(item, "a").set_string_value(std::string(66'000, 'a')); }),
              ElementsAre("structured: item.structured.too_large"));
}

TEST(StructuredRules, RefusesNumbersThatJsonCannotCarry) {
  EXPECT_THAT(faults_after([](v1::Item& item) { fact(item, "a").set_number_value(NAN); }),
              ElementsAre("structured.a: item.structured.number"));
  EXPECT_THAT(
      faults_after([](v1::Item& item) { fact(item, "a").mutable_list_value()->add_values()->set_number_value(INFINITY); }),
      ElementsAre("structured.a[0]: item.structured.number"));
}

TEST(StructuredRules, RefusesAValueOfNoKind) {
  EXPECT_THAT(faults_after([](v1::Item& item) { fact(item, "a"); }), ElementsAre("structured.a: item.structured.empty"));
}

TEST(StructuredRules, RefusesControlCharactersInNamesAndTexts) {
  EXPECT_THAT(faults_after([](v1::Item& item) { fact(item, "a").set_string_value("\x01"); }),
              ElementsAre("structured.a: item.structured.characters"));
  EXPECT_THAT(faults_after([](v1::Item& item) { fact(item, "a\nb").set_string_value("x"); }),
              ElementsAre("structured: item.structured.characters"));
}

TEST(StructuredRules, WhatIsNestedAsDeepAsAllowedIsReadBackFromItsBytesAndAsJson) {
  auto item = sample_item();
  nest(item, kMostStructuredDepth);
  ASSERT_THAT(check_item(item, sample_catalogue(), kToday), IsEmpty());
  const auto bytes = decode_protobuf(content_bytes(item));
  ASSERT_TRUE(bytes);
  EXPECT_EQ(content_bytes(*bytes), content_bytes(item));
  const auto json = decode_json(encode_json(item));
  ASSERT_TRUE(json);
  EXPECT_EQ(content_bytes(*json), content_bytes(item));
}

TEST(StructuredRules, RefusesOneLevelMore) {
  const auto found = faults_after([](v1::Item& item) { nest(item, kMostStructuredDepth + 1); });
  ASSERT_EQ(found.size(), 1U);
  EXPECT_THAT(found[0], testing::EndsWith(": item.structured.depth"));
}

}  // namespace
}  // namespace fabu::domain
