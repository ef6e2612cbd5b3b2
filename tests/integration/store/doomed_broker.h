#pragma once

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>

namespace fabu::store {

// A broker in a process of its own, which sends what it acknowledged and is then killed where it stands.
class DoomedBroker {
 public:
  // `work` writes each ack as a line of bytes; it ends with the process, by _exit without closing, or by SIGKILL from here.
  template <typename Work>
  explicit DoomedBroker(Work work) {
    if (::pipe(ends_.data()) != 0) throw std::runtime_error("pipe");
    child_ = ::fork();
    if (child_ == 0) {
      ::close(ends_[0]);
      try {
        work([this](const std::string& ack) { send(ack); });
        ::_exit(0);
      } catch (...) {
        ::_exit(1);  // the acks that are missing tell
      }
    }
    ::close(ends_[1]);
  }
  ~DoomedBroker() {
    ::kill(child_, SIGKILL);
    ::waitpid(child_, nullptr, 0);
    ::close(ends_[0]);
  }
  DoomedBroker(const DoomedBroker&) = delete;
  DoomedBroker& operator=(const DoomedBroker&) = delete;

  void kill() { ::kill(child_, SIGKILL); }
  void stop() { ::kill(child_, SIGSTOP); }
  void go_on() { ::kill(child_, SIGCONT); }
  std::optional<std::string> next_ack() {
    std::uint32_t size = 0;
    if (!read_all(&size, sizeof size)) return std::nullopt;
    std::string ack(size, 0);
    if (!read_all(ack.data(), size)) return std::nullopt;
    return ack;
  }

 private:
  void send(const std::string& ack) {
    const auto size = static_cast<std::uint32_t>(ack.size());
    if (::write(ends_[1], &size, sizeof size) < 0 || ::write(ends_[1], ack.data(), size) < 0) ::_exit(2);
  }
  bool read_all(void* to, std::size_t size) {
    for (std::size_t got = 0; got < size;) {
      const auto piece = ::read(ends_[0], static_cast<char*>(to) + got, size - got);
      if (piece <= 0) return false;
      got += static_cast<std::size_t>(piece);
    }
    return true;
  }

  std::array<int, 2> ends_{};
  pid_t child_ = -1;
};

}  // namespace fabu::store
