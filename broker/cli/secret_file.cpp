#include "broker/cli/secret_file.h"

#include <sys/stat.h>

#include <cctype>
#include <fstream>

namespace fabu::cli {

Result<std::string> read_secret(const std::filesystem::path& file) {
  struct stat about {};
  std::ifstream in(file, std::ios::binary);
  std::string line;
  if (::stat(file.c_str(), &about) != 0 || !in || !std::getline(in, line)) {
    return Error{
        ErrorCode::io, file.string(), "cannot be read, or is empty", "check that it exists and that this user may read it", {}};
  }
  if ((about.st_mode & S_IROTH) != 0)
    return Error{ErrorCode::forbidden, file.string(), "Everybody may read it.", "chmod o= " + file.string(), {}};
  while (!line.empty() && std::isspace(static_cast<unsigned char>(line.back())) != 0) line.pop_back();
  return line;
}

}  // namespace fabu::cli
