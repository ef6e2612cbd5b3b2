// What fabu has in RabbitMQ: exchanges, queues and bindings, in one place. Declared by every broker at its start (declaring what
// is there already changes nothing) and exported for those who set RabbitMQ up beforehand.
//
// A channel's works lie in partitions: quorum queues with a single active consumer. An item's works are all in the partition of
// its number, so that one worker at a time has them and their order holds, however many workers there are; when it dies, RabbitMQ
// hands the partition with what was not acknowledged to the next. A consistent-hash exchange would need a plugin, and its
// bindings change places when a queue is added; the number of partitions is part of the configuration here, and says itself where
// an item goes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "broker/transport/rabbitmq/wire.h"

namespace fabu::transport::rabbitmq {

inline constexpr const char* kItems = "fabu.items";           // exchange and queue: what departments submit
inline constexpr const char* kItemKey = "item";               // its routing key
inline constexpr const char* kParked = "fabu.parked";         // exchange and queue: submissions that nobody can take
inline constexpr const char* kWorks = "fabu.works";           // exchange: deliveries for workers
inline constexpr const char* kDeadWorks = "fabu.works.dead";  // exchange and queue: deliveries that killed their workers
inline constexpr const char* kReports = "fabu.reports";       // queue: reports whose broker is gone
inline constexpr const char* kStatus = "fabu.status";         // fanout exchange: how workers stand
inline constexpr const char* kControl = "fabu.control";       // fanout exchange: what operators switch

struct ExchangeShape {
  std::string name, kind;
};
struct Binding {
  std::string queue, exchange, routing_key;
};

struct Topology {
  std::vector<ExchangeShape> exchanges;
  std::vector<QueueShape> queues;
  std::vector<Binding> bindings;
};

// `partitions`: of each channel, 1-64.
Topology topology(const std::vector<std::string>& channels, unsigned partitions);
// Declares all of it. Throws WireError when something is there in another shape, with its name.
void declare(Wire&, const Topology&);
// For `rabbitmqctl import_definitions`; RabbitMQ 3.10, "Schema Definition Export and Import".
std::string definitions_json(const Topology&, const std::string& vhost);

unsigned partition_of(std::uint64_t item_id, unsigned partitions);
// Name of a partition's queue, and with `exchange` kWorks its routing key.
std::string works_queue(const std::string& channel, unsigned partition);
std::string works_key(const std::string& channel, unsigned partition);
// Where the reports for one broker go: lives as long as the broker, and a little longer.
QueueShape reports_queue(const std::string& broker);

}  // namespace fabu::transport::rabbitmq
