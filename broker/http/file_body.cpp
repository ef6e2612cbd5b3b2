#include "broker/http/file_body.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>

#include "broker/flow/off_thread.h"

namespace fabu::http {
namespace asio = boost::asio;

namespace {

constexpr std::uint64_t kAtOnce = 128 << 10;
constexpr std::size_t kPiece = 256 << 10;

// Reads exactly `size` bytes; false when the file has become shorter or cannot be read.
bool read_exactly(int fd, std::uint64_t offset, std::size_t size, std::string& out) {
  out.resize(size);
  std::size_t have = 0;
  while (have < size) {
    const auto got = ::pread(fd, out.data() + have, size - have, static_cast<off_t>(offset + have));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    have += static_cast<std::size_t>(got);
  }
  return true;
}

class FileStream final : public BodyStream {
 public:
  FileStream(FileHandle file, ByteRange part, asio::thread_pool& pool) : file_(std::move(file)), part_(part), pool_(pool) {}

  asio::awaitable<Result<std::string>> next() override {
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(kPiece, part_.length));
    if (size == 0) co_return std::string();
    auto work = [this, size]() -> Result<std::string> {
      std::string bytes;
      if (read_exactly(file_.get(), part_.first, size, bytes)) return bytes;
      return Error{ErrorCode::io, "file", "A file became shorter while it was sent.", "", {}};
    };
    auto piece = co_await flow::off_thread(pool_, work);
    part_.first += size;
    part_.length -= size;
    co_return piece;
  }

 private:
  FileHandle file_;
  ByteRange part_;
  asio::thread_pool& pool_;
};

std::optional<std::uint64_t> digits(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  return failed == std::errc{} && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

}  // namespace

FileHandle::~FileHandle() {
  if (fd_ >= 0) ::close(fd_);
}

std::optional<ByteRange> range_of(std::string_view header, std::uint64_t size) {
  constexpr std::string_view kUnit = "bytes=";
  if (!header.starts_with(kUnit) || header.find(',') != std::string_view::npos) return std::nullopt;
  header.remove_prefix(kUnit.size());
  const auto dash = header.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const auto from = header.substr(0, dash), to = header.substr(dash + 1);
  if (from.empty()) {
    const auto last = digits(to);
    if (!last) return std::nullopt;
    const auto length = std::min(*last, size);
    return ByteRange{size - length, length};
  }
  const auto first = digits(from);
  const auto last = to.empty() ? std::optional(UINT64_MAX) : digits(to);
  if (!first || !last || *last < *first) return std::nullopt;
  if (*first >= size) return ByteRange{0, 0};
  return ByteRange{*first, std::min(*last, size - 1) - *first + 1};
}

bool set_file_body(Response& response, FileHandle file, ByteRange part, asio::thread_pool& pool) {
  if (part.length <= kAtOnce) {
    std::string bytes;
    if (!read_exactly(file.get(), part.first, static_cast<std::size_t>(part.length), bytes)) return false;
    response.body = std::move(bytes);
    return true;
  }
  response.length = part.length;
  response.stream = std::make_shared<FileStream>(std::move(file), part, pool);
  return true;
}

}  // namespace fabu::http
