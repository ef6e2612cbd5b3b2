#include "adapters/noticeboard/spool.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <system_error>

namespace fabu::noticeboard {
namespace {

[[noreturn]] void fail(const std::string& what) {
  throw std::system_error(errno, std::generic_category(), what);
}

class Descriptor {
 public:
  Descriptor(const std::filesystem::path& path, int flags) : descriptor_(::open(path.c_str(), flags | O_CLOEXEC, 0644)) {
    if (descriptor_ < 0) fail("open " + path.string());
  }
  ~Descriptor() { ::close(descriptor_); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  void write(std::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) fail("write");
      bytes.remove_prefix(static_cast<std::size_t>(written));
    }
  }
  void sync() const {
    if (::fsync(descriptor_) != 0) fail("fsync");
  }

 private:
  int descriptor_;
};

}  // namespace

std::optional<std::filesystem::path> spool_path(const std::filesystem::path& folder, const std::string& delivery_id) {
  const bool good = !delivery_id.empty() && delivery_id.size() <= 200 && delivery_id[0] != '.' &&
                    std::all_of(delivery_id.begin(), delivery_id.end(), [](unsigned char c) {
                      return c >= 0x80 || (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '-' ||
                             c == '_' || c == '.';
                    });
  if (!good) return std::nullopt;
  return folder / (delivery_id + ".pdf");
}

std::optional<std::string> read_spooled(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) {
    if (!std::filesystem::exists(file)) return std::nullopt;
    throw std::filesystem::filesystem_error("read", file, std::error_code(errno, std::generic_category()));
  }
  return std::string(std::istreambuf_iterator<char>(in), {});
}

void write_spooled(const std::filesystem::path& file, const std::string& bytes) {
  std::filesystem::create_directories(file.parent_path());
  std::filesystem::path beside = file;
  beside += ".part";
  {
    const Descriptor part(beside, O_WRONLY | O_CREAT | O_TRUNC);
    part.write(bytes);
    part.sync();
  }
  if (std::rename(beside.c_str(), file.c_str()) != 0) fail("rename " + file.string());
  Descriptor(file.parent_path(), O_RDONLY | O_DIRECTORY).sync();
}

}  // namespace fabu::noticeboard
