#include "broker/audit/records.h"

#include <gtest/gtest.h>

#include "broker/audit/bounded_text.h"
#include "broker/audit/tree.h"
#include "unit/audit/sample_log.h"

namespace fabu::audit {
namespace {

v1::AuditRecord placed(const Draft& draft) {
  v1::AuditRecord record;
  EXPECT_TRUE(record.ParseFromString(place(draft, 0, from_ms(5), from_ms(0), nullptr, std::string(32, 's')).bytes));
  return record;
}

TEST(Records, TheLeafIsTheHashOfTheStoredBytes) {
  const Digest previous = sha256("previous");
  const auto leaf = place(started("0.1.0"), 7, from_ms(1000), from_ms(0), &previous, {});
  EXPECT_EQ(leaf.hash, leaf_hash(leaf.bytes));
  v1::AuditRecord record;
  ASSERT_TRUE(record.ParseFromString(leaf.bytes));
  EXPECT_EQ(record.seq(), 7U);
  EXPECT_EQ(record.time_ms(), 1000);
  EXPECT_EQ(record.previous(), previous.raw());
  EXPECT_EQ(record.public_().note(), "fabu 0.1.0");
  EXPECT_TRUE(leaf.opening.empty());
}

TEST(Records, TimeNeverGoesBack) {
  v1::AuditRecord record;
  record.ParseFromString(place(started(""), 0, from_ms(1000), from_ms(2000), nullptr, {}).bytes);
  EXPECT_EQ(record.time_ms(), 2000);
}

TEST(Records, InternalDetailIsCommittedAndOpens) {
  const std::string salt(32, '\x5');
  const auto leaf =
      place(refused(department(), "ZJW", "2026-1", {"title: item.title.required"}), 3, from_ms(1), from_ms(0), nullptr, salt);
  EXPECT_EQ(leaf.bytes.find("2026-1"), std::string::npos) << "what was never published stays out of the log";
  EXPECT_EQ(leaf.bytes.find("item.title"), std::string::npos);
  v1::AuditRecord record;
  v1::Opening opening;
  v1::AuditDetail detail;
  ASSERT_TRUE(record.ParseFromString(leaf.bytes));
  ASSERT_TRUE(opening.ParseFromString(leaf.opening));
  ASSERT_TRUE(detail.ParseFromString(opening.detail()));
  EXPECT_EQ(opening.seq(), 3U);
  EXPECT_EQ(sha256(opening.salt() + opening.detail()).raw(), record.commitment());
  EXPECT_EQ(detail.reference(), "2026-1");
  EXPECT_EQ(detail.problems(0), "title: item.title.required");
}

TEST(Records, PublicationIsInTheClearAndInternalActsAreNot) {
  const auto edition = edition_of(1, 1, v1::EDITION_KIND_ORIGINAL);
  const auto delivery = delivery_of(edition, "website");
  const Digest digest = Digest::from_raw(edition.digest()).value();
  for (const auto& draft :
       {received(department(), edition, "ZJW", "1"), planned(edition, {"website"}, {}), withdrawal_ordered(department(), edition),
        delivered(delivery, digest, {}, ""), superseded(delivery, digest), observed(delivery, digest, {}), started("1")}) {
    EXPECT_TRUE(placed(draft).has_public_()) << v1::AuditAction_Name(draft.record.action());
  }
  for (const auto& draft :
       {held(edition), reviewed(department(), edition, true, "r"), reviewed(department(), edition, false, "r"),
        refused(department(), "", "", {}), failed(delivery, digest, {}, 1, false), failed(delivery, digest, {}, 1, true),
        replayed(department(), delivery, digest), key_changed(department(), "k", "ZJW", true),
        key_changed(department(), "k", "ZJW", false), channel_changed("website", true, v1::ACTOR_KIND_CHANNEL, "website", "why"),
        channel_changed("website", false, v1::ACTOR_KIND_OPERATOR, "x", ""), attachment_stored(department(), digest)}) {
    EXPECT_TRUE(placed(draft).has_commitment()) << v1::AuditAction_Name(draft.record.action());
  }
}

TEST(Records, NoTitleBodyOrPersonOfAnItemEntersTheLog) {
  v1::Item item;
  item.set_title("关于某某的公告");
  item.set_responsible_person("张三");
  item.mutable_body()->set_text("正文在此");
  auto edition = edition_of(1, 1, v1::EDITION_KIND_ORIGINAL);
  edition.set_content(item.SerializeAsString());
  const auto bytes = placed(received(department(), edition, "ZJW", "1")).SerializeAsString() +
                     placed(planned(edition, {"w"}, {})).SerializeAsString();
  for (const std::string& word : {item.title(), item.responsible_person(), item.body().text()})
    EXPECT_EQ(bytes.find(word), std::string::npos);
}

TEST(Records, TheWordsOfAnObservationStayOut) {
  v1::Observation observation;
  observation.set_detail("connect 10.0.3.4: refused");
  observation.set_state(v1::OBSERVATION_STATE_GONE);
  const auto record = placed(observed(delivery_of(edition_of(1, 1, v1::EDITION_KIND_ORIGINAL), "website"), {}, observation));
  EXPECT_EQ(record.public_().observation(), v1::OBSERVATION_STATE_GONE);
  EXPECT_EQ(record.SerializeAsString().find("10.0.3.4"), std::string::npos);
}

TEST(Records, TheLargestActFitsAnEntryAndCanBeReadAgain) {
  std::string huge;
  while (huge.size() < 200'000) huge += "超长文字\xFF";
  const std::vector<std::string> many(10'000, huge);
  auto edition = edition_of(1, 1, v1::EDITION_KIND_WITHDRAWAL);
  edition.set_reason(huge);
  edition.set_index_no(huge);
  auto delivery = delivery_of(edition, huge);
  v1::Failure failure;
  failure.set_code(huge);
  failure.set_message(huge);
  v1::Receipt receipt;
  receipt.set_locator(huge);
  v1::Observation observation;
  observation.set_content_digest(huge);
  Caller caller = department();
  caller.department = huge;
  for (const auto& draft :
       {received(caller, edition, huge, huge), planned(edition, many, many), withdrawal_ordered(caller, edition),
        reviewed(caller, edition, true, huge), refused(caller, huge, huge, many), delivered(delivery, {}, receipt, huge),
        failed(delivery, {}, failure, 1, true), observed(delivery, {}, observation), key_changed(caller, huge, huge, true),
        channel_changed(huge, true, v1::ACTOR_KIND_CHANNEL, huge, huge), started(huge)}) {
    const auto leaf = place(draft, 0, from_ms(0), from_ms(0), nullptr, std::string(32, 's'));
    EXPECT_LE(leaf.bytes.size(), kMaxEntry);
    v1::AuditRecord record;
    EXPECT_TRUE(record.ParseFromString(leaf.bytes)) << v1::AuditAction_Name(draft.record.action());
    v1::Opening opening;
    v1::AuditDetail detail;
    EXPECT_TRUE(opening.ParseFromString(leaf.opening) && detail.ParseFromString(opening.detail()));
  }
}

TEST(BoundedText, CutsBetweenCharactersAndRepairsWhatIsNotUtf8) {
  EXPECT_EQ(bounded_text("公告", 6), "公告");
  EXPECT_EQ(bounded_text("公告", 5), "公");
  EXPECT_EQ(bounded_text("公告", 2), "");
  EXPECT_EQ(bounded_text("a\xF0\x9F\x98\x80", 5), "a\xF0\x9F\x98\x80");
  EXPECT_EQ(bounded_text("a\xF0\x9F\x98\x80", 4), "a");
  for (const char* wrong :
       {"\xFF", "\xC0\xAF", "\xE0\x80\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xF0\x80\x80\x80", "\x80", "\xE5\x85"}) {
    const auto repaired = bounded_text(wrong, 100);
    EXPECT_EQ(repaired.substr(0, 3), "\xEF\xBF\xBD");
    EXPECT_EQ(bounded_text(repaired, 100), repaired);
  }
  EXPECT_EQ(bounded_text(std::string_view("a\0b", 3), 100), std::string("a\0b", 3));
}

}  // namespace
}  // namespace fabu::audit
