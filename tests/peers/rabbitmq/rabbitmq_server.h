// A private RabbitMQ node on loopback with a folder, a cookie and a port mapper of its own.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>

namespace fabu::peers {

class RabbitServer {
 public:
  // Starts it; throws with its log when it does not come up within three minutes.
  RabbitServer();
  ~RabbitServer();
  RabbitServer(const RabbitServer&) = delete;
  RabbitServer& operator=(const RabbitServer&) = delete;

  // amqp://guest@127.0.0.1:PORT/, whose password is "guest".
  std::string url(const std::string& user = "guest", const std::string& vhost = "%2f") const;
  int port() const { return port_; }
  // amqps://guest@localhost:PORT/: whoever comes must have a certificate of the authority below.
  std::string tls_url() const;
  // ca.pem, client.pem, client.key; and a stranger's: stranger.pem, stranger.key, which is an authority to itself.
  std::filesystem::path certificates() const { return folder_ / "tls"; }
  // rabbitmqctl with these arguments; what it printed. Throws when it fails.
  std::string control(const std::string& arguments) const;
  // Continues with what is on its disk.
  void start();
  // SIGKILL to all of it, as a power cut would. First the node saves its list of quorum queues, which it does twice a second by
  // itself: it never finds again a queue that was made since (RabbitMQ 3.10, ra_directory).
  void kill();

 private:
  std::string environment() const;
  void end();
  void make_certificates() const;
  bool answers() const;

  std::filesystem::path folder_;
  int port_, tls_port_, port_mapper_, distribution_;
  pid_t group_ = 0;  // of the server's processes; 0: it does not run
};

}  // namespace fabu::peers
