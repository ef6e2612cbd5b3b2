// A private PostgreSQL on loopback with a folder of its own.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <set>
#include <string>

namespace fabu::peers {

class PostgresServer {
 public:
  PostgresServer();
  ~PostgresServer();
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;

  int port() const { return port_; }
  // Of a database; made when it is not there.
  std::string address(const std::string& database);
  void start();
  // SIGKILL to all of it, as a power cut would.
  void kill();

 private:
  void run(const std::string& command) const;

  std::filesystem::path folder_;
  int port_;
  bool running_ = false;
  std::set<std::string> made_;  // databases
};

}  // namespace fabu::peers
