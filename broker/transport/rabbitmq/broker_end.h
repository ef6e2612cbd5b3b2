// The broker's end of the transport on RabbitMQ.
//
// What is offered is published to the queue of its channel's partition, one delivery of an item at a time: a successor only after
// its predecessor was reported on. It counts against the channel's capacity until it was reported on. Reports come to a queue of
// this broker's own, for which every work carries the address; reports for brokers that are gone come to a queue that all share.
// What RabbitMQ could not take, or may not have taken, is told by the LossNotice, and is offered again from the store.
//
// Workers tell how they stand, and are told what operators switch, over two fanout exchanges beside it.
#pragma once

#include <fabu/v1/transport.pb.h>

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "broker/transport/rabbitmq/publisher.h"
#include "broker/transport/transport.h"

namespace fabu::transport::rabbitmq {

struct BrokerOptions {
  Account account;
  std::string broker;  // names this process among all, [A-Za-z0-9_-]{1,64}
  std::vector<std::string> channels;
  unsigned partitions = 1;
  std::size_t capacity = 1024;  // works of a channel that were offered and not reported on; at least 1
};

// What operators switch, and how workers stand. Called on threads of the transport; must not block.
struct Switchboard {
  std::function<v1::ChannelSwitches()> paused;  // for a worker that has just come
  std::function<void(const v1::WorkerStatus&)> status;
};

// Thread-safe. Reports that the sink still holds may outlive it.
class RabbitBrokerEnd final : public BrokerEnd {
 public:
  explicit RabbitBrokerEnd(BrokerOptions);
  ~RabbitBrokerEnd() override;

  void attach(ReportSink, RoomNotice, LossNotice) override;
  bool offer(v1::Work) override;
  bool recall(const std::string& delivery_id, const std::string& channel) override;
  void forget(const std::string& delivery_id, const std::string& channel) override;
  void may_have_missed_reports() override;
  void close() override;  // reports still pass until stop()

  // Connects, and goes on trying; after attach().
  void start(Switchboard);
  // Tells every worker.
  void tell(const v1::ChannelSwitches&);
  // For answers to those who submit over AMQP.
  Publisher& publisher();
  bool up() const;
  void stop();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace fabu::transport::rabbitmq
