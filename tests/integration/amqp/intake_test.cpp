// Submissions over a real RabbitMQ into a real store.
#include "broker/amqp/intake.h"

#include <gtest/gtest.h>

#include <boost/asio/executor_work_guard.hpp>
#include <deque>
#include <mutex>
#include <thread>

#include "broker/transport/rabbitmq/consumer.h"
#include "broker/transport/rabbitmq/topology.h"
#include "peers/rabbitmq/rabbitmq_server.h"
#include "unit/flow/on_sqlite.h"

namespace fabu::amqp {
namespace {

namespace rabbitmq = transport::rabbitmq;

peers::RabbitServer& server() {
  static peers::RabbitServer one;
  return one;
}

rabbitmq::Account account(const std::string& user = "guest") {
  rabbitmq::Account made;
  made.servers = {rabbitmq::parse_server(server().url(user)).value()};
  made.password = user;
  made.process = "test";
  return made;
}

// A departmental system: publishes, and hears what is answered.
class Department {
 public:
  explicit Department(const std::string& user) : user_(user), publisher_(account(user), "department") {
    rabbitmq::Consumer::Hooks hooks;
    hooks.connected = [this](rabbitmq::Wire& wire) {
      rabbitmq::QueueShape own;
      own.durable = false;
      own.exclusive = true;
      const auto name = wire.declare_queue(own);
      wire.consume(name, "answers", 0, false);
      const std::lock_guard lock(mutex_);
      queue_ = name;
    };
    hooks.arrived = [this](rabbitmq::Ticket, rabbitmq::Arrival arrival) {
      const std::lock_guard lock(mutex_);
      answers_[arrival.message.properties.correlation_id] = std::move(arrival.message);
    };
    answers_from_ = std::make_unique<rabbitmq::Consumer>(account(user), "answers", std::move(hooks));
    answers_from_->start();
    publisher_.start();
    wait([this] { return !queue().empty(); });
  }

  void publish(std::string body, const std::string& id, bool answered = true) {
    rabbitmq::Message message;
    message.exchange = rabbitmq::kItems;
    message.routing_key = rabbitmq::kItemKey;
    message.properties.type = "fabu.v1.Item";
    message.properties.correlation_id = id;
    if (answered) message.properties.reply_to = queue();
    message.body = std::move(body);
    publisher_.publish(std::move(message),
                       [this](rabbitmq::Published how) { taken += how == rabbitmq::Published::taken ? 1 : 0; });
  }
  // The answer to `id`, once it is there.
  rabbitmq::Message answer(const std::string& id) {
    rabbitmq::Message found;
    EXPECT_TRUE(wait([&] {
      const std::lock_guard lock(mutex_);
      const auto it = answers_.find(id);
      if (it == answers_.end()) return false;
      found = it->second;
      return true;
    })) << id;
    return found;
  }
  v1::SubmissionReceipt receipt(const std::string& id) {
    const auto message = answer(id);
    EXPECT_EQ(message.properties.type, "fabu.v1.SubmissionReceipt");
    v1::SubmissionReceipt read;
    read.ParseFromString(message.body);
    return read;
  }
  v1::Problem problem(const std::string& id) {
    const auto message = answer(id);
    EXPECT_EQ(message.properties.type, "fabu.v1.Problem");
    v1::Problem read;
    read.ParseFromString(message.body);
    return read;
  }
  template <typename Condition>
  static bool wait(Condition holds) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!holds()) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return true;
  }
  std::atomic<int> taken = 0;

 private:
  std::string queue() {
    const std::lock_guard lock(mutex_);
    return queue_;
  }
  const std::string user_;
  std::mutex mutex_;
  std::string queue_;
  std::map<std::string, rabbitmq::Message> answers_;
  rabbitmq::Publisher publisher_;
  std::unique_ptr<rabbitmq::Consumer> answers_from_;
};

class AmqpIntake : public flow::OnSqlite {
 protected:
  static void SetUpTestSuite() {
    server().control("add_user GGJ GGJ");
    server().control("set_permissions GGJ '^amq.gen.*' '^(fabu.items|amq.gen.*)$' '^amq.gen.*'");
  }
  AmqpIntake() {
    answers_.start();
    options_.account = account();
    options_.rest = std::chrono::milliseconds(50);
    rabbitmq::Wire wire(account(), account().servers[0]);
    rabbitmq::declare(wire, rabbitmq::topology({}, 1));
    loop_ = std::thread([this] { io.run(); });
    make();
  }
  ~AmqpIntake() override {
    over_->stop();
    guard_.reset();
    dispatch.stop();
    loop_.join();
    answers_.stop();
  }
  void make() { over_ = std::make_unique<Intake>(options_, intake, answers_, io.get_executor()); }
  // How many messages lie in the queue.
  static int lie_in(const std::string& queue) {
    const auto printed = server().control("list_queues --no-table-headers name messages");
    const auto at = printed.find(queue + "\t");
    return at == std::string::npos ? -1 : std::stoi(printed.substr(at + queue.size() + 1));
  }

  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> guard_{io.get_executor()};
  rabbitmq::Publisher answers_{account(), "answers"};
  IntakeOptions options_;
  std::unique_ptr<Intake> over_;
  std::thread loop_;
};

TEST_F(AmqpIntake, AnswersWithAReceiptOnceTheItemIsStored) {
  Department department("GGJ");
  const auto item = flow::item_of("A-1");
  department.publish(item.SerializeAsString(), "first");
  const auto receipt = department.receipt("first");
  EXPECT_GT(receipt.item_id(), 0U);
  EXPECT_EQ(store->item(receipt.item_id()).value().title(), item.title());
  const auto records = store->item_records(receipt.item_id()).value().size();
  department.publish(item.SerializeAsString(), "again");
  EXPECT_EQ(department.receipt("again").SerializeAsString(), receipt.SerializeAsString());
  EXPECT_EQ(store->item_records(receipt.item_id()).value().size(), records);
}

TEST_F(AmqpIntake, NamesWhatIsWrongAndForgetsNothing) {
  Department department("GGJ");
  auto item = flow::item_of("A-2");
  item.clear_title();
  department.publish(item.SerializeAsString(), "bad");
  EXPECT_EQ(department.problem("bad").errors(0).path(), "title");
  item = flow::item_of("A-3");
  item.set_department("OTHER");
  department.publish(item.SerializeAsString(), "foreign");
  EXPECT_EQ(department.problem("foreign").status(), 403);
  const int parked = lie_in(rabbitmq::kParked);
  department.publish("\xff\xff no item", "poison");
  EXPECT_EQ(department.problem("poison").status(), 400);
  department.publish(flow::item_of("A-2").SerializeAsString().substr(0, 20), "cut", false);
  EXPECT_TRUE(Department::wait([&] { return lie_in(rabbitmq::kParked) == parked + 2; }));
  EXPECT_EQ(lie_in(rabbitmq::kItems), 0);
}

TEST_F(AmqpIntake, ADepartmentMayPublishNowhereElse) {
  rabbitmq::Account false_one = account("GGJ");
  false_one.servers[0].user = "GGJ";
  rabbitmq::Wire wire(false_one, false_one.servers[0]);
  wire.confirm_publishing();
  rabbitmq::Message message;
  message.exchange = rabbitmq::kWorks;  // where departments have no business
  message.routing_key = "website.0";
  wire.publish(message);
  EXPECT_THROW(
      {
        for (int i = 0; i < 200; ++i) {
          wire.next();
          std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
      },
      rabbitmq::WireError);
}

// An original and its correction, published one after the other without waiting: many times, over a broken connection too.
TEST_F(AmqpIntake, KeepsTheOrderOfWhatOneConnectionPublished) {
  Department department("GGJ");
  for (int i = 0; i < 40; ++i) {
    const auto item = flow::item_of("O-" + std::to_string(i));
    department.publish(item.SerializeAsString(), "o" + std::to_string(i));
    department.publish(flow::correction_of(item, "更正后").SerializeAsString(), "c" + std::to_string(i));
    if (i == 20) server().control("close_all_connections cut");
  }
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(department.receipt("c" + std::to_string(i)).edition(), 2U);
  }
}

// What is not acknowledged when a broker ends comes to the next.
TEST_F(AmqpIntake, HandsOverWhatItDidNotAnswer) {
  Department department("GGJ");
  over_->stop();
  for (int i = 0; i < 10; ++i)
    department.publish(flow::item_of("H-" + std::to_string(i)).SerializeAsString(), "h" + std::to_string(i));
  EXPECT_TRUE(Department::wait([&] { return department.taken == 10; }));
  make();
  for (int i = 0; i < 10; ++i) EXPECT_GT(department.receipt("h" + std::to_string(i)).item_id(), 0U);
}

}  // namespace
}  // namespace fabu::amqp
