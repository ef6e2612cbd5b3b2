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
  // A copy of a running primary, which follows it: what the primary commits is then on both, or is not acknowledged.
  struct StandbyOf {
    PostgresServer& primary;
  };
  explicit PostgresServer(StandbyOf);
  ~PostgresServer();
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;

  int port() const { return port_; }
  // Of a database; made when it is not there.
  std::string address(const std::string& database);
  void start();
  // SIGKILL to all of it, as a power cut would.
  void kill();
  // Makes a standby a primary.
  void promote();

 private:
  void make_folder();
  void run(const std::string& command) const;
  std::string with_psql(const std::string& statement) const;

  std::filesystem::path folder_;
  int port_;
  bool running_ = false;
  std::set<std::string> made_;  // databases
};

}  // namespace fabu::peers
