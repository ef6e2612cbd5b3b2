// A broker among several: the core on PostgreSQL, with RabbitMQ to bring deliveries to workers elsewhere and to take submissions.
// `fabu broker` runs it.
#pragma once

#include <memory>

#include "broker/amqp/intake.h"
#include "broker/cli/core.h"
#include "broker/domain/result.h"
#include "broker/transport/rabbitmq/broker_end.h"
#include "proto/fabu/time.h"

namespace fabu::cli {

struct ClusterBrokerSetup {
  CoreSetup core;
  transport::rabbitmq::BrokerOptions rabbitmq;  // its channels are the installation's
  amqp::IntakeOptions intake;
};

// Started when made; stopped by stop() or the destructor.
class ClusterBroker {
 public:
  // Does not wait for RabbitMQ: it goes on trying, and readiness says so meanwhile. The clock outlives the broker.
  static Result<std::unique_ptr<ClusterBroker>> start(ClusterBrokerSetup, const Clock&);
  ~ClusterBroker();
  ClusterBroker(const ClusterBroker&) = delete;
  ClusterBroker& operator=(const ClusterBroker&) = delete;

  unsigned short port() const;
  const std::string& base_url() const;
  // Takes nothing more, lets what is under way end, seals where it leads, and closes. Idempotent; one thread.
  void stop();

 private:
  struct Parts;
  explicit ClusterBroker(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace fabu::cli
