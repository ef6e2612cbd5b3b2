// A connection to RabbitMQ that lasts: a thread of its own, which connects, connects again with growing patience when the
// connection breaks, and hands what comes to its user. rabbitmq-c blocks and is not thread-safe: nothing else touches it.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <thread>

#include "broker/transport/rabbitmq/wire.h"

namespace fabu::transport::rabbitmq {

// What a link is for. Every call comes on the link's thread; what throws WireError ends the connection.
class LinkUser {
 public:
  virtual ~LinkUser() = default;
  // A new connection: declare and consume what is needed.
  virtual void connected(Wire&) = 0;
  // After wake(), after events, and at least four times a second: send what waits.
  virtual void work(Wire&) = 0;
  virtual void event(Wire&, WireEvent) = 0;
  // The connection is gone, and everything that was under way on it.
  virtual void lost() = 0;
};

class Link {
 public:
  // `purpose` names it in logs and in RabbitMQ's list of connections. The user outlives the link.
  Link(Account account, std::string purpose, LinkUser& user);
  ~Link();  // stop()
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  void start();
  // Has work() called soon. Thread-safe.
  void wake();
  // Ends the thread after one last work(). Idempotent; not on the link's own thread.
  void stop();
  bool up() const { return up_.load(); }

 private:
  void run();
  std::unique_ptr<Wire> connect();
  void serve(Wire&);
  void rest(std::chrono::milliseconds);

  Account account_;
  const std::string purpose_;
  LinkUser& user_;
  int wake_ = -1;  // eventfd
  std::atomic<bool> woken_ = false;
  std::atomic<bool> stopping_ = false;
  std::atomic<bool> up_ = false;
  std::size_t next_server_ = 0;
  std::chrono::steady_clock::time_point complained_{};
  std::thread thread_;
};

}  // namespace fabu::transport::rabbitmq
