// What the transport does when its parts die, and what it says to those who must know.
#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/use_future.hpp>
#include <fstream>
#include <mutex>
#include <set>

#include "broker/transport/rabbitmq/topology.h"
#include "integration/transport/rabbitmq_fixture.h"

namespace fabu::transport::rabbitmq {
namespace {

// A broker that stores every report.
class Broker {
 public:
  explicit Broker(BrokerOptions options) : end_(std::move(options)) {
    end_.attach(
        [this](v1::Report report, ReportDone done) {
          {
            const std::lock_guard lock(mutex_);
            reports_.push_back(std::move(report));
          }
          if (!silent) done(Heard::stored);
        },
        [](const std::string&) {}, [this](const std::string&) { ++losses; });
    Switchboard board;
    board.paused = [this] {
      const std::lock_guard lock(mutex_);
      return paused_;
    };
    board.status = [this](const v1::WorkerStatus& status) {
      const std::lock_guard lock(mutex_);
      statuses_.push_back(status);
    };
    end_.start(std::move(board));
  }
  RabbitBrokerEnd& end() { return end_; }
  bool up() {
    return wait_for([&] { return end_.up(); });
  }
  std::vector<v1::Report> reports() {
    const std::lock_guard lock(mutex_);
    return reports_;
  }
  std::vector<v1::WorkerStatus> statuses() {
    const std::lock_guard lock(mutex_);
    return statuses_;
  }
  void pause(const std::string& channel) {
    const std::lock_guard lock(mutex_);
    paused_.add_paused()->set_channel(channel);
  }
  std::atomic<int> losses = 0;
  std::atomic<bool> silent = false;

 private:
  std::mutex mutex_;
  std::vector<v1::Report> reports_;
  std::vector<v1::WorkerStatus> statuses_;
  v1::ChannelSwitches paused_;
  RabbitBrokerEnd end_;
};

// A worker whose receives and reports wait like ordinary calls.
class Worker {
 public:
  explicit Worker(WorkerOptions options, WorkerHooks hooks = {}) : end_(std::move(options)) {
    thread_ = std::thread([this] { io_.run(); });
    end_.start(std::move(hooks));
  }
  ~Worker() {
    end_.stop();
    guard_.reset();
    thread_.join();
  }
  RabbitWorkerEnd& end() { return end_; }
  bool up() {
    return wait_for([&] { return end_.up(); });
  }
  // What comes within the time; a call that was in vain is gone on with by the next.
  std::vector<v1::Work> take(std::size_t most = 16, std::chrono::milliseconds time = std::chrono::seconds(10)) {
    if (!pending_.valid()) pending_ = asio::co_spawn(io_, end_.receive("website", most), asio::use_future);
    return pending_.wait_for(time) == std::future_status::ready ? pending_.get() : std::vector<v1::Work>();
  }
  std::future<bool> report(v1::Report report) { return asio::co_spawn(io_, end_.report(std::move(report)), asio::use_future); }

 private:
  asio::io_context io_;
  asio::executor_work_guard<asio::io_context::executor_type> guard_{io_.get_executor()};
  std::future<std::vector<v1::Work>> pending_;
  std::thread thread_;
  RabbitWorkerEnd end_;
};

TEST(Rabbit, GivesTheWorksOfAWorkerThatDiedToTheNextWhichLooksFirst) {
  const auto vhost = fresh_vhost();
  Broker broker(broker_options(vhost, 64));
  ASSERT_TRUE(broker.up());
  broker.end().offer(make_work(1, 1));
  {
    Worker dies(worker_options(vhost));
    const auto works = dies.take();
    ASSERT_EQ(works.size(), 1U);
    EXPECT_FALSE(works[0].look_first());
  }
  Worker next(worker_options(vhost, "w2"));
  const auto works = next.take();
  ASSERT_EQ(works.size(), 1U);
  EXPECT_EQ(works[0].delivery().id(), "1-1-website");
  EXPECT_TRUE(works[0].look_first());
  EXPECT_TRUE(next.report(delivered("1-1-website")).get());
}

TEST(Rabbit, OneWorkerAtATimeHasAPartition) {
  const auto vhost = fresh_vhost();
  Broker broker(broker_options(vhost, 64));
  ASSERT_TRUE(broker.up());
  Worker first(worker_options(vhost, "w1"));
  for (std::uint64_t item = 1; item <= 4; ++item) broker.end().offer(make_work(item, 1));
  ASSERT_GE(first.take(1).size(), 1U);
  Worker second(worker_options(vhost, "w2"));
  ASSERT_TRUE(second.up());
  for (std::uint64_t item = 5; item <= 8; ++item) broker.end().offer(make_work(item, 1));
  EXPECT_TRUE(second.take(16, std::chrono::milliseconds(300)).empty());
  EXPECT_TRUE(first.report(delivered("1-1-website")).get());
}

TEST(Rabbit, AReportWhoseBrokerIsGoneGoesToAnother) {
  const auto vhost = fresh_vhost();
  auto owner = std::make_unique<Broker>(broker_options(vhost, 64, "b1"));
  ASSERT_TRUE(owner->up());
  Worker worker(worker_options(vhost));
  owner->end().offer(make_work(1, 1));
  ASSERT_EQ(worker.take().size(), 1U);
  owner->silent = true;  // hears, and dies before it stores
  auto answer = worker.report(delivered("1-1-website"));
  ASSERT_TRUE(wait_for([&] { return owner->reports().size() == 1; }));
  owner.reset();
  Broker other(broker_options(vhost, 64, "b2"));
  EXPECT_TRUE(answer.get());
  ASSERT_GE(other.reports().size(), 1U);
  EXPECT_EQ(other.reports()[0].delivery_id(), "1-1-website");
}

TEST(Rabbit, TakesNothingBeforeABrokerSaidWhatIsPausedAndHearsOfSwitches) {
  const auto vhost = fresh_vhost();
  std::mutex mutex;
  std::vector<v1::ChannelSwitches> heard;
  WorkerHooks hooks;
  hooks.switched = [&](const v1::ChannelSwitches& switches) {
    const std::lock_guard lock(mutex);
    heard.push_back(switches);
  };
  hooks.views = [] {
    v1::ChannelView view;
    view.set_name("website");
    view.set_state("running");
    return std::vector{view};
  };
  Broker broker(broker_options(vhost, 64));
  broker.pause("website");
  ASSERT_TRUE(broker.up());
  Worker worker(worker_options(vhost), hooks);
  ASSERT_TRUE(wait_for([&] {
    const std::lock_guard lock(mutex);
    return !heard.empty();
  }));
  EXPECT_EQ(heard[0].paused(0).channel(), "website");
  ASSERT_TRUE(wait_for([&] { return !broker.statuses().empty(); }));
  EXPECT_TRUE(broker.statuses()[0].hello());
  EXPECT_EQ(broker.statuses()[0].worker(), "w1");
  EXPECT_EQ(broker.statuses()[0].channels(0).state(), "running");
  v1::ChannelSwitches resumed;
  resumed.set_resumed("website");
  broker.end().tell(resumed);
  EXPECT_TRUE(wait_for([&] {
    const std::lock_guard lock(mutex);
    return heard.back().resumed() == "website";
  }));
}

TEST(Rabbit, AWorkThatKillsItsWorkersBecomesAFailedTry) {
  const auto vhost = fresh_vhost();
  Broker broker(broker_options(vhost, 64));
  ASSERT_TRUE(broker.up());
  broker.end().offer(make_work(1, 1));
  Worker worker(worker_options(vhost));
  for (int death = 0; death <= 20; ++death) {
    ASSERT_EQ(worker.take().size(), 1U) << death;
    v1::Report returned;
    returned.set_delivery_id("1-1-website");
    returned.set_returned(true);
    ASSERT_TRUE(worker.report(returned).get());
  }
  ASSERT_TRUE(wait_for([&] { return broker.reports().size() == 1; }));
  const auto report = broker.reports()[0];
  EXPECT_EQ(report.delivery_id(), "1-1-website");
  EXPECT_EQ(report.setback().failure().code(), "transport.delivery-limit");
  EXPECT_EQ(report.setback().state(), v1::DELIVERY_STATE_RETRYING);
}

// docs/operations.md, RabbitMQ's users.
TEST(Rabbit, AnAdapterNeedsNoMoreThanItsPermissions) {
  const auto vhost = fresh_vhost();
  server().control("add_user adapter guest");
  server().control("set_permissions -p " + vhost +
                   " adapter '^amq\\.gen' '^(amq\\.(default|gen.*)|fabu\\.status)$' "
                   "'^(amq\\.gen.*|fabu\\.control|fabu\\.works\\.website\\..*)$'");
  Broker broker(broker_options(vhost, 64));
  ASSERT_TRUE(broker.up());
  auto options = worker_options(vhost);
  options.account.servers[0].user = "adapter";
  options.channels = {"website"};
  Worker worker(std::move(options));
  broker.end().offer(make_work(1, 1));
  ASSERT_EQ(worker.take().size(), 1U);
  EXPECT_TRUE(worker.report(delivered("1-1-website")).get());
}

TEST(Rabbit, WaitsWhileRabbitHasNoMemoryLeft) {
  const auto vhost = fresh_vhost();
  Broker broker(broker_options(vhost, 64));
  ASSERT_TRUE(broker.up());
  Worker worker(worker_options(vhost));
  broker.end().offer(make_work(1, 1));
  ASSERT_EQ(worker.take().size(), 1U);
  EXPECT_TRUE(worker.report(delivered("1-1-website")).get());
  server().control("set_vm_memory_high_watermark 0.00001");
  broker.end().offer(make_work(2, 1));
  EXPECT_TRUE(wait_for([&] {
    broker.end().offer(make_work(3, 1));
    return broker.end().publisher().blocked();
  }));
  EXPECT_EQ(broker.losses, 0);
  server().control("set_vm_memory_high_watermark 0.4");
  std::set<std::string> ids;
  while (ids.size() < 2) {
    const auto works = worker.take();
    ASSERT_FALSE(works.empty());
    for (const auto& work : works) ids.insert(work.delivery().id());
  }
  EXPECT_EQ(ids, (std::set<std::string>{"2-1-website", "3-1-website"}));
  for (const auto& id : ids) EXPECT_TRUE(worker.report(delivered(id)).get());
}

// What was offered is at a worker, with RabbitMQ, or told as lost; what a worker has begun is reported over the next connection.
TEST(Rabbit, GoesOnAfterTheServerWasKilled) {
  const auto vhost = fresh_vhost();
  Broker broker(broker_options(vhost, 1000));
  ASSERT_TRUE(broker.up());
  Worker worker(worker_options(vhost));
  broker.end().offer(make_work(1, 1));
  ASSERT_EQ(worker.take().size(), 1U);
  server().kill();
  auto answer = worker.report(delivered("1-1-website"));
  for (std::uint64_t item = 2; item <= 50; ++item) broker.end().offer(make_work(item, 1));
  server().start();
  EXPECT_TRUE(answer.get());
  std::set<std::string> ids;
  ASSERT_TRUE(wait_for(
      [&] {
        for (std::uint64_t item = 2; item <= 50; ++item) broker.end().offer(make_work(item, 1));
        for (const auto& work : worker.take(64, std::chrono::seconds(5))) {
          if (work.delivery().item_id() == 1) continue;  // given out again, as its acknowledgement was lost
          ids.insert(work.delivery().id());
        }
        return ids.size() == 49;
      },
      std::chrono::seconds(60)));
}

// Two brokers, two workers, four partitions, connections cut: each item's editions in their order, and nothing left behind.
TEST(Rabbit, KeepsTheOrderOfEveryItemWhileConnectionsBreak) {
  constexpr std::uint64_t kItems = 60;
  constexpr std::uint32_t kEditions = 6;
  const auto vhost = fresh_vhost();
  Broker one(broker_options(vhost, 100, "b1", 4)), two(broker_options(vhost, 100, "b2", 4));
  ASSERT_TRUE(one.up() && two.up());
  asio::io_context io;
  std::mutex mutex;
  std::map<std::uint64_t, std::uint32_t> last;
  std::set<std::string> done;
  std::atomic<int> disorders = 0;
  const auto work_off = [&](RabbitWorkerEnd& end) -> asio::awaitable<void> {
    for (;;) {
      auto works = co_await end.receive("website", 8);
      if (works.empty()) co_return;
      for (const auto& work : works) {
        {
          const std::lock_guard lock(mutex);
          auto& newest = last[work.delivery().item_id()];
          // Given out again, it may come once more; an older one than the newest that was begun may not, unless it was done
          // before.
          if (work.delivery().edition() < newest && !done.contains(work.delivery().id())) ++disorders;
          newest = std::max(newest, work.delivery().edition());
        }
        const std::string id = work.delivery().id();
        auto report = delivered(id);
        const bool stored = co_await end.report(std::move(report));
        const std::lock_guard lock(mutex);
        if (stored) done.insert(id);
      }
    }
  };
  RabbitWorkerEnd left(worker_options(vhost, "w1", 4)), right(worker_options(vhost, "w2", 4));
  std::atomic<int> ended = 0;
  for (auto* end : {&left, &right}) {
    end->start({});
    asio::co_spawn(io, work_off(*end), [&](std::exception_ptr) { ++ended; });
  }
  std::thread loop([&] { io.run(); });
  // One broker has all editions of an item, as ownership has it, and offers what is not done until it is.
  const auto offer_rest = [&] {
    std::size_t left_over = 0;
    for (std::uint32_t edition = 1; edition <= kEditions; ++edition) {
      for (std::uint64_t item = 1; item <= kItems; ++item) {
        const auto work = make_work(item, edition);
        {
          const std::lock_guard lock(mutex);
          if (done.contains(work.delivery().id())) continue;
          if (edition > 1 && !done.contains(make_work(item, edition - 1).delivery().id())) {
            ++left_over;
            continue;
          }
        }
        ++left_over;
        (item % 2 == 0 ? one : two).end().offer(work);
      }
    }
    return left_over == 0;
  };
  int cuts = 0;
  EXPECT_TRUE(wait_for(
      [&] {
        if (offer_rest()) return true;
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
        std::size_t all = 0;
        {
          const std::lock_guard lock(mutex);
          all = done.size();
        }
        if (cuts < 3 && all > static_cast<std::size_t>(cuts + 1) * kItems) {
          ++cuts;
          server().control("close_all_connections --vhost " + vhost + " cut");
        }
        return false;
      },
      std::chrono::seconds(90)));
  EXPECT_EQ(cuts, 3);
  EXPECT_EQ(disorders, 0);
  EXPECT_EQ(done.size(), kItems * kEditions);
  left.close();
  right.close();
  wait_for([&] { return ended == 2; });
  left.stop();
  right.stop();
  io.stop();
  loop.join();
}

Account tls_account() {
  const auto certificates = server().certificates();
  Account made;
  made.servers = {parse_server(server().tls_url()).value()};
  made.password = "guest";
  made.ca = certificates / "ca.pem";
  made.certificate = certificates / "client.pem";
  made.key = certificates / "client.key";
  return made;
}

TEST(RabbitTls, ChecksBothSidesCertificates) {
  auto good = tls_account();
  Wire wire(good, good.servers[0]);
  EXPECT_FALSE(wire.declare_queue({"", false, true, true, {}}).empty());

  auto foreign = tls_account();
  foreign.ca = server().certificates() / "stranger.pem";
  EXPECT_THROW(Wire(foreign, foreign.servers[0]), WireError) << "the server is of another authority";
  auto misnamed = tls_account();
  misnamed.servers[0].host = "127.0.0.1";
  EXPECT_THROW(Wire(misnamed, misnamed.servers[0]), WireError) << "the certificate is of another name";
  auto nobody = tls_account();
  nobody.certificate.clear();
  EXPECT_THROW(Wire(nobody, nobody.servers[0]), WireError) << "the server wants to know who comes";
  auto stranger = tls_account();
  stranger.certificate = server().certificates() / "stranger.pem";
  stranger.key = server().certificates() / "stranger.key";
  EXPECT_THROW(Wire(stranger, stranger.servers[0]), WireError) << "the server does not know the client's authority";
}

TEST(RabbitAddress, IsReadAndRefusedWithItsReason) {
  const auto server = parse_server("amqps://fabu@mq1.example:5671/gov%2fpub").value();
  EXPECT_EQ(server.name(), "mq1.example:5671");
  EXPECT_EQ(server.user, "fabu");
  EXPECT_EQ(server.vhost, "gov/pub");
  EXPECT_TRUE(server.tls);
  EXPECT_FALSE(parse_server("http://mq1/"));
  const auto secret = parse_server("amqp://fabu:secret@mq1/fabu");
  ASSERT_FALSE(secret);
  EXPECT_EQ(secret.error().what.find("secret@"), std::string::npos) << "it is not repeated";
}

TEST(RabbitTopology, IsTheSameDeclaredAndImported) {
  const auto vhost = fresh_vhost();
  const auto wanted = topology({"website", "noticeboard"}, 4);
  const auto file = std::filesystem::temp_directory_path() / "fabu-definitions.json";
  std::ofstream(file) << definitions_json(wanted, vhost);
  server().control("import_definitions " + file.string());
  std::filesystem::remove(file);
  Wire wire(account(vhost), account(vhost).servers[0]);
  EXPECT_NO_THROW(declare(wire, wanted));
  EXPECT_NO_THROW(declare(wire, wanted)) << "again";
  EXPECT_EQ(wanted.queues.size(), 4U + 8U);
}

TEST(RabbitTopology, SaysWhatIsThereInAnotherShape) {
  const auto vhost = fresh_vhost();
  Wire wire(account(vhost), account(vhost).servers[0]);
  QueueShape other;
  other.name = works_queue("website", 0);
  wire.declare_queue(other);
  try {
    declare(wire, topology({"website"}, 1));
    FAIL() << "it was taken for the same";
  } catch (const WireError& error) {
    EXPECT_NE(std::string(error.what()).find("fabu.works.website.0"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace fabu::transport::rabbitmq
