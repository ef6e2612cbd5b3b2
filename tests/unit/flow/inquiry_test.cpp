#include "broker/flow/inquiry.h"

#include <gmock/gmock.h>

#include "broker/audit/signing_key.h"
#include "broker/audit/verify_bundle.h"
#include "broker/flow/evidence.h"
#include "unit/flow/on_sqlite.h"

namespace fabu::flow {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class Shown final : public ChannelControl {
 public:
  v1::ChannelView view() const override {
    v1::ChannelView shown;
    shown.set_name("website");
    shown.set_state("running");
    return shown;
  }
  void pause(std::string) override {}
  void resume() override {}
};

class InquiryTest : public OnSqlite {
 protected:
  InquiryTest() { board.add("website", std::make_shared<Shown>()); }

  store::StoredCheckpoint checkpoint() {
    const auto head = store->log_head();
    return {head.size, signer.sign_checkpoint(head.size, head.root), to_ms(clock.now())};
  }
  boost::asio::awaitable<Result<store::StoredCheckpoint>> seal() {
    const auto sealed = checkpoint();
    if (after_seal) after_seal();
    co_return sealed;
  }
  Result<std::uint64_t> resolve(const std::string& name, const Caller& caller = key_of("GGJ", Scope::read)) {
    return run(inquiry.resolve(caller, name));
  }
  audit::Verdict verdict(const v1::EvidenceBundle& bundle) { return audit::verify_bundle(bundle.SerializeAsString()); }

  const Caller reader = key_of("GGJ", Scope::read), stranger = key_of("CZJ", Scope::read), auditor = key_of("SJJ", Scope::audit);
  ChannelBoard board;
  std::function<void()> after_seal;  // what happens between the seal and the reading
  audit::SigningKey signer = std::move(audit::SigningKey::from_seed(std::string(32, 's'), "test/log").value());
  Inquiry inquiry{*store, flow_catalogue(), installation, board, clock, pool, [this] { return seal(); }, signer.verifier_text()};
};

TEST_F(InquiryTest, FindsAnItemByNumberIndexAndReference) {
  accepted(item_of("公告:1"));
  for (const char* name : {"1", "GGJ/202608-00001", "GGJ:公告:1"}) {
    const auto found = resolve(name);
    ASSERT_TRUE(found) << name;
    EXPECT_EQ(*found, 1U);
  }
  for (const char* name : {"", "0", "2", "01x", "99999999999999999999", "GGJ:other", "CZJ:公告:1", ":"}) {
    EXPECT_EQ(resolve(name).error().code, ErrorCode::not_found) << name;
  }
}

TEST_F(InquiryTest, AnIndexNumberOfDigitsAloneIsFoundWhereNoItemHasThatNumber) {
  auto item = item_of("R-1");
  item.set_index_no("20260820001");
  accepted(item);
  EXPECT_TRUE(resolve("20260820001"));
}

TEST_F(InquiryTest, AnothersItemLooksLikeNone) {
  accepted(item_of("R-1"));
  const auto others = resolve("1", stranger), none = resolve("99", stranger);
  ASSERT_FALSE(others);
  ASSERT_FALSE(none);
  EXPECT_EQ(others.error().what, none.error().what);
  EXPECT_EQ(others.error().todo, none.error().todo);
  EXPECT_EQ(others.error().where, none.error().where);
  EXPECT_EQ(run(inquiry.item(stranger, "1")).error().code, ErrorCode::not_found);
  EXPECT_EQ(run(inquiry.trace(stranger, "1")).error().code, ErrorCode::not_found);
  EXPECT_EQ(run(inquiry.why(stranger, "1")).error().code, ErrorCode::not_found);
  EXPECT_EQ(run(inquiry.bundle(stranger, "1")).error().code, ErrorCode::not_found);
  EXPECT_TRUE(resolve("1", auditor));
}

TEST_F(InquiryTest, ShowsEveryEditionDecoded) {
  accepted(item_of("R-1"));
  accepted(correction_of(item_of("R-1"), "二"));
  const auto view = run(inquiry.item(reader, "1"));
  ASSERT_TRUE(view);
  ASSERT_EQ(view->editions_size(), 2);
  EXPECT_EQ(view->editions(1).item().title(), "二");
  EXPECT_EQ(view->title(), "二");
}

TEST_F(InquiryTest, ListsOnlyWhatTheCallerSees) {
  for (const char* reference : {"R-1", "R-2", "R-3"}) accepted(item_of(reference));
  store::ItemQuery two;
  two.limit = 2;
  const auto page = run(inquiry.items(reader, two));
  ASSERT_TRUE(page);
  EXPECT_EQ(page->items_size(), 2);
  EXPECT_EQ(page->next(), "2");
  EXPECT_EQ(run(inquiry.items(stranger, two))->items_size(), 0);
  EXPECT_EQ(run(inquiry.items(auditor, two))->items_size(), 2);
  two.department = "GGJ";
  EXPECT_EQ(run(inquiry.items(stranger, two)).error().code, ErrorCode::forbidden);
}

TEST_F(InquiryTest, OpensCommitmentsForAuditorsAlone) {
  accepted(item_of("R-1"));
  fail("1-1-website", v1::DELIVERY_STATE_RETRYING, "http.500");
  const auto told = [&](const Caller& caller) {
    return run(inquiry.trace(caller, "1"))->steps().rbegin()->detail().failure().code();
  };
  EXPECT_EQ(told(auditor), "http.500");
  EXPECT_EQ(told(reader), "");
  const auto trace = run(inquiry.trace(reader, "1"));
  const auto bytes = store->item_records(1)->front();
  EXPECT_EQ(trace->steps(0).leaf_hash(), audit::leaf_hash(bytes).hex());
}

TEST_F(InquiryTest, SaysWhyToTheDepartment) {
  accepted(item_of("R-1"));
  fail("1-1-website", v1::DELIVERY_STATE_RETRYING, "http.500");
  const auto why = run(inquiry.why(reader, "R-1"));
  EXPECT_FALSE(why);
  const auto found = run(inquiry.why(reader, "GGJ:R-1"));
  ASSERT_TRUE(found);
  EXPECT_THAT(found->lines_en(), Contains(HasSubstr("it failed (http.500)")));
  EXPECT_THAT(found->lines(), Contains(HasSubstr("board 渠道未在本系统运行")));
}

TEST_F(InquiryTest, DeliveriesOfAllAreForOverseersAndOfOneForItsDepartment) {
  accepted(item_of("R-1"));
  store::DeliveryQuery all, one;
  one.item_id = 1;
  EXPECT_EQ(run(inquiry.deliveries(reader, all)).error().code, ErrorCode::forbidden);
  EXPECT_EQ(run(inquiry.deliveries(reader, one))->deliveries_size(), 2);
  EXPECT_EQ(run(inquiry.deliveries(stranger, one)).error().code, ErrorCode::not_found);
  all.limit = 1;
  const auto page = run(inquiry.deliveries(auditor, all));
  EXPECT_EQ(page->deliveries_size(), 1);
  all.after = page->next();
  const auto rest = run(inquiry.deliveries(auditor, all));
  ASSERT_EQ(rest->deliveries_size(), 1);
  EXPECT_NE(rest->deliveries(0).id(), page->deliveries(0).id());
}

TEST_F(InquiryTest, GroupsWhatFailsByItsCause) {
  for (const char* reference : {"R-1", "R-2"}) accepted(item_of(reference));
  fail("1-1-website", v1::DELIVERY_STATE_DEAD, "http.400");
  fail("2-1-website", v1::DELIVERY_STATE_DEAD, "http.400");
  const auto groups = run(inquiry.groups(auditor));
  ASSERT_TRUE(groups);
  ASSERT_EQ(groups->groups_size(), 1);
  EXPECT_EQ(groups->groups(0).count(), 2U);
  EXPECT_EQ(groups->groups(0).code(), "http.400");
  EXPECT_EQ(run(inquiry.groups(reader)).error().code, ErrorCode::forbidden);
}

TEST_F(InquiryTest, ChannelsTellHowMuchWaitsAndHowMuchIsDead) {
  for (const char* reference : {"R-1", "R-2"}) accepted(item_of(reference));
  fail("1-1-website", v1::DELIVERY_STATE_DEAD);
  const auto channels = run(inquiry.channels(reader));
  ASSERT_TRUE(channels);
  ASSERT_EQ(channels->channels_size(), 1);
  EXPECT_EQ(channels->channels(0).waiting(), 1U);
  EXPECT_EQ(channels->channels(0).dead(), 1U);
}

// --- evidence ---------------------------------------------------------------------------------------------------------

TEST_F(InquiryTest, ABundleOfAWholeLifeVerifies) {
  accepted(item_of("R-0"));
  accepted(item_of("R-1"));
  deliver("2-1-website");
  fail("2-1-board", v1::DELIVERY_STATE_DEAD);
  accepted(correction_of(item_of("R-1"), "二"));
  deliver("2-2-website");
  const auto bundle = run(inquiry.bundle(reader, "2"));
  ASSERT_TRUE(bundle) << bundle.error().what;
  const auto good = verdict(*bundle);
  EXPECT_TRUE(good.ok) << good.failure;
  EXPECT_EQ(bundle->editions_size(), 2);
  EXPECT_EQ(bundle->deliveries_size(), 4);
  EXPECT_EQ(bundle->origin(), "test/log");
  EXPECT_EQ(bundle->openings_size(), 0);
  const auto opened = run(inquiry.bundle(auditor, "2"));
  EXPECT_EQ(opened->openings_size(), 1);
  EXPECT_TRUE(verdict(*opened).ok);
}

TEST_F(InquiryTest, ABundleOfAnItemThatGoesOnWhileItIsMadeVerifiesToo) {
  accepted(item_of("R-1"));
  int times = 0;
  after_seal = [&] {
    if (++times == 1) accepted(correction_of(item_of("R-1"), "二"));
    if (times == 2) deliver("1-2-website");
  };
  const auto bundle = run(inquiry.bundle(reader, "1"));
  ASSERT_TRUE(bundle) << bundle.error().what;
  const auto good = verdict(*bundle);
  EXPECT_TRUE(good.ok) << good.failure;
  EXPECT_EQ(bundle->editions_size(), 2);
}

TEST_F(InquiryTest, ABundleOfAnItemThatNeverRestsIsPutOff) {
  accepted(item_of("R-1"));
  after_seal = [&, edition = 1]() mutable { accepted(correction_of(item_of("R-1"), "第" + std::to_string(++edition) + "版")); };
  EXPECT_EQ(run(inquiry.bundle(reader, "1")).error().code, ErrorCode::busy);
}

TEST_F(InquiryTest, ABundleFailsWhenTheLogCannotBeSealed) {
  accepted(item_of("R-1"));
  Inquiry unsealed(
      *store, flow_catalogue(), installation, board, clock, pool,
      []() -> boost::asio::awaitable<Result<store::StoredCheckpoint>> {
        co_return Error{ErrorCode::unavailable, "log", "no key", "", {}};
      },
      "");
  EXPECT_EQ(run(unsealed.bundle(reader, "1")).error().code, ErrorCode::unavailable);
}

TEST_F(InquiryTest, ThereIsNoEvidenceOfNoItem) {
  EXPECT_EQ(evidence(*store, 9, checkpoint(), "", false, clock.now()).error().code, ErrorCode::not_found);
}

}  // namespace
}  // namespace fabu::flow
