#include "broker/audit/log_reader.h"

#include <fstream>
#include <system_error>

namespace fabu::audit {

Result<std::string> FolderReader::read(const std::string& path) {
  const auto file = folder_ / path;
  std::error_code failed;
  const auto size = std::filesystem::file_size(file, failed);
  if (failed) {
    const bool absent = failed == std::errc::no_such_file_or_directory || failed == std::errc::not_a_directory;
    return Error{absent ? ErrorCode::not_found : ErrorCode::io, file.string(), failed.message(), "Give the log's folder.", {}};
  }
  if (size > kMaxLogFile) return Error{ErrorCode::too_large, file.string(), "The file is larger than any file of a log.", "", {}};
  std::string bytes(static_cast<std::size_t>(size), '\0');
  std::ifstream stream(file, std::ios::binary);
  stream.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (!stream) return Error{ErrorCode::io, file.string(), "The file cannot be read.", "See to its mode and the disk.", {}};
  return bytes;
}

}  // namespace fabu::audit
