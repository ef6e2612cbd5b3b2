// A keep-alive HTTP/1.1 connection over plain sockets: as little client as can be, so that a load test on two cores measures the
// server. Blocking; one thread each.
#pragma once

#include <string>
#include <string_view>

namespace fabu::load {

struct Reply {
  int status = 0;  // 0: the connection failed; nothing is known about the request
  std::string body;
  int retry_after = 0;  // seconds, when the server said so
};

class Connection {
 public:
  Connection(std::string host, unsigned short port, std::string key);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Connects when needed, sends, reads the whole answer.
  Reply request(std::string_view method, std::string_view path, std::string_view content_type, std::string_view body);
  void close();

 private:
  bool open();
  bool send_all(std::string_view bytes);
  bool fill();

  std::string host_;
  unsigned short port_;
  std::string key_;
  int fd_ = -1;
  std::string buffer_;
};

}  // namespace fabu::load
