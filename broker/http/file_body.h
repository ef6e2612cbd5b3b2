// Files as answers: read on a pool, never on the threads that serve connections; large ones piece by piece.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "broker/http/response.h"

namespace fabu::http {

// An open file, closed with the last owner.
class FileHandle {
 public:
  explicit FileHandle(int fd) : fd_(fd) {}
  ~FileHandle();
  FileHandle(FileHandle&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FileHandle& operator=(FileHandle&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }

 private:
  int fd_;
};

// A part of a file.
struct ByteRange {
  std::uint64_t first = 0, length = 0;
};

// The one range of a Range header, cut to the file (RFC 9110 section 14). Nothing when the header is absent, has several ranges
// or another unit: the whole file is then sent. A range that the file does not have is given with length 0 (416).
std::optional<ByteRange> range_of(std::string_view header, std::uint64_t size);

// Small parts are read at once (blocks: call it on the pool); the others are streamed from `pool` later.
// Fails: false when the file cannot be read; the response is then untouched.
bool set_file_body(Response&, FileHandle file, ByteRange part, boost::asio::thread_pool& pool);

}  // namespace fabu::http
