// Publishes messages, each with a confirmation from RabbitMQ, over a link of its own: acknowledgements of what is consumed must
// not wait when RabbitMQ blocks those who publish.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <string>

#include "broker/transport/rabbitmq/link.h"

namespace fabu::transport::rabbitmq {

enum class Published {
  taken,       // RabbitMQ has it as safely as its queue is
  unroutable,  // no queue wanted it
  refused,     // a queue could not take it
  unknown,     // the connection broke first
};

// Thread-safe.
class Publisher final : private LinkUser {
 public:
  using Done = std::function<void(Published)>;

  Publisher(Account account, const std::string& purpose, std::function<void(Wire&)> prepare = {});
  ~Publisher() override;

  void start() { link_.start(); }
  // Queues the message; it waits while there is no connection and while RabbitMQ asks publishers to wait. `done` is called once,
  // on the link's thread; it must not block. Whoever publishes bounds how many are under way.
  void publish(Message, Done done = {});
  bool up() const { return link_.up(); }
  bool blocked() const { return blocked_.load(); }
  std::size_t waiting() const;
  // Sends what can be sent now, forgets the rest (Published::unknown). Idempotent.
  void stop();

 private:
  struct Sent {
    Done done;
    bool returned = false;
    bool over = false;
  };
  void connected(Wire&) override;
  void work(Wire&) override;
  void event(Wire&, WireEvent) override;
  void lost() override;
  void confirm(const Confirmation&);
  void finish(Sent&, Published);

  const std::function<void(Wire&)> prepare_;
  mutable std::mutex mutex_;  // guards waiting_
  struct Waiting {
    Message message;
    Done done;
  };
  std::deque<Waiting> waiting_;
  std::atomic<bool> blocked_ = false;
  // Of the link's thread.
  std::deque<Sent> sent_;    // unconfirmed, from first_ on
  std::uint64_t first_ = 1;  // tag of sent_.front()
  Link link_;                // last: its thread uses all of the above
};

}  // namespace fabu::transport::rabbitmq
