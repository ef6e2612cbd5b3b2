// The built fabu binary as a child process, which tests start, kill and start again.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace fabu::load {

// Runs a program to its end; its standard output and exit code.
struct Ended {
  int code = -1;
  std::string output;
};
Ended run(const std::vector<std::string>& arguments);

// A port of 127.0.0.1 that was free a moment ago.
unsigned short free_port();

class ServerProcess {
 public:
  // `arguments` begins with the program. Output goes to `log_file`, appended.
  ServerProcess(std::vector<std::string> arguments, unsigned short port, std::string log_file);
  ~ServerProcess();  // kills
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  void start();
  // True once /readyz answers 200; false when the process ended or `seconds` passed.
  bool wait_ready(double seconds) const;
  void kill();      // SIGKILL, and waits
  int terminate();  // SIGTERM, and waits; the exit code
  bool alive() const;
  pid_t pid() const { return pid_; }

 private:
  std::vector<std::string> arguments_;
  unsigned short port_;
  std::string log_file_;
  pid_t pid_ = -1;
};

}  // namespace fabu::load
