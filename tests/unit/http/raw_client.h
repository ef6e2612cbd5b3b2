// A client that writes bytes as they are and reads what comes: for requests that no library would send.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <string>
#include <string_view>

namespace fabu::http {

class RawClient {
 public:
  explicit RawClient(unsigned short port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = ::connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0;
    limit(20);
  }
  explicit RawClient(const std::string& path) : fd_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un to{};
    to.sun_family = AF_UNIX;
    std::strncpy(to.sun_path, path.c_str(), sizeof to.sun_path - 1);
    connected_ = ::connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0;
    limit(20);
  }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;
  ~RawClient() { ::close(fd_); }

  bool connected() const { return connected_; }
  // False when the other side has closed.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }
  void finish_sending() { ::shutdown(fd_, SHUT_WR); }

  struct Answer {
    int status = 0;  // 0 = closed before an answer
    std::string head, body;
  };
  // The next answer; `head_only` for HEAD. Reads lengths and chunks.
  Answer answer(bool head_only = false) {
    Answer found;
    std::size_t end = 0;
    while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
      if (!fill()) return found;
    }
    found.head = buffer_.substr(0, end + 2);
    buffer_.erase(0, end + 4);
    found.status = std::atoi(found.head.c_str() + 9);
    if (head_only || found.status == 204 || found.status == 304 || found.status == 100) return found;
    if (found.head.find("Transfer-Encoding: chunked") != std::string::npos) {
      found.body = chunks();
    } else if (const auto at = found.head.find("Content-Length: "); at != std::string::npos) {
      const auto size = std::strtoul(found.head.c_str() + at + 16, nullptr, 10);
      while (buffer_.size() < size && fill()) {
      }
      found.body = buffer_.substr(0, size);
      buffer_.erase(0, size);
    } else {
      while (fill()) {
      }
      found.body.swap(buffer_);
    }
    return found;
  }
  // Whether the other side closes, with nothing more to say.
  bool closed() { return buffer_.empty() && !fill(); }

 private:
  void limit(int seconds) {
    timeval wait{seconds, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
    ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait);
  }
  bool fill() {
    char piece[16384];
    const auto got = ::recv(fd_, piece, sizeof piece, 0);
    if (got <= 0) return false;
    buffer_.append(piece, static_cast<std::size_t>(got));
    return true;
  }
  std::string chunks() {
    std::string body;
    for (;;) {
      std::size_t end = 0;
      while ((end = buffer_.find("\r\n")) == std::string::npos) {
        if (!fill()) return body + "<CUT>";
      }
      const auto size = std::strtoul(buffer_.c_str(), nullptr, 16);
      while (buffer_.size() < end + 2 + size + 2) {
        if (!fill()) return body + "<CUT>";
      }
      body += buffer_.substr(end + 2, size);
      buffer_.erase(0, end + 2 + size + 2);
      if (size == 0) return body;
    }
  }

  int fd_;
  bool connected_ = false;
  std::string buffer_;
};

}  // namespace fabu::http
