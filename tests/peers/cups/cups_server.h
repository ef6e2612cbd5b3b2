// A private cupsd on loopback with a folder of its own, and what stands behind its queues.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "peers/port.h"

namespace fabu::peers {

// A process that ends with this object.
class Process {
 public:
  Process(const std::vector<std::string>& command, const std::filesystem::path& log,
          const std::vector<std::string>& environment = {});
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  void kill(int signal);
  bool is_running();

 private:
  pid_t pid_ = -1;
};

// Whether somebody answers at this port.
bool is_listening(int port);
// Waits until the condition holds; throws std::runtime_error that names it when it does not in time.
void eventually(const std::string& what, const std::function<bool()>& holds,
                std::chrono::seconds within = std::chrono::seconds(20));

class CupsServer {
 public:
  CupsServer();
  ~CupsServer();

  int port() const { return port_; }
  const std::filesystem::path& folder() const { return folder_; }
  void start();
  // SIGKILL, as a power cut would.
  void kill();
  // A queue that copies jobs to a file at once.
  void add_file_queue(const std::string& name);
  // A queue of an IPP Everywhere printer at this port.
  void add_ipp_queue(const std::string& name, int printer_port);
  // Runs a CUPS client tool against this server; throws when it fails.
  void tool(const std::string& name, std::vector<std::string> arguments);
  std::string log() const;

 private:
  void configure();

  std::filesystem::path folder_;
  int port_;
  std::unique_ptr<Process> process_;
};

}  // namespace fabu::peers
