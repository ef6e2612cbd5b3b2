// Both ends of the transport on one RabbitMQ, which all tests of the process share; each test has a virtual host of its own.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>

#include "broker/transport/rabbitmq/broker_end.h"
#include "broker/transport/rabbitmq/worker_end.h"
#include "peers/rabbitmq/rabbitmq_server.h"
#include "unit/transport/conformance.h"

namespace fabu::transport::rabbitmq {

// With more virtual hosts than there are tests: making them one by one takes a second each.
inline peers::RabbitServer& server() {
  static peers::RabbitServer one;
  static const std::string made = one.control(
      "eval 'lists:foreach(fun(N) -> V = list_to_binary(\"v\" ++ integer_to_list(N)), rabbit_vhost:add(V, <<\"test\">>), "
      "rabbit_auth_backend_internal:set_permissions(<<\"guest\">>, V, <<\".*\">>, <<\".*\">>, <<\".*\">>, <<\"test\">>) end, "
      "lists:seq(1, 40)).'");
  return one;
}

// A virtual host of its own.
inline std::string fresh_vhost() {
  static std::atomic<int> count = 0;
  return "v" + std::to_string(++count);
}

inline Account account(const std::string& vhost) {
  Account made;
  made.servers = {parse_server(server().url("guest", vhost)).value()};
  made.password = "guest";
  made.process = "test";
  return made;
}

inline BrokerOptions broker_options(const std::string& vhost, std::size_t capacity, const std::string& name = "b1",
                                    unsigned partitions = 1) {
  BrokerOptions options;
  options.account = account(vhost);
  options.broker = name;
  options.channels = {"website", "noticeboard"};
  options.partitions = partitions;
  options.capacity = capacity;
  return options;
}

inline WorkerOptions worker_options(const std::string& vhost, const std::string& name = "w1", unsigned partitions = 1) {
  WorkerOptions options;
  options.account = account(vhost);
  options.worker = name;
  options.channels = {"website", "noticeboard"};
  options.partitions = partitions;
  options.patience = std::chrono::milliseconds(1000);
  return options;
}

template <typename Condition>
bool wait_for(Condition condition, std::chrono::seconds most = std::chrono::seconds(20)) {
  const auto deadline = std::chrono::steady_clock::now() + most;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

}  // namespace fabu::transport::rabbitmq
