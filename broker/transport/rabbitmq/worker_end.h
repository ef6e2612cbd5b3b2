// The worker's end of the transport on RabbitMQ: consumes the partitions of its channels and reports to the brokers. Needs no
// more of RabbitMQ than to read the queues of its channels, to write to the brokers' queues, and queues of its own for answers.
//
// A work stays unacknowledged until its report was answered: when the worker dies, RabbitMQ gives it to the next, which looks
// before it acts. When only the connection dies, what was begun goes on here, and its report is sent again until a broker
// answers.
//
// Nothing is taken before a broker has said which channels are paused.
#pragma once

#include <fabu/v1/api.pb.h>
#include <fabu/v1/transport.pb.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "broker/transport/rabbitmq/address.h"
#include "broker/transport/transport.h"

namespace fabu::transport::rabbitmq {

struct WorkerOptions {
  Account account;
  std::string worker;                        // names this process among all, [A-Za-z0-9_.-]{1,100}
  std::string version;                       // of the program
  std::vector<std::string> channels;         // whose works it takes
  unsigned partitions = 1;                   // as the brokers have it
  std::uint16_t prefetch = 64;               // works of a partition that may wait here
  std::chrono::milliseconds patience{5000};  // for the answer to a report, before it is sent again
};

// Called on a thread of the transport; must not block.
struct WorkerHooks {
  std::function<void(const v1::ChannelSwitches&)> switched;  // what operators paused, and let go on
  std::function<std::vector<v1::ChannelView>()> views;       // how its channels stand
};

// Thread-safe.
class RabbitWorkerEnd final : public WorkerEnd {
 public:
  explicit RabbitWorkerEnd(WorkerOptions);
  ~RabbitWorkerEnd() override;

  // Connects, and goes on trying.
  void start(WorkerHooks);
  // Tells the brokers how the channels stand: something has changed.
  void tell();
  boost::asio::awaitable<std::vector<v1::Work>> receive(std::string channel, std::size_t most) override;
  // A returned delivery goes back to RabbitMQ, for the next worker.
  boost::asio::awaitable<bool> report(v1::Report) override;
  bool up() const;
  // Wakes every receive with nothing; reports still pass.
  void close();
  // Says goodbye and ends the connections: what was not reported on goes to others. After the last use of both ends.
  void stop();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace fabu::transport::rabbitmq
