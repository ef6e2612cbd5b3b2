#include "integration/transport/rabbitmq_fixture.h"

namespace fabu::transport::rabbitmq {
namespace {

// Closing the broker's end closes the worker's as well, as the suite expects of one process.
class Closing final : public BrokerEnd {
 public:
  Closing(RabbitBrokerEnd& broker, RabbitWorkerEnd& worker) : broker_(broker), worker_(worker) {}
  void attach(ReportSink sink, RoomNotice room, LossNotice loss) override {
    broker_.attach(std::move(sink), std::move(room), std::move(loss));
    broker_.start({[] { return v1::ChannelSwitches(); }, {}});
    worker_.start({});
    wait_for([&] { return broker_.up() && worker_.up(); });
  }
  bool offer(v1::Work work) override { return broker_.offer(std::move(work)); }
  bool recall(const std::string& id, const std::string& channel) override { return broker_.recall(id, channel); }
  void forget(const std::string& id, const std::string& channel) override { broker_.forget(id, channel); }
  void may_have_missed_reports() override { broker_.may_have_missed_reports(); }
  void close() override {
    broker_.close();
    worker_.close();
  }

 private:
  RabbitBrokerEnd& broker_;
  RabbitWorkerEnd& worker_;
};

class RabbitUnderTest final : public TransportUnderTest {
 public:
  explicit RabbitUnderTest(std::size_t capacity) : RabbitUnderTest(capacity, fresh_vhost()) {}
  WorkerEnd& worker() override { return worker_; }
  BrokerEnd& broker() override { return closing_; }

 private:
  RabbitUnderTest(std::size_t capacity, const std::string& vhost)
      : broker_(broker_options(vhost, capacity)), worker_(worker_options(vhost)) {}
  RabbitBrokerEnd broker_;
  RabbitWorkerEnd worker_;
  Closing closing_{broker_, worker_};
};

INSTANTIATE_TEST_SUITE_P(Rabbit, TransportConformance,
                         testing::Values(TransportFactory{
                             "quorum", [](std::size_t capacity) { return std::make_unique<RabbitUnderTest>(capacity); }}),
                         [](const auto& suite) { return suite.param.name; });

}  // namespace
}  // namespace fabu::transport::rabbitmq
