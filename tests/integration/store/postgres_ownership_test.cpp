// Every open delivery has one owner: who that is, who is told of what, and that nothing is left behind by a broker that ends.
#include "integration/store/doomed_broker.h"
#include "integration/store/several_brokers.h"

namespace fabu::store {
namespace {

class PostgresOwnership : public SeveralBrokers {};

TEST_F(PostgresOwnership, IsOfTheBrokerThatAccepted) {
  const auto one = broker(), two = broker();
  ASSERT_TRUE(BlockingStore(*one).accept(submission("GG-1")));
  ASSERT_TRUE(BlockingStore(*two).accept(submission("GG-2")));
  EXPECT_EQ(open(*one), Ids{"1-1-website"});
  EXPECT_EQ(open(*two), Ids{"2-1-website"});
  EXPECT_EQ(one->open_deliveries({kWebsite, at(-100), {}, 10})->next_due, at(0));
  EXPECT_TRUE(is_sound(*one, {two.get()}));
}

TEST_F(PostgresOwnership, GoesOnWithTheItemWhileSomethingOfItIsOpenOnTheChannel) {
  Heard heard_one, heard_two;
  const auto one = broker(heard_one), two = broker(heard_two);
  ASSERT_TRUE(BlockingStore(*one).accept(submission("GG-1")));
  ASSERT_TRUE(BlockingStore(*one).settle(delivered("1-1-noticeboard")));
  const auto corrected = BlockingStore(*two).accept(correction("GG-1", "二"));
  ASSERT_EQ(corrected->kind, AcceptKind::accepted);
  EXPECT_EQ(open(*one, kWebsite), Ids{"1-2-website"}) << "its first edition was open here";
  EXPECT_EQ(open(*two, kNoticeboard), Ids{"1-2-noticeboard"}) << "of which the channel had the first edition";
  EXPECT_TRUE(eventually([&] { return heard_one.outdated("1-1-website") && heard_one.due(kWebsite); }));
  EXPECT_FALSE(heard_one.due(kNoticeboard));
  ASSERT_TRUE(BlockingStore(*two).withdraw(withdrawal(1)));
  EXPECT_EQ(open(*one, kWebsite), Ids{"1-3-website"});
  EXPECT_EQ(open(*two, kNoticeboard), Ids{"1-3-noticeboard"});
  EXPECT_TRUE(eventually([&] { return heard_one.outdated("1-2-website"); }));
  EXPECT_TRUE(heard_two.nothing());
  EXPECT_TRUE(is_sound(*one, {two.get()}));
}

TEST_F(PostgresOwnership, IsInheritedByAnEditionThatWaitedForItsReview) {
  Heard heard;
  const auto one = broker(heard), two = broker();
  ASSERT_TRUE(BlockingStore(*one).accept(submission("GG-1")));
  auto held = correction("GG-1", "二");
  held.held = true;
  held.channels.clear();
  const auto waiting = BlockingStore(*two).accept(std::move(held));
  ASSERT_TRUE(BlockingStore(*two).review(decision(waiting->edition, true)));
  EXPECT_EQ(open(*one), Ids{"1-2-website"});
  EXPECT_TRUE(open(*two).empty());
  EXPECT_TRUE(eventually([&] { return heard.outdated("1-1-website") && heard.due(kWebsite) && heard.due(kNoticeboard); }));
}

TEST_F(PostgresOwnership, PassesToWhoeverSettlesAndTheFormerOwnerIsTold) {
  Heard heard_one, heard_two;
  const auto one = broker(heard_one), two = broker(heard_two);
  ASSERT_TRUE(BlockingStore(*one).accept(submission("GG-1")));
  ASSERT_TRUE(BlockingStore(*two).settle(set_back("1-1-website", v1::DELIVERY_STATE_RETRYING, at(50))));
  EXPECT_TRUE(open(*one).empty());
  EXPECT_EQ(open(*two), Ids{"1-1-website"});
  EXPECT_TRUE(eventually([&] { return heard_one.outdated("1-1-website"); }));
  ASSERT_TRUE(BlockingStore(*two).settle(delivered("1-1-noticeboard")));
  EXPECT_TRUE(open(*one, kNoticeboard).empty());
  EXPECT_TRUE(eventually([&] { return heard_one.outdated("1-1-noticeboard"); }));
  ASSERT_TRUE(BlockingStore(*one).settle(dead("1-1-website")));
  EXPECT_TRUE(eventually([&] { return heard_two.outdated("1-1-website"); }));
  ASSERT_TRUE(BlockingStore(*one).replay(replay_of()));
  EXPECT_EQ(open(*one), Ids{"1-1-website"}) << "whoever replays dispatches";
  EXPECT_TRUE(is_sound(*one, {two.get()}));
}

// What waits behind it was read before it stood on the channel.
TEST_F(PostgresOwnership, IsToldOfASupersededDeliveryThatArrivedAllTheSame) {
  Heard heard;
  const auto one = broker(heard), two = broker();
  ASSERT_TRUE(BlockingStore(*one).accept(submission("GG-1")));
  ASSERT_TRUE(BlockingStore(*one).accept(correction("GG-1", "二")));
  ASSERT_TRUE(BlockingStore(*two).settle(delivered("1-1-website")));
  EXPECT_TRUE(eventually([&] { return heard.outdated("1-1-website"); }));
  EXPECT_EQ(open(*one), Ids{"1-2-website"});
}

TEST_F(PostgresOwnership, TellsOthersOfPausesAndOnlyOthers) {
  Heard heard_one, heard_two;
  const auto one = broker(heard_one), two = broker(heard_two);
  ASSERT_TRUE(BlockingStore(*one).switch_channel({operator_key(), kWebsite, true, "检修", at()}));
  EXPECT_TRUE(eventually([&] { return heard_two.channels() == 1; }));
  EXPECT_EQ(two->paused_channels()->size(), 1U);
  ASSERT_TRUE(BlockingStore(*two).switch_channel({operator_key(), kWebsite, false, "", at()}));
  EXPECT_TRUE(eventually([&] { return heard_one.channels() == 1; }));
  EXPECT_EQ(heard_two.channels(), 1);
}

// More than a payload of PostgreSQL holds.
TEST_F(PostgresOwnership, TellsAnyNumberOfThings) {
  constexpr int kItems = 700;
  Heard heard;
  const auto one = broker(heard), two = broker();
  std::vector<std::thread> threads;
  const auto all = [&](Store& store, auto command) {
    std::vector<std::future<void>> done;
    for (int i = 1; i <= kItems; ++i) {
      auto promise = std::make_shared<std::promise<void>>();
      done.push_back(promise->get_future());
      store.accept(command("GG-" + std::to_string(i)), [promise](const Result<Accepted>& accepted) {
        EXPECT_TRUE(accepted);
        promise->set_value();
      });
    }
    for (auto& one_of_them : done) one_of_them.wait();
  };
  all(*one, [](const std::string& reference) { return submission(reference); });
  all(*two, [](const std::string& reference) { return correction(reference, "二"); });
  EXPECT_TRUE(eventually([&] {
    for (int i = 1; i <= kItems; ++i) {
      const auto id = std::to_string(i) + "-1-";
      if (!heard.outdated(id + kWebsite) || !heard.outdated(id + kNoticeboard)) return false;
    }
    return true;
  }));
  EXPECT_EQ(open(*one).size(), static_cast<std::size_t>(kItems));
}

TEST_F(PostgresOwnership, OfABrokerThatWasClosedPassesToTheNextThatOpens) {
  const auto one = broker();
  {
    const auto two = broker();
    ASSERT_TRUE(BlockingStore(*two).accept(submission("GG-1")));
  }
  EXPECT_TRUE(open(*one).empty()) << "nobody leads";
  const auto three = broker();
  EXPECT_EQ(open(*three), Ids{"1-1-website"});
  EXPECT_TRUE(is_sound(*three, {one.get()}));
}

TEST_F(PostgresOwnership, OfABrokerThatWasKilledPassesToTheLeader) {
  auto doomed = options();
  DoomedBroker broker_of_its_own([&](auto ack) {
    const auto store = std::move(open_postgres(doomed).value());
    for (int i = 1; i <= 20; ++i) BlockingStore(*store).accept(submission("GG-" + std::to_string(i))).value();
    ack("accepted");
    ::pause();
  });
  ASSERT_TRUE(broker_of_its_own.next_ack());
  Heard heard;
  const auto leader = broker(heard), other = broker();
  leader->campaign([](bool) {});
  ASSERT_TRUE(eventually([&] { return leader->leads(); }));
  other->campaign([](bool) {});
  EXPECT_TRUE(open(*leader).empty());
  broker_of_its_own.kill();
  EXPECT_TRUE(eventually([&] { return open(*leader).size() == 20; }));
  EXPECT_TRUE(eventually([&] { return heard.due(kWebsite) && heard.due(kNoticeboard); }));
  EXPECT_TRUE(is_sound(*leader, {other.get()}));
}

// What was open before there were owners, or came from SQLite.
TEST_F(PostgresOwnership, OfNobodyPassesToTheLeader) {
  const auto one = broker();
  ASSERT_TRUE(BlockingStore(*one).accept(submission("GG-1")));
  pg::Connection(address()).run("UPDATE delivery SET owner = 0");
  EXPECT_TRUE(open(*one).empty());
  one->campaign([](bool) {});
  EXPECT_TRUE(eventually([&] { return open(*one) == Ids{"1-1-website"}; }));
}

TEST_F(PostgresOwnership, IsTakenAlongToANewSessionWhenTheConnectionIsLost) {
  Heard heard;
  const auto one = broker(heard), two = broker();
  ASSERT_TRUE(BlockingStore(*one).accept(submission("GG-1")));
  const auto before = ask("SELECT max(owner) FROM delivery");
  pg::Connection(address()).run(
      "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND classid = 20260821 AND objid::int8 = "
      "(SELECT "
      "owner FROM delivery LIMIT 1) AND database = (SELECT oid FROM pg_database WHERE datname = current_database())");
  ASSERT_TRUE(eventually([&] { return heard.everything() > 0; })) << "notices may have been lost";
  EXPECT_GT(ask("SELECT max(owner) FROM delivery"), before);
  EXPECT_EQ(open(*one), Ids{"1-1-website"});
  ASSERT_TRUE(BlockingStore(*two).accept(correction("GG-1", "二")));
  EXPECT_TRUE(eventually([&] { return heard.outdated("1-1-website"); })) << "it listens again";
  EXPECT_TRUE(is_sound(*one, {two.get()}));
}

// All connections at once, in the middle of everything.
TEST_F(PostgresOwnership, IsSoundWhenConnectionsAreEndedAgainAndAgain) {
  Heard heard;
  const auto one = broker(heard), two = broker();
  one->campaign([](bool) {});
  two->campaign([](bool) {});
  std::atomic<bool> over = false;
  std::thread operator_with_psql([&] {
    while (!over) {
      pg::Connection(address()).run(
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
          "AND "
          "random() < 0.5");
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
  });
  std::atomic<int> number = 0;
  std::vector<std::thread> departments;
  for (auto* store : {one.get(), two.get(), one.get(), two.get()}) {
    departments.emplace_back([&, store] {
      BlockingStore write(*store);
      for (int i; (i = ++number) <= 60;) {
        const auto reference = "GG-" + std::to_string(i % 30);
        while (!write.accept(i <= 30 ? submission(reference) : correction(reference, "二"))) {
        }
      }
    });
  }
  for (auto& thread : departments) thread.join();
  over = true;
  operator_with_psql.join();
  EXPECT_TRUE(eventually([&] { return open(*one).size() + open(*two).size() == 30; })) << "nothing is left to nobody";
  EXPECT_GT(heard.everything(), 0);
  EXPECT_TRUE(is_sound(*one, {two.get()}));
}

TEST_F(PostgresOwnership, OfADatabaseForOneAloneIsRefusedToOthers) {
  auto alone = options();
  alone.alone = true;
  {
    const auto only = std::move(open_postgres(alone).value());
    ASSERT_TRUE(BlockingStore(*only).accept(submission("GG-1")));
    EXPECT_EQ(open_postgres(options()).error().code, ErrorCode::conflict);
    EXPECT_EQ(open_postgres(alone).error().code, ErrorCode::conflict);
  }
  const auto shared = broker(), another = broker();
  EXPECT_EQ(open(*shared), Ids{"1-1-website"});
  const auto refused = open_postgres(alone);
  EXPECT_EQ(refused.error().code, ErrorCode::conflict);
  EXPECT_FALSE(refused.error().todo.empty());
}

}  // namespace
}  // namespace fabu::store
