// intake_test.cpp compares rehearsals with the submissions that follow them; here is what the store must not fail to be asked.
#include "broker/flow/rehearsal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/flow/mock_store.h"

namespace fabu::flow {
namespace {

using testing::_;
using testing::NiceMock;
using testing::Return;

store::Accept submission() {
  store::Accept accept;
  accept.department = "a";
  accept.reference = "R1";
  accept.index_no = "11349900MB1K27N4XP/202608-00011";
  accept.received = from_ms(1'787'191'200'000);
  accept.channels = {"website"};
  return accept;
}

TEST(Rehearsal, ForeseesThatTheIndexNumberIsTaken) {
  NiceMock<MockStore> store;
  ON_CALL(store, find_item(_, _)).WillByDefault(Return(std::optional<std::uint64_t>{}));
  ON_CALL(store, find_index(_)).WillByDefault(Return(std::optional<std::uint64_t>{9}));
  const auto answer = rehearse(submission(), store);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().problems.at(0).rule(), "item.index_no.taken");
}

TEST(Rehearsal, ARepeatAnswersWithTheTimeOfTheEditionThatStands) {
  NiceMock<MockStore> store;
  auto accept = submission();
  v1::ItemView view;
  view.set_index_no("a/202607-00001");
  auto& edition = *view.add_editions()->mutable_edition();
  edition.set_number(1);
  edition.set_digest(accept.digest.raw());
  edition.set_received_ms(77);
  ON_CALL(store, find_item(_, _)).WillByDefault(Return(std::optional<std::uint64_t>{9}));
  ON_CALL(store, item(9)).WillByDefault(Return(view));
  const auto answer = rehearse(accept, store);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->accepted_ms(), 77);
  EXPECT_EQ(answer->index_no(), "a/202607-00001");
}

TEST(Rehearsal, AFailureToReadIsAnsweredAsOne) {
  NiceMock<MockStore> store;
  const Error failed{ErrorCode::io, "store", "no disk", "", {}};
  ON_CALL(store, find_item(_, _)).WillByDefault(Return(Result<std::optional<std::uint64_t>>(failed)));
  EXPECT_EQ(rehearse(submission(), store).error().code, ErrorCode::io);
  ON_CALL(store, find_item(_, _)).WillByDefault(Return(std::optional<std::uint64_t>{}));
  ON_CALL(store, find_index(_)).WillByDefault(Return(Result<std::optional<std::uint64_t>>(failed)));
  EXPECT_EQ(rehearse(submission(), store).error().code, ErrorCode::io);
}

}  // namespace
}  // namespace fabu::flow
