// One connection to RabbitMQ with one channel, as rabbitmq-c has it: of a single thread, and blocking but for next(). Every
// failure is a WireError, after which the connection is of no more use.
#pragma once

#include <amqp.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "broker/transport/rabbitmq/address.h"

namespace fabu::transport::rabbitmq {

class WireError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// What of AMQP's basic properties is used.
struct Properties {
  std::string type;  // full name of the message in the body, e.g. fabu.v1.Item
  std::string content_type;
  std::string correlation_id, reply_to, message_id;
  std::string user_id;  // validated by RabbitMQ: the user whose connection published it
  bool durable = true;
  std::map<std::string, std::string> headers;  // those that are texts or numbers
};

struct Message {
  std::string exchange, routing_key;
  Properties properties;
  std::string body;
};

// A message of a queue that is consumed.
struct Arrival {
  std::string consumer;   // its tag, as given to consume()
  std::uint64_t tag = 0;  // for ack() and reject()
  bool redelivered = false;
  bool wants_answer = false;  // it was consumed with answers
  Message message;
};
// RabbitMQ has taken what was published, or refuses to (a queue is full, or failed).
struct Confirmation {
  std::uint64_t tag = 0;  // counts what was published, from 1
  bool all_before = false;
  bool taken = false;
};
// No queue wanted it. Comes before its confirmation.
struct Return {
  std::string message_id, reason;
};
// RabbitMQ is short of memory or disk and asks publishers to wait (connection.blocked), or to go on.
struct Blockage {
  bool blocked = false;
  std::string reason;
};
// The queue that was consumed is gone.
struct Cancellation {
  std::string consumer;
};
using WireEvent = std::variant<Arrival, Confirmation, Return, Blockage, Cancellation>;

// Arguments of a queue: texts, numbers, truths.
using Arguments = std::map<std::string, std::variant<std::string, std::int64_t, bool>>;

struct QueueShape {
  std::string name;
  bool durable = true, exclusive = false, auto_delete = false;
  Arguments arguments;
};

class Wire {
 public:
  // Connects, logs in, opens the channel.
  Wire(const Account&, const Server&);
  ~Wire();
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;

  // Whoever publishes wants confirmations; once, before the first.
  void confirm_publishing();
  void declare_exchange(const std::string& name, const std::string& kind);
  // The queue's name: RabbitMQ makes one up when it is empty.
  std::string declare_queue(const QueueShape&);
  void bind(const std::string& queue, const std::string& exchange, const std::string& routing_key);
  // At most `prefetch` unacknowledged messages at a time (0: any number). Without `answers`, what arrives counts as acknowledged.
  void consume(const std::string& queue, const std::string& consumer, std::uint16_t prefetch, bool answers);

  void publish(const Message&);  // mandatory
  void ack(std::uint64_t tag, bool all_before);
  void reject(std::uint64_t tag, bool again);

  // What has come, without waiting.
  std::optional<WireEvent> next();
  // Waits until something may have come, `wake` can be read, or the time is over.
  void wait(int wake, std::chrono::milliseconds most);

 private:
  std::optional<WireEvent> read(const amqp_frame_t&);
  Message read_message();
  void check(int status, std::string_view doing) const;
  void check_rpc(std::string_view doing) const;

  struct Close {
    void operator()(amqp_connection_state_t) const;
  };
  std::unique_ptr<std::remove_pointer_t<amqp_connection_state_t>, Close> connection_;
  std::string user_;
  std::set<std::string> answered_;  // consumers with answers
};

}  // namespace fabu::transport::rabbitmq
