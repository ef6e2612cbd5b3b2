#include "peers/proxy/proxy.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <stdexcept>

namespace fabu::peers {
namespace {

constexpr int kTurn = 20;  // ms

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  return address;
}

// False: this side has ended.
bool move(int from, int to) {
  std::array<char, 65536> bytes;
  const auto got = ::recv(from, bytes.data(), bytes.size(), 0);
  for (ssize_t sent = 0; sent < got;) {
    const auto piece = ::send(to, bytes.data() + sent, static_cast<std::size_t>(got - sent), MSG_NOSIGNAL);
    if (piece <= 0) return false;
    sent += piece;
  }
  return got > 0;
}

}  // namespace

Proxy::Proxy(int server) : server_(server), listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  auto address = loopback(0);
  socklen_t size = sizeof address;
  if (::bind(listener_, reinterpret_cast<const sockaddr*>(&address), size) != 0 || ::listen(listener_, 64) != 0)
    throw std::runtime_error("no proxy");
  ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
  port_ = ntohs(address.sin_port);
  taking_ = std::thread([this] { take(); });
}

Proxy::~Proxy() {
  over_ = true;
  taking_.join();
  for (auto& thread : passing_) thread.join();
  ::close(listener_);
}

void Proxy::take() {
  while (!over_) {
    pollfd waiting{listener_, POLLIN, 0};
    if (::poll(&waiting, 1, kTurn) <= 0) continue;
    const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0) continue;
    const std::lock_guard lock(mutex_);
    passing_.emplace_back([this, client] { pass(client); });
  }
}

bool Proxy::connect(int to) const {
  const auto address = loopback(server_);
  return ::connect(to, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

void Proxy::pass(int client) {
  const int server = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  for (bool open = connect(server); open && !over_;) {
    if (cut_) {
      std::this_thread::sleep_for(std::chrono::milliseconds(kTurn));
      continue;
    }
    std::array<pollfd, 2> ends{pollfd{client, POLLIN, 0}, pollfd{server, POLLIN, 0}};
    if (::poll(ends.data(), ends.size(), kTurn) <= 0 || cut_) continue;
    open = (ends[0].revents == 0 || move(client, server)) && (ends[1].revents == 0 || move(server, client));
  }
  ::close(client);
  ::close(server);
}

}  // namespace fabu::peers
