#include <gmock/gmock.h>

#include "unit/domain/sample_item.h"

namespace fabu::domain {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(ItemContent, NormalisingMakesDefaultsExplicit) {
  const auto item = normalised(sample_item());
  EXPECT_EQ(item.disclosure(), v1::DISCLOSURE_ACTIVE);
  EXPECT_EQ(item.language(), "zh-CN");
}

TEST(ItemContent, NormalisingMendsLineEndsBracketsAndCaseOfCodes) {
  auto item = sample_item();
  item.mutable_body()->set_text("一\r\n二\r三\n");
  item.set_summary("一\r\n二");
  item.set_doc_no("澄公管规【2026】1号");
  item.mutable_publisher()->set_uscc("11349900mb1k27n4xp");
  item = normalised(item);
  EXPECT_EQ(item.body().text(), "一\n二\n三\n");
  EXPECT_EQ(item.summary(), "一\n二");
  EXPECT_EQ(item.doc_no(), "澄公管规〔2026〕1号");
  EXPECT_EQ(item.publisher().uscc(), "11349900MB1K27N4XP");
}

TEST(ItemContent, NormalisingTwiceChangesNothingMore) {
  auto item = sample_item();
  item.mutable_body()->set_text("\r\r\n\n\r");
  item.set_doc_no("[[］】【");
  const auto once = normalised(item);
  EXPECT_EQ(content_bytes(normalised(once)), content_bytes(once));
  const auto empty = normalised(v1::Item{});
  EXPECT_EQ(content_bytes(normalised(empty)), content_bytes(empty));
}

TEST(ItemContent, EqualFactsGiveEqualBytesInWhateverOrderTheyCame) {
  auto a = sample_item(), b = sample_item();
  for (int i = 0; i < 50; ++i) (*a.mutable_structured()->mutable_fields())[std::to_string(i)].set_number_value(i);
  for (int i = 49; i >= 0; --i) (*b.mutable_structured()->mutable_fields())[std::to_string(i)].set_number_value(i);
  EXPECT_EQ(content_bytes(a), content_bytes(b));
}

TEST(ItemContent, EqualItemsDifferInNothing) {
  EXPECT_THAT(differing_fields(sample_item(), sample_item()), IsEmpty());
}

TEST(ItemContent, NamesTheFieldsThatDiffer) {
  auto a = sample_item(), b = sample_item();
  for (auto* item : {&a, &b}) {
    for (const char* name : {"a.pdf", "b.pdf"}) item->add_attachments()->set_name(name);
  }
  b.set_title("另一个标题");
  b.mutable_attachments(1)->set_sha256(std::string(64, '1'));
  b.mutable_publisher()->set_uscc("1");
  (*b.mutable_structured()->mutable_fields())["x"].set_number_value(1);
  b.add_keywords("词");
  EXPECT_THAT(differing_fields(a, b),
              testing::UnorderedElementsAre("title", "attachments[1].sha256", "publisher.uscc", "structured", "keywords[0]"));
}

}  // namespace
}  // namespace fabu::domain
