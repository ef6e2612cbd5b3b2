// A TCP proxy on loopback that can become a black hole: connections stay open and new ones are taken, but nothing passes.
#pragma once

#include <atomic>
#include <list>
#include <mutex>
#include <thread>

namespace fabu::peers {

class Proxy {
 public:
  // To this port on loopback.
  explicit Proxy(int server);
  ~Proxy();
  Proxy(const Proxy&) = delete;
  Proxy& operator=(const Proxy&) = delete;

  int port() const { return port_; }
  void cut() { cut_ = true; }
  // What came meanwhile arrives now.
  void mend() { cut_ = false; }

 private:
  void take();
  void pass(int client);
  bool connect(int to) const;

  const int server_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<bool> cut_ = false, over_ = false;
  std::thread taking_;
  std::mutex mutex_;
  std::list<std::thread> passing_;
};

}  // namespace fabu::peers
