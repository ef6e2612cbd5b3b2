// Wakes a thread that polls.
#pragma once

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <stdexcept>

namespace fabu::store::pg {

// Thread-safe.
class Wake {
 public:
  Wake() : descriptor_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (descriptor_ < 0) throw std::runtime_error("no eventfd");
  }
  ~Wake() { ::close(descriptor_); }
  Wake(const Wake&) = delete;
  Wake& operator=(const Wake&) = delete;

  // Readable once ring() was called, until hear().
  int descriptor() const { return descriptor_; }
  void ring() { ::eventfd_write(descriptor_, 1); }
  void hear() {
    std::uint64_t rings = 0;
    ::eventfd_read(descriptor_, &rings);
  }
  // Until somebody rings.
  void wait(std::chrono::milliseconds longest) {
    pollfd watched{descriptor_, POLLIN, 0};
    ::poll(&watched, 1, static_cast<int>(longest.count()));
    hear();
  }

 private:
  const int descriptor_;
};

}  // namespace fabu::store::pg
