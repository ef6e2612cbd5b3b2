#include "broker/transport/rabbitmq/topology.h"

#include <nlohmann/json.hpp>

namespace fabu::transport::rabbitmq {
namespace {

constexpr std::int64_t kDeliveryLimit = 20;          // a message that is given out more often kills whoever takes it
constexpr std::int64_t kReportsOutliveMs = 120'000;  // the queue of a broker that is gone

// Dead letters leave their queue only once they are safe in the next one, which needs overflow by refusal.
// RabbitMQ 3.10, "Quorum Queues", "Dead Lettering".
QueueShape quorum(std::string name, const std::string& dead_letters = {}) {
  QueueShape shape;
  shape.name = std::move(name);
  shape.arguments = {{"x-queue-type", std::string("quorum")}};
  if (!dead_letters.empty()) {
    shape.arguments["x-delivery-limit"] = kDeliveryLimit;
    shape.arguments["x-dead-letter-exchange"] = dead_letters;
    shape.arguments["x-dead-letter-strategy"] = std::string("at-least-once");
    shape.arguments["x-overflow"] = std::string("reject-publish");
  }
  return shape;
}

nlohmann::json arguments_json(const Arguments& arguments) {
  nlohmann::json json = nlohmann::json::object();
  for (const auto& [name, value] : arguments) std::visit([&](const auto& v) { json[name] = v; }, value);
  return json;
}

}  // namespace

unsigned partition_of(std::uint64_t item_id, unsigned partitions) {
  return static_cast<unsigned>(item_id % partitions);
}
std::string works_key(const std::string& channel, unsigned partition) {
  return channel + "." + std::to_string(partition);
}
std::string works_queue(const std::string& channel, unsigned partition) {
  return std::string(kWorks) + "." + works_key(channel, partition);
}

QueueShape reports_queue(const std::string& broker) {
  QueueShape shape;
  shape.name = std::string(kReports) + "." + broker;
  shape.durable = false;
  shape.arguments = {{"x-expires", kReportsOutliveMs}};
  return shape;
}

Topology topology(const std::vector<std::string>& channels, unsigned partitions) {
  Topology made;
  made.exchanges = {{kItems, "direct"},     {kParked, "fanout"}, {kWorks, "direct"},
                    {kDeadWorks, "fanout"}, {kStatus, "fanout"}, {kControl, "fanout"}};
  made.queues = {quorum(kItems, kParked), quorum(kParked), quorum(kDeadWorks), quorum(kReports)};
  made.bindings = {{kItems, kItems, kItemKey}, {kParked, kParked, ""}, {kDeadWorks, kDeadWorks, ""}};
  for (const auto& channel : channels) {
    for (unsigned partition = 0; partition < partitions; ++partition) {
      auto shape = quorum(works_queue(channel, partition), kDeadWorks);
      shape.arguments["x-single-active-consumer"] = true;
      made.bindings.push_back({shape.name, kWorks, works_key(channel, partition)});
      made.queues.push_back(std::move(shape));
    }
  }
  return made;
}

void declare(Wire& wire, const Topology& topology) {
  for (const auto& exchange : topology.exchanges) wire.declare_exchange(exchange.name, exchange.kind);
  for (const auto& queue : topology.queues) wire.declare_queue(queue);
  for (const auto& binding : topology.bindings) wire.bind(binding.queue, binding.exchange, binding.routing_key);
}

std::string definitions_json(const Topology& topology, const std::string& vhost) {
  nlohmann::ordered_json json;
  json["vhosts"] = {{{"name", vhost}}};
  json["exchanges"] = nlohmann::json::array();
  for (const auto& exchange : topology.exchanges) {
    json["exchanges"].push_back({{"name", exchange.name},
                                 {"vhost", vhost},
                                 {"type", exchange.kind},
                                 {"durable", true},
                                 {"auto_delete", false},
                                 {"internal", false},
                                 {"arguments", nlohmann::json::object()}});
  }
  json["queues"] = nlohmann::json::array();
  for (const auto& queue : topology.queues) {
    json["queues"].push_back({{"name", queue.name},
                              {"vhost", vhost},
                              {"durable", queue.durable},
                              {"auto_delete", queue.auto_delete},
                              {"arguments", arguments_json(queue.arguments)}});
  }
  json["bindings"] = nlohmann::json::array();
  for (const auto& binding : topology.bindings) {
    json["bindings"].push_back({{"source", binding.exchange},
                                {"vhost", vhost},
                                {"destination", binding.queue},
                                {"destination_type", "queue"},
                                {"routing_key", binding.routing_key},
                                {"arguments", nlohmann::json::object()}});
  }
  return json.dump(2) + "\n";
}

}  // namespace fabu::transport::rabbitmq
