// A database that fails over to its standby, that swallows everything, that does not say whether it has committed.
#include <atomic>

#include "integration/store/several_brokers.h"
#include "peers/proxy/proxy.h"

namespace fabu::store {
namespace {

class PostgresOutage : public testing::Test {
 protected:
  std::unique_ptr<Store> broker(const std::string& address, Heard* heard = nullptr) {
    PostgresOptions options;
    options.address = address;
    options.copies = copies_ / ("copies" + std::to_string(++brokers_));
    options.deadline = std::chrono::milliseconds(1500);
    options.check = std::chrono::milliseconds(500);
    options.leader_patience = std::chrono::milliseconds(1500);
    auto store = std::move(open_postgres(options).value());
    if (heard != nullptr) store->subscribe(heard->listener());
    return store;
  }
  static std::string address_of(int port) { return "host=127.0.0.1 user=fabu dbname=fabu port=" + std::to_string(port); }

  TempFolder copies_;
  int brokers_ = 0;
};

TEST_F(PostgresOutage, FailsOverToASynchronousStandbyWithEverythingAcknowledged) {
  constexpr int kEach = 80;
  peers::PostgresServer primary;
  primary.address("fabu");
  peers::PostgresServer standby(peers::PostgresServer::StandbyOf{primary});
  const std::string both = "host=127.0.0.1,127.0.0.1 user=fabu dbname=fabu port=" + std::to_string(standby.port()) + "," +
                           std::to_string(primary.port());  // the one that can be written to is found
  Heard heard;
  const auto one = broker(both, &heard), two = broker(both);
  one->campaign([](bool) {});
  two->campaign([](bool) {});
  std::atomic<int> acked = 0;
  std::vector<std::thread> departments;
  for (int i = 0; i < 4; ++i) {
    departments.emplace_back([&, i] {
      BlockingStore write(i % 2 == 0 ? *one : *two);
      for (int n = 0; n < kEach; ++n) {
        while (!write.accept(submission(std::to_string(i) + "-" + std::to_string(n))))
          std::this_thread::sleep_for(std::chrono::milliseconds(5));
        ++acked;
      }
    });
  }
  while (acked < kEach) std::this_thread::yield();
  primary.kill();
  standby.promote();
  for (auto& thread : departments) thread.join();
  EXPECT_EQ(all_items(*one).size(), static_cast<std::size_t>(kEach * 4));
  EXPECT_TRUE(eventually([&] { return heard.everything() > 0 && (one->leads() || two->leads()); }));
  EXPECT_TRUE(eventually([&] {
    std::size_t open = 0;
    for (auto* store : {one.get(), two.get()}) open += store->open_deliveries({kWebsite, at(1000), {}, 1000})->works.size();
    return open == static_cast<std::size_t>(kEach * 4);
  }));
  EXPECT_TRUE(is_sound(*one, {two.get()}));
}

TEST_F(PostgresOutage, FailsWhatIsAskedOfABlackHoleAndGoesOnAfterIt) {
  peers::PostgresServer server;
  server.address("fabu");
  peers::Proxy proxy(server.port());
  Heard heard;
  const auto store = broker(address_of(proxy.port()), &heard), other = broker(address_of(server.port()));
  BlockingStore write(*store);
  store->campaign([](bool) {});
  ASSERT_TRUE(write.accept(submission("GG-1")));
  ASSERT_TRUE(store->item(1));
  ASSERT_TRUE(eventually([&] { return store->leads(); }));
  proxy.cut();
  EXPECT_EQ(write.accept(submission("GG-2")).error().code, ErrorCode::unavailable);
  EXPECT_EQ(store->item(1).error().code, ErrorCode::unavailable);
  EXPECT_TRUE(eventually([&] { return !store->leads(); }));
  while (!BlockingStore(*other).accept(submission("GG-3"))) {
  }
  other->campaign([](bool) {});
  EXPECT_TRUE(eventually([&] { return other->leads(); })) << "nobody waits for the one that is cut off";
  proxy.mend();
  EXPECT_TRUE(eventually([&] { return write.accept(submission("GG-2")).has_value(); }));
  EXPECT_TRUE(eventually([&] { return heard.everything() > 0; }));
  EXPECT_TRUE(store->item(1));
  EXPECT_TRUE(eventually([&] { return is_sound(*store, {other.get()}); }));
}

// The department is told that it failed and may never ask again; what follows from it must not wait until the next start.
TEST_F(PostgresOutage, LooksAtEverythingOnceItIsSettledWhetherACommitWasDone) {
  peers::PostgresServer server;
  pg::Connection administrator(server.address("fabu"));
  Heard heard;
  const auto store = broker(address_of(server.port()), &heard);
  BlockingStore write(*store);
  ASSERT_TRUE(write.accept(submission("GG-1")));
  administrator.run("ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
  administrator.run("SELECT pg_reload_conf()");
  const auto unsure = [&] {
    const auto answer = write.accept(submission("GG-2"));
    return !answer;
  };
  ASSERT_TRUE(eventually(unsure)) << "its commit waits for a standby that is not there";
  EXPECT_EQ(heard.everything(), 0);
  administrator.run("ALTER SYSTEM SET synchronous_standby_names = ''");
  administrator.run("SELECT pg_reload_conf()");
  EXPECT_TRUE(eventually([&] { return heard.everything() > 0; }));
  EXPECT_EQ(store->open_deliveries({kWebsite, at(1000), {}, 10})->works.size(), 2U);
  EXPECT_EQ(write.accept(submission("GG-2"))->kind, AcceptKind::repeated);
  EXPECT_TRUE(is_sound(*store));
}

}  // namespace
}  // namespace fabu::store
