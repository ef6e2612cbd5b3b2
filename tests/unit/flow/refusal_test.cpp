#include "broker/flow/refusal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/flow/mock_store.h"

namespace fabu::flow::refusal {
namespace {

using testing::_;
using testing::NiceMock;
using testing::Return;

Caller department_key(const std::string& department) {
  Caller caller;
  caller.kind = v1::ACTOR_KIND_DEPARTMENT;
  caller.department = department;
  caller.key_id = "k1";
  caller.scopes = static_cast<std::uint8_t>(Scope::submit);
  return caller;
}

v1::Item item_of(const std::string& department) {
  v1::Item item;
  item.set_department(department);
  item.set_reference("R1");
  return item;
}

TEST(Refusal, AKeyMayNotSubmitForAnotherDepartment) {
  const auto error = not_allowed(department_key("a"), item_of("b"), {});
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code, ErrorCode::forbidden);
  EXPECT_EQ(error->problems.at(0).rule(), "item.department.not_yours");
}

TEST(Refusal, AKeyWithoutTheSubmitScopeMayNotSubmit) {
  auto caller = department_key("a");
  caller.scopes = static_cast<std::uint8_t>(Scope::read);
  EXPECT_EQ(not_allowed(caller, item_of("a"), {})->code, ErrorCode::forbidden);
}

TEST(Refusal, ADepartmentThatIsNotConfiguredIsRefusedByName) {
  Installation installation;
  installation.departments.push_back({"b", "乙局", ""});
  const auto error = not_allowed(department_key("a"), item_of("a"), installation);
  ASSERT_TRUE(error);
  EXPECT_EQ(error->problems.at(0).rule(), "item.department.unknown");
}

TEST(Refusal, AMissingAttachmentIsNamedWithTheRequestThatMendsIt) {
  NiceMock<MockStore> store;
  ON_CALL(store, attachment_size(_)).WillByDefault(Return(std::optional<std::uint64_t>{}));
  auto item = item_of("a");
  auto& attachment = *item.add_attachments();
  attachment.set_name("x.pdf");
  attachment.set_sha256(std::string(64, 'a'));
  const auto error = missing_attachments(item, store);
  ASSERT_TRUE(error);
  EXPECT_EQ(error->problems.at(0).path(), "attachments[0].sha256");
  EXPECT_THAT(error->problems.at(0).todo(), testing::HasSubstr("PUT /v1/attachments/aaaa"));
}

TEST(Refusal, AnAttachmentOfAnotherSizeIsRefused) {
  NiceMock<MockStore> store;
  ON_CALL(store, attachment_size(_)).WillByDefault(Return(std::optional<std::uint64_t>{10}));
  auto item = item_of("a");
  auto& attachment = *item.add_attachments();
  attachment.set_sha256(std::string(64, 'a'));
  attachment.set_size(11);
  EXPECT_EQ(missing_attachments(item, store)->problems.at(0).rule(), "item.attachments.size");
}

TEST(Refusal, OtherContentUnderTheSameReferenceIsAConflictThatSaysWhatDiffers) {
  store::Accepted accepted;
  accepted.kind = store::AcceptKind::differs;
  accepted.newest_edition = 1;
  auto before = item_of("a"), now = item_of("a");
  before.set_title("旧");
  now.set_title("新");
  accepted.standing = before.SerializeAsString();
  const auto error = clash(accepted, now.SerializeAsString());
  EXPECT_EQ(error.code, ErrorCode::conflict);
  ASSERT_EQ(error.problems.size(), 1U);
  EXPECT_EQ(error.problems[0].path(), "title");
}

TEST(Refusal, ACorrectionOfAnOlderEditionIsAFailedPrecondition) {
  store::Accepted accepted;
  accepted.kind = store::AcceptKind::wrong_edition;
  accepted.newest_edition = 3;
  const auto error = clash(accepted, {});
  EXPECT_EQ(error.code, ErrorCode::precondition);
  EXPECT_THAT(error.what, testing::HasSubstr("3"));
}

TEST(Refusal, ACorrectionWithAnotherIndexNumberIsToldThatItStays) {
  store::Accepted accepted;
  accepted.kind = store::AcceptKind::index_taken;
  EXPECT_EQ(clash(accepted, {}).problems.at(0).rule(), "item.index_no.taken");
  accepted.newest_edition = 1;
  EXPECT_EQ(clash(accepted, {}).problems.at(0).rule(), "item.index_no.fixed");
}

TEST(Refusal, TheLocalAdministratorSubmitsForAnyDepartmentThatIsConfigured) {
  const Caller local{v1::ACTOR_KIND_LOCAL, {}, {}, 0xFF};
  Installation installation;
  EXPECT_FALSE(not_allowed(local, item_of("a"), installation));
  installation.departments.push_back({"b", "乙局", ""});
  EXPECT_FALSE(not_allowed(local, item_of("b"), installation));
  EXPECT_EQ(not_allowed(local, item_of("a"), installation)->problems.at(0).rule(), "item.department.unknown");
  EXPECT_FALSE(not_allowed(local, item_of(""), installation)) << "a fault of the item, not of the caller";
}

TEST(Refusal, ALongForeignDepartmentIsQuotedInShort) {
  const auto error = not_allowed(department_key("a"), item_of(std::string(1'000'000, 'x')), {});
  ASSERT_TRUE(error);
  EXPECT_LT(error->what.size(), 200U);
}

TEST(Refusal, TheSameContentStandsWhateverCorrectionMadeIt) {
  auto plain = item_of("a"), corrected = item_of("a"), other = item_of("a");
  corrected.mutable_correction()->set_reason("更正");
  other.set_title("另一标题");
  const auto bytes = [](const v1::Item& item) { return item.SerializeAsString(); };
  EXPECT_TRUE(stands_already(bytes(corrected), bytes(plain)));
  EXPECT_FALSE(stands_already(bytes(plain), bytes(corrected))) << "a correction was asked for";
  EXPECT_FALSE(stands_already(bytes(corrected), bytes(other)));
  EXPECT_FALSE(stands_already("\x08", bytes(plain)));
}

}  // namespace
}  // namespace fabu::flow::refusal
