// Submissions over AMQP: takes them from the queue fabu.items, has them accepted, answers once that is durable, and only then
// acknowledges them. A submission that nobody can take is parked with the reason; one that only the store refuses for now waits
// here, and what came after it waits behind it, so that a correction never overtakes its original.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <memory>

#include "broker/amqp/submission.h"
#include "broker/flow/intake.h"
#include "broker/transport/rabbitmq/address.h"
#include "broker/transport/rabbitmq/publisher.h"

namespace fabu::amqp {

struct IntakeOptions {
  transport::rabbitmq::Account account;
  Users users;
  std::uint16_t prefetch = 128;          // submissions under way; bounds the memory that they take
  std::chrono::milliseconds rest{1000};  // before the store is tried again
};

// Started when made. The queue is declared by the transport. Intake, publisher and executor outlive it.
class Intake {
 public:
  // `answers`: over which receipts and parked messages go. `executor`: where coroutines run; a strand of its own is made.
  Intake(IntakeOptions, flow::Intake&, transport::rabbitmq::Publisher& answers, boost::asio::any_io_executor executor);
  ~Intake();
  Intake(const Intake&) = delete;
  Intake& operator=(const Intake&) = delete;

  bool up() const;
  // Takes no more. What is under way ends by itself; what is not acknowledged by then comes to another broker.
  void stop();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace fabu::amqp
