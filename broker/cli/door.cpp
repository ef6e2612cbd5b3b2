#include "broker/cli/door.h"

#include <array>
#include <fstream>
#include <iterator>

namespace fabu::cli {

Result<Answer> Door::put_file(const std::string& path, const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::string bytes((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  if (!in) return Error{ErrorCode::io, file.string(), "cannot be read", "check that it exists and is readable", {}};
  return call("PUT", path, std::move(bytes), "application/octet-stream");
}

std::string percent_encode(std::string_view text) {
  static constexpr std::array<char, 17> kHex{"0123456789ABCDEF"};
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
                       c == '_' || c == '~';
    if (plain) {
      out += c;
    } else {
      out += '%';
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    }
  }
  return out;
}

}  // namespace fabu::cli
