#include "broker/flow/operate.h"

#include <gmock/gmock.h>

#include "unit/flow/mock_store.h"
#include "unit/flow/on_sqlite.h"

namespace fabu::flow {
namespace {

using testing::_;
using testing::ElementsAre;
using testing::IsEmpty;

class FakeControl final : public ChannelControl {
 public:
  v1::ChannelView view() const override {
    v1::ChannelView shown;
    shown.set_state(reason.empty() ? "running" : "paused");
    shown.set_reason(reason);
    return shown;
  }
  void pause(std::string why) override { reason = std::move(why); }
  void resume() override { reason.clear(); }
  std::string reason;
};

std::string chinese(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += "字";
  return text;
}

class OperateTest : public OnSqlite {
 protected:
  OperateTest() { board.add("website", website); }

  Result<v1::SubmissionReceipt> withdraw(const Caller& caller, std::uint64_t item, const std::string& reason,
                                         std::uint32_t of_edition = 0) {
    v1::WithdrawRequest request;
    request.set_reason(reason);
    request.set_of_edition(of_edition);
    return run(operate.withdraw(caller, item, request));
  }
  Result<v1::SubmissionReceipt> review(std::uint64_t item, int decision, const std::string& digest,
                                       const std::string& remarks = {}) {
    v1::ReviewRequest request;
    request.set_decision(static_cast<v1::Decision>(decision));
    request.set_edition_digest(digest);
    request.set_remarks(remarks);
    return run(operate.review(key_of("BGS", Scope::review), item, request));
  }
  Result<v1::ReplayAnswer> replay(v1::ReplayRequest request, bool dry_run = false) {
    request.set_dry_run(dry_run);
    return run(operate.replay(key_of("XXZX", Scope::operate), request));
  }
  Result<v1::KeyAnswer> create_key(const std::string& department, const std::vector<std::string>& scopes = {},
                                   const std::string& name = {}) {
    v1::KeyRequest request;
    request.set_department(department);
    for (const auto& scope : scopes) request.add_scopes(scope);
    request.set_name(name);
    return run(operate.create_key(local_administrator(), request));
  }
  v1::DeliveryState state_of(const std::string& id) { return store->delivery(id)->state(); }

  ChannelBoard board;
  std::shared_ptr<FakeControl> website = std::make_shared<FakeControl>();
  int keys = 0;
  Operate operate{*store, flow_catalogue(), installation, board, clock, dispatch, [this] {
                    Operate::FreshKey fresh;
                    fresh.record.id = "key" + std::to_string(++keys);
                    fresh.text = "fabu_secret" + std::to_string(keys);
                    return fresh;
                  }};
};

// --- withdrawal -------------------------------------------------------------------------------------------------------

TEST_F(OperateTest, AWithdrawalGoesToEveryChannelThatMayHaveTheItem) {
  accepted(item_of("R-1"));
  deliver("1-1-website");
  const auto receipt = withdraw(key_of("GGJ"), 1, "项目终止");
  ASSERT_TRUE(receipt) << receipt.error().what;
  EXPECT_EQ(receipt->edition(), 2U);
  EXPECT_EQ(receipt->state(), v1::EDITION_STATE_PUBLISHING);
  EXPECT_EQ(receipt->department(), "GGJ");
  EXPECT_EQ(receipt->reference(), "R-1");
  EXPECT_EQ(receipt->channels_size(), 2);
  EXPECT_EQ(store->delivery("1-2-website")->action(), v1::ACTION_WITHDRAW);
  EXPECT_EQ(state_of("1-1-board"), v1::DELIVERY_STATE_SUPERSEDED);
  EXPECT_TRUE(transport.recalled.contains("1-1-board"));
}

TEST_F(OperateTest, AWithdrawalOfWhatWasNeverPublishedIsDoneAtOnce) {
  accepted(item_of("R-1", "T-REVIEW"));
  const auto receipt = withdraw(key_of("GGJ"), 1, "项目终止");
  ASSERT_TRUE(receipt);
  EXPECT_EQ(receipt->state(), v1::EDITION_STATE_WITHDRAWN);
  EXPECT_EQ(store->item(1)->state(), receipt->state());
  EXPECT_EQ(receipt->channels_size(), 0);
}

TEST_F(OperateTest, ADepartmentWithdrawsOnlyItsOwnAndOthersLookLikeNothing) {
  accepted(item_of("R-1"));
  const auto other = withdraw(key_of("CZJ"), 1, "项目终止"), nothing = withdraw(key_of("CZJ"), 99, "项目终止");
  ASSERT_FALSE(other);
  ASSERT_FALSE(nothing);
  EXPECT_EQ(other.error().code, ErrorCode::not_found);
  EXPECT_EQ(other.error().what, nothing.error().what);
  EXPECT_EQ(other.error().todo, nothing.error().todo);
  EXPECT_EQ(withdraw(key_of("GGJ", Scope::read), 1, "项目终止").error().code, ErrorCode::forbidden);
  EXPECT_TRUE(withdraw(key_of("XXZX", Scope::operate), 1, "项目终止"));
}

TEST_F(OperateTest, TheReasonOfAWithdrawalIsForThePublic) {
  accepted(item_of("R-1"));
  for (const auto& wrong : {std::string(), std::string(" 　\n"), chinese(1001), std::string(1001, 'x'), std::string("a\x07"),
                            std::string("\u202Eabc")}) {
    const auto answer = withdraw(key_of("GGJ"), 1, wrong);
    ASSERT_FALSE(answer) << wrong;
    EXPECT_EQ(answer.error().code, ErrorCode::invalid);
    EXPECT_EQ(answer.error().where, "reason");
  }
  EXPECT_TRUE(withdraw(key_of("GGJ"), 1, chinese(1000)));
}

TEST_F(OperateTest, AnItemIsWithdrawnOnceAndAsItWasSeen) {
  accepted(item_of("R-1"));
  accepted(correction_of(item_of("R-1"), "二"));
  EXPECT_EQ(withdraw(key_of("GGJ"), 1, "项目终止", 1).error().code, ErrorCode::precondition);
  const auto first = withdraw(key_of("GGJ"), 1, "项目终止", 2);
  ASSERT_TRUE(first);
  EXPECT_EQ(records().at(first->log_index()).action(), v1::AUDIT_ACTION_WITHDRAWN);
  const auto again = withdraw(key_of("GGJ"), 1, "项目终止", 2);
  ASSERT_TRUE(again) << "the answer was lost on the way";
  EXPECT_EQ(again->SerializeAsString(), first->SerializeAsString());
  EXPECT_EQ(withdraw(key_of("GGJ"), 1, "另一个理由").error().code, ErrorCode::conflict);
}

// --- review -----------------------------------------------------------------------------------------------------------

TEST_F(OperateTest, AnApprovedItemGoesToItsChannels) {
  dispatch.start();
  settle();
  const auto held = accepted(item_of("R-1", "T-REVIEW"));
  const auto receipt = review(1, v1::DECISION_APPROVE, held.edition_digest(), "同意");
  ASSERT_TRUE(receipt) << receipt.error().what;
  EXPECT_EQ(receipt->state(), v1::EDITION_STATE_PUBLISHING);
  EXPECT_THAT(receipt->channels(), ElementsAre("website", "board"));
  EXPECT_EQ(receipt->reference(), "R-1");
  EXPECT_TRUE(runs_until(io, [this] { return transport.count() == 2; }));
  EXPECT_EQ(review(1, v1::DECISION_APPROVE, held.edition_digest()).error().code, ErrorCode::conflict);
}

TEST_F(OperateTest, ARejectedItemGoesNowhere) {
  const auto held = accepted(item_of("R-1", "T-REVIEW"));
  const auto receipt = review(1, v1::DECISION_REJECT, held.edition_digest(), "缺附件");
  ASSERT_TRUE(receipt);
  EXPECT_EQ(receipt->state(), v1::EDITION_STATE_REJECTED);
  EXPECT_EQ(receipt->channels_size(), 0);
  EXPECT_EQ(store->item(1)->deliveries_size(), 0);
}

TEST_F(OperateTest, AnApprovalIsOfTheVeryBytesThatWereSeen) {
  const auto first = accepted(item_of("R-1", "T-REVIEW"));
  const auto second = accepted(correction_of(item_of("R-1", "T-REVIEW"), "二"));
  EXPECT_EQ(review(1, v1::DECISION_APPROVE, first.edition_digest()).error().code, ErrorCode::precondition);
  EXPECT_EQ(review(1, v1::DECISION_APPROVE, "xyz").error().where, "edition_digest");
  EXPECT_TRUE(review(1, v1::DECISION_APPROVE, second.edition_digest()));
}

TEST_F(OperateTest, ADecisionThatIsNotKnownIsNoRejection) {
  const auto held = accepted(item_of("R-1", "T-REVIEW"));
  for (const int wrong : {0, 7}) EXPECT_EQ(review(1, wrong, held.edition_digest()).error().where, "decision");
  EXPECT_EQ(store->item(1)->state(), v1::EDITION_STATE_HELD);
}

TEST_F(OperateTest, RemarksAreBoundedInCharacters) {
  const auto held = accepted(item_of("R-1", "T-REVIEW"));
  EXPECT_EQ(review(1, v1::DECISION_APPROVE, held.edition_digest(), std::string(2001, 'x')).error().where, "remarks");
  EXPECT_TRUE(review(1, v1::DECISION_APPROVE, held.edition_digest(), chinese(2000)));
}

TEST_F(OperateTest, AnApprovalWithNoChannelSetUpHereSaysThatItIsOnlyApproved) {
  const auto held = accepted(item_of("R-1", "T-REVIEW-ELSEWHERE"));
  const auto receipt = review(1, v1::DECISION_APPROVE, held.edition_digest());
  ASSERT_TRUE(receipt);
  EXPECT_EQ(receipt->state(), v1::EDITION_STATE_APPROVED);
  EXPECT_EQ(store->item(1)->state(), receipt->state());
}

TEST_F(OperateTest, WhatTheCatalogueNoLongerHasCanBeRejectedButNotApproved) {
  const auto held = accepted(item_of("R-1", "T-REVIEW"));
  const domain::Catalogue empty;
  Operate later(*store, empty, installation, board, clock, dispatch, [] { return Operate::FreshKey{}; });
  v1::ReviewRequest request;
  request.set_edition_digest(held.edition_digest());
  request.set_decision(v1::DECISION_APPROVE);
  const auto answer = run(later.review(key_of("BGS", Scope::review), 1, request));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::conflict);
  EXPECT_THAT(answer.error().what, testing::HasSubstr("T-REVIEW"));
  EXPECT_EQ(store->item(1)->state(), v1::EDITION_STATE_HELD);
  request.set_decision(v1::DECISION_REJECT);
  EXPECT_TRUE(run(later.review(key_of("BGS", Scope::review), 1, request)));
}

TEST_F(OperateTest, AnApprovedCorrectionTakesBackTheOlderEditionThatStillWaits) {
  const auto first = accepted(item_of("R-1", "T-REVIEW"));
  ASSERT_TRUE(review(1, v1::DECISION_APPROVE, first.edition_digest()));
  ASSERT_TRUE(deliver("1-1-website"));
  const auto second = accepted(correction_of(item_of("R-1", "T-REVIEW"), "二"));
  EXPECT_THAT(transport.recalled, IsEmpty());
  ASSERT_TRUE(review(1, v1::DECISION_APPROVE, second.edition_digest()));
  EXPECT_EQ(state_of("1-1-board"), v1::DELIVERY_STATE_SUPERSEDED);
  EXPECT_THAT(transport.recalled, ElementsAre("1-1-board"));
}

TEST_F(OperateTest, OnlyAReviewerReviews) {
  const auto held = accepted(item_of("R-1", "T-REVIEW"));
  v1::ReviewRequest request;
  request.set_edition_digest(held.edition_digest());
  request.set_decision(v1::DECISION_APPROVE);
  EXPECT_EQ(run(operate.review(key_of("GGJ"), 1, request)).error().code, ErrorCode::forbidden);
  EXPECT_EQ(review(99, v1::DECISION_APPROVE, held.edition_digest()).error().code, ErrorCode::not_found);
}

// --- replay -----------------------------------------------------------------------------------------------------------

TEST_F(OperateTest, AReplayDoesExactlyWhatItsCountSaid) {
  for (const char* reference : {"R-1", "R-2", "R-3"}) accepted(item_of(reference));
  fail("1-1-website", v1::DELIVERY_STATE_DEAD, "http.400");
  fail("2-1-website", v1::DELIVERY_STATE_DEAD, "http.413");
  fail("3-1-board", v1::DELIVERY_STATE_DEAD, "ipp.gone");
  fail("3-1-website", v1::DELIVERY_STATE_RETRYING, "http.400");
  v1::ReplayRequest by_channel, by_code, by_id;
  by_channel.set_channel("website");
  by_code.set_code("ipp.gone");
  by_id.set_delivery_id("1-1-website");
  const auto log = log_size();
  EXPECT_EQ(replay({}, true)->matched(), 3U);
  EXPECT_EQ(replay(by_channel, true)->matched(), 2U);
  EXPECT_EQ(replay(by_code, true)->matched(), 1U);
  EXPECT_EQ(replay(by_id, true)->replayed(), 0U);
  EXPECT_EQ(log_size(), log) << "a dry run leaves nothing";
  const auto answer = replay(by_channel);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->matched(), 2U);
  EXPECT_EQ(answer->replayed(), 2U);
  EXPECT_FALSE(answer->dry_run());
  EXPECT_EQ(log_size(), log + 2);
  EXPECT_EQ(state_of("1-1-website"), v1::DELIVERY_STATE_PENDING);
  EXPECT_EQ(store->delivery("1-1-website")->attempts(), 0U);
  EXPECT_EQ(state_of("3-1-board"), v1::DELIVERY_STATE_DEAD);
  EXPECT_EQ(replay(by_channel)->matched(), 0U);
}

TEST_F(OperateTest, WhatIsReplayedIsOfferedAgainAndLooksFirst) {
  accepted(item_of("R-1"));
  settle();
  deliver("1-1-board");
  fail("1-1-website", v1::DELIVERY_STATE_DEAD);
  dispatch.start();
  settle();
  EXPECT_THAT(transport.taken, IsEmpty());
  ASSERT_TRUE(replay({}));
  ASSERT_TRUE(runs_until(io, [this] { return transport.count() == 1; }));
  EXPECT_TRUE(transport.taken[0].look_first());
}

TEST_F(OperateTest, OnlyAnOperatorReplays) {
  EXPECT_EQ(run(operate.replay(key_of("GGJ"), v1::ReplayRequest{})).error().code, ErrorCode::forbidden);
}

// --- channels ---------------------------------------------------------------------------------------------------------

TEST_F(OperateTest, AChannelIsPausedAndResumedOnTheRecord) {
  const auto operator_key = key_of("XXZX", Scope::operate);
  const auto paused = run(operate.pause(operator_key, "website", "检修"));
  ASSERT_TRUE(paused);
  EXPECT_EQ(paused->state(), "paused");
  EXPECT_EQ(website->reason, "检修");
  ASSERT_TRUE(run(operate.resume(operator_key, "website")));
  EXPECT_EQ(website->reason, "");
  const auto all = records();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].action(), v1::AUDIT_ACTION_CHANNEL_PAUSED);
  EXPECT_EQ(all[0].actor(), "XXZX/k1");
  EXPECT_EQ(all[0].actor_kind(), v1::ACTOR_KIND_OPERATOR);
  EXPECT_EQ(all[0].channel(), "website");
  EXPECT_TRUE(all[0].has_commitment());
  EXPECT_EQ(all[1].action(), v1::AUDIT_ACTION_CHANNEL_RESUMED);
}

TEST_F(OperateTest, AChannelThatDoesNotRunHereCannotBePaused) {
  EXPECT_EQ(run(operate.pause(key_of("XXZX", Scope::operate), "wechat", "x")).error().code, ErrorCode::not_found);
  EXPECT_EQ(run(operate.resume(key_of("XXZX", Scope::operate), "wechat")).error().code, ErrorCode::not_found);
  EXPECT_EQ(run(operate.pause(key_of("GGJ"), "website", "x")).error().code, ErrorCode::forbidden);
  EXPECT_EQ(log_size(), 0U);
}

TEST_F(OperateTest, APauseThatCannotBeRecordedDoesNotHappen) {
  testing::NiceMock<MockStore> broken;
  EXPECT_CALL(broken, switch_channel(_, _)).WillOnce([](const store::SwitchChannel&, const store::Done<std::uint64_t>& done) {
    done(Error{ErrorCode::unavailable, "store", "disk full", "", {}});
  });
  Operate on_broken(broken, flow_catalogue(), installation, board, clock, dispatch, [] { return Operate::FreshKey{}; });
  EXPECT_EQ(run(on_broken.pause(local_administrator(), "website", "x")).error().code, ErrorCode::unavailable);
  EXPECT_EQ(website->reason, "");
}

TEST_F(OperateTest, WhatAChannelDoesByItselfIsRecordedAsItsOwn) {
  run([](Operate& by) -> boost::asio::awaitable<bool> {
    co_await by.note_channel("website", true, "open: http.503");
    co_return true;
  }(operate));
  const auto all = records();
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].action(), v1::AUDIT_ACTION_CHANNEL_PAUSED);
  EXPECT_EQ(all[0].actor_kind(), v1::ACTOR_KIND_CHANNEL);
  EXPECT_EQ(all[0].actor(), "website");
}

// --- keys -------------------------------------------------------------------------------------------------------------

TEST_F(OperateTest, AKeyIsShownOnceAndHasTheScopesThatWereAskedFor) {
  const auto plain = create_key("GGJ");
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->key(), "fabu_secret1");
  EXPECT_THAT(plain->scopes(), ElementsAre("submit", "read"));
  EXPECT_THAT(create_key("GGJ", {"audit", "operate", "audit"})->scopes(), ElementsAre("operate", "audit"));
  EXPECT_EQ((*store->key("key1"))->created_ms, to_ms(clock.now()));
}

TEST_F(OperateTest, AKeyThatCannotBeIsRefusedByField) {
  installation.departments = {{"GGJ", "公管局", ""}};
  EXPECT_EQ(create_key("").error().where, "department");
  EXPECT_EQ(create_key("公管局").error().where, "department");
  EXPECT_EQ(create_key("CZJ").error().where, "department");
  EXPECT_EQ(create_key("GGJ", {"write"}).error().where, "scopes");
  EXPECT_EQ(create_key("GGJ", {}, chinese(101)).error().where, "name");
  EXPECT_EQ(log_size(), 0U);
  ASSERT_TRUE(create_key("GGJ", {}, chinese(100)));
  EXPECT_EQ(store->keys()->at(0).name, chinese(100));
  EXPECT_EQ(run(operate.create_key(key_of("GGJ"), v1::KeyRequest{})).error().code, ErrorCode::forbidden);
}

TEST_F(OperateTest, ARevokedKeyIsRevokedOnce) {
  create_key("GGJ");
  EXPECT_EQ(run(operate.revoke_key(key_of("GGJ"), "key1")).error().code, ErrorCode::forbidden);
  EXPECT_TRUE(run(operate.revoke_key(local_administrator(), "key1")));
  EXPECT_NE((*store->key("key1"))->revoked_ms, 0);
  EXPECT_EQ(run(operate.revoke_key(local_administrator(), "key1")).error().code, ErrorCode::not_found);
  EXPECT_EQ(records().back().action(), v1::AUDIT_ACTION_KEY_REVOKED);
}

}  // namespace
}  // namespace fabu::flow
