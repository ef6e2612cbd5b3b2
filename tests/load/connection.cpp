#include "load/connection.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <utility>

namespace fabu::load {
namespace {

// The value of a header in the raw head of an answer, or nothing. `name` is lower case.
std::string_view header(std::string_view head, std::string_view name) {
  std::size_t line = head.find("\r\n");
  while (line != std::string_view::npos && line + 2 < head.size()) {
    const std::size_t begin = line + 2, end = std::min(head.find("\r\n", begin), head.size());
    const auto field = head.substr(begin, end - begin);
    const auto same = [](char a, char b) { return std::tolower(static_cast<unsigned char>(a)) == b; };
    if (field.size() > name.size() && field[name.size()] == ':' &&
        std::equal(name.begin(), name.end(), field.begin(), [&](char n, char f) { return same(f, n); })) {
      auto value = field.substr(name.size() + 1);
      while (!value.empty() && value.front() == ' ') value.remove_prefix(1);
      return value;
    }
    line = end;
  }
  return {};
}

}  // namespace

Connection::Connection(std::string host, unsigned short port, std::string key)
    : host_(std::move(host)), port_(port), key_(std::move(key)) {}

Connection::~Connection() {
  close();
}

void Connection::close() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
  buffer_.clear();
}

bool Connection::open() {
  fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  timeval limit{30, 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port_);
  ::inet_pton(AF_INET, host_.c_str(), &address.sin_addr);
  if (::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) return true;
  close();
  return false;
}

bool Connection::send_all(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

bool Connection::fill() {
  std::array<char, 16384> piece;
  const auto got = ::recv(fd_, piece.data(), piece.size(), 0);
  if (got <= 0) return false;
  buffer_.append(piece.data(), static_cast<std::size_t>(got));
  return true;
}

Reply Connection::request(std::string_view method, std::string_view path, std::string_view content_type, std::string_view body) {
  if (fd_ < 0 && !open()) return {};
  std::string head;
  head.reserve(512 + body.size());
  head.append(method).append(" ").append(path).append(" HTTP/1.1\r\nHost: ").append(host_);
  if (!key_.empty()) head.append("\r\nAuthorization: Bearer ").append(key_);
  if (!content_type.empty()) head.append("\r\nContent-Type: ").append(content_type);
  head.append("\r\nContent-Length: ").append(std::to_string(body.size())).append("\r\n\r\n").append(body);
  Reply reply;
  if (!send_all(head)) return close(), reply;
  std::size_t end = 0;
  while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
    if (!fill()) return close(), reply;
  }
  const std::string answer = buffer_.substr(0, end + 2);
  const auto length = std::strtoul(std::string(header(answer, "content-length")).c_str(), nullptr, 10);
  while (buffer_.size() < end + 4 + length) {
    if (!fill()) return close(), reply;
  }
  reply.status = std::atoi(answer.c_str() + std::min<std::size_t>(9, answer.size()));
  reply.retry_after = std::atoi(std::string(header(answer, "retry-after")).c_str());
  reply.body = buffer_.substr(end + 4, length);
  buffer_.erase(0, end + 4 + length);
  if (header(answer, "connection") == "close") close();
  return reply;
}

}  // namespace fabu::load
