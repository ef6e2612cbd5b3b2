#include "broker/http/spool_file.h"

#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <string>
#include <utility>

namespace fabu::http {
namespace {

Error failed() {
  return {ErrorCode::unavailable,
          "attachment",
          std::string("A temporary file cannot be written: ") + std::strerror(errno),
          "See the server's disk.",
          {}};
}

}  // namespace

Result<SpoolFile> SpoolFile::make(const std::filesystem::path& folder) {
  std::string name = (folder / "fabu-XXXXXX").string();
  const int fd = ::mkstemp(name.data());
  if (fd < 0) return failed();
  return SpoolFile(::fdopen(fd, "wb"), name);
}

SpoolFile::SpoolFile(SpoolFile&& other) noexcept
    : file_(std::exchange(other.file_, nullptr)), path_(std::exchange(other.path_, {})) {}

SpoolFile& SpoolFile::operator=(SpoolFile&& other) noexcept {
  std::swap(file_, other.file_);
  std::swap(path_, other.path_);
  return *this;
}

SpoolFile::~SpoolFile() {
  if (file_ != nullptr) std::fclose(file_);
  if (!path_.empty()) ::unlink(path_.c_str());
}

Result<void> SpoolFile::append(std::string_view bytes) {
  if (std::fwrite(bytes.data(), 1, bytes.size(), file_) == bytes.size()) return {};
  return failed();
}

Result<void> SpoolFile::flush() {
  if (std::fflush(file_) == 0) return {};
  return failed();
}

}  // namespace fabu::http
