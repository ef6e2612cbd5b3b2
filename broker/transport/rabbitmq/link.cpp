#include "broker/transport/rabbitmq/link.h"

#include <poll.h>
#include <spdlog/spdlog.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <random>
#include <system_error>

namespace fabu::transport::rabbitmq {
namespace {

constexpr std::chrono::milliseconds kTick{250};  // also keeps the heartbeats going
constexpr std::chrono::milliseconds kShortestRest{100}, kLongestRest{5000};
constexpr std::chrono::seconds kComplainEvery{30};

}  // namespace

Link::Link(Account account, std::string purpose, LinkUser& user)
    : account_(std::move(account)), purpose_(std::move(purpose)), user_(user), wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (wake_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
  account_.process += " " + purpose_;
}

Link::~Link() {
  stop();
  ::close(wake_);
}

void Link::start() {
  thread_ = std::thread([this] { run(); });
}

void Link::wake() {
  if (woken_.exchange(true)) return;
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(wake_, &one, sizeof one);
}

void Link::stop() {
  stopping_ = true;
  woken_ = false;
  wake();
  if (thread_.joinable()) thread_.join();
}

std::unique_ptr<Wire> Link::connect() {
  const auto& server = account_.servers[next_server_++ % account_.servers.size()];
  try {
    auto wire = std::make_unique<Wire>(account_, server);
    user_.connected(*wire);
    spdlog::info("event=rabbitmq_connected purpose={} server={}", purpose_, server.name());
    return wire;
  } catch (const WireError& failure) {
    const auto now = std::chrono::steady_clock::now();
    const bool said = now - complained_ < kComplainEvery;
    spdlog::log(said ? spdlog::level::debug : spdlog::level::warn, "event=rabbitmq_unreachable purpose={} server={} why=\"{}\"",
                purpose_, server.name(), failure.what());
    if (!said) complained_ = now;
    user_.lost();
    return nullptr;
  }
}

void Link::run() {
  std::minstd_rand random(std::random_device{}());
  auto patience = kShortestRest;
  // Each process begins with another server, so that they spread over the cluster.
  next_server_ = random() % account_.servers.size();
  while (!stopping_) {
    if (const auto wire = connect()) {
      patience = kShortestRest;
      up_ = true;
      try {
        serve(*wire);
      } catch (const WireError& failure) {
        spdlog::warn("event=rabbitmq_lost purpose={} why=\"{}\"", purpose_, failure.what());
      }
      up_ = false;
      user_.lost();
    }
    if (stopping_) break;
    rest(patience / 2 + patience / 2 * (random() % 1000) / 1000);
    patience = std::min(patience * 2, kLongestRest);
  }
}

void Link::serve(Wire& wire) {
  while (!stopping_) {
    if (woken_.exchange(false)) {
      std::uint64_t count = 0;
      [[maybe_unused]] const auto read = ::read(wake_, &count, sizeof count);
    }
    user_.work(wire);
    bool came = false;
    while (auto event = wire.next()) {
      user_.event(wire, std::move(*event));
      came = true;
    }
    if (!came && !woken_) wire.wait(wake_, kTick);
  }
  user_.work(wire);
}

void Link::rest(std::chrono::milliseconds time) {
  const auto until = std::chrono::steady_clock::now() + time;
  while (!stopping_) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
    if (left.count() <= 0) return;
    std::this_thread::sleep_for(std::min(left, std::chrono::milliseconds(50)));
  }
}

}  // namespace fabu::transport::rabbitmq
