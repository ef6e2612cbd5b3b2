// Consumes queues over a link of its own. Acknowledgements that come together go together: to a quorum queue each command is an
// entry of its replicated log.
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "broker/transport/rabbitmq/link.h"

namespace fabu::transport::rabbitmq {

// What is acknowledged: of one connection, and worthless after it.
struct Ticket {
  std::uint64_t connection = 0;
  std::uint64_t tag = 0;
};

// Thread-safe.
class Consumer final : private LinkUser {
 public:
  struct Hooks {
    std::function<void(Wire&)> connected;  // declares and consumes; may throw WireError
    std::function<void(Ticket, Arrival)> arrived;
    std::function<void()> lost;  // may be empty. Everything unacknowledged will come again, here or elsewhere
    std::function<void()> tick;  // may be empty. At least four times a second while there is a connection
  };
  // Hooks are called on the link's thread and must not block.
  Consumer(Account account, const std::string& purpose, Hooks hooks);
  ~Consumer() override;

  void start() { link_.start(); }
  // A ticket of an earlier connection is ignored.
  void ack(Ticket);
  void reject(Ticket, bool again);
  // Has `task` done on the link's thread, now or once there is a connection.
  void with_wire(std::function<void(Wire&)> task);
  bool up() const { return link_.up(); }
  void stop();

 private:
  struct Answer {
    Ticket ticket;
    bool taken = false, again = false;
  };
  void connected(Wire&) override;
  void work(Wire&) override;
  void event(Wire&, WireEvent) override;
  void lost() override;
  void answer(Answer);
  void send(Wire&, const std::vector<Answer>&);

  const Hooks hooks_;
  std::mutex mutex_;  // guards the two below
  std::vector<Answer> answers_;
  std::vector<std::function<void(Wire&)>> tasks_;
  // Of the link's thread.
  std::uint64_t connection_ = 0;
  std::set<std::uint64_t> open_;  // tags that are to be acknowledged or rejected
  Link link_;                     // last: its thread uses all of the above
};

}  // namespace fabu::transport::rabbitmq
