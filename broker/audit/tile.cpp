// Names and bundles of C2SP tlog-tiles.
#include <algorithm>
#include <charconv>
#include <cstdio>

#include "broker/audit/tree.h"

namespace fabu::audit {
namespace {

Error no_such_path(std::string_view path) {
  return Error{
      ErrorCode::not_found, std::string(path), "This is not the path of a tile.", "See https://c2sp.org/tlog-tiles.", {}};
}

// "067", "x001/x234/067"
std::string groups(std::uint64_t index) {
  char text[8];
  std::snprintf(text, sizeof text, "%03u", static_cast<unsigned>(index % 1000));
  std::string path = text;
  for (index /= 1000; index > 0; index /= 1000) {
    std::snprintf(text, sizeof text, "x%03u", static_cast<unsigned>(index % 1000));
    path = std::string(text) + "/" + path;
  }
  return path;
}

bool number(std::string_view text, std::uint64_t& value) {
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  return failed == std::errc{} && end == text.data() + text.size();
}

}  // namespace

std::string tile_path(int level, std::uint64_t index, unsigned width) {
  std::string path = "tile/" + (level < 0 ? std::string("entries") : std::to_string(level)) + "/" + groups(index);
  if (width != kTileWidth) path += ".p/" + std::to_string(width);
  return path;
}

Result<TileName> parse_tile_path(std::string_view path) {
  TileName name;
  std::string_view rest = path;
  if (rest.size() > 100 || rest.substr(0, 5) != "tile/") return no_such_path(path);
  rest.remove_prefix(5);
  const auto slash = rest.find('/');
  if (slash == std::string_view::npos) return no_such_path(path);
  const auto level = rest.substr(0, slash);
  rest.remove_prefix(slash + 1);
  std::uint64_t value = 0;
  if (level == "entries") {
    name.level = -1;
  } else if (number(level, value) && value < 8) {
    name.level = static_cast<int>(value);
  } else {
    return no_such_path(path);
  }
  if (const auto partial = rest.find(".p/"); partial != std::string_view::npos) {
    if (!number(rest.substr(partial + 3), value) || value == 0 || value >= kTileWidth) return no_such_path(path);
    name.width = static_cast<unsigned>(value);
    rest = rest.substr(0, partial);
  }
  for (std::string_view group = rest.substr(0, rest.find('/')); group.size() == 4 && group[0] == 'x';
       group = rest.substr(0, rest.find('/'))) {
    if (!number(group.substr(1), value) || name.index > 1'000'000'000'000) return no_such_path(path);
    name.index = name.index * 1000 + value;
    rest.remove_prefix(std::min(rest.size(), group.size() + 1));
  }
  if (rest.size() != 3 || !number(rest, value)) return no_such_path(path);
  name.index = name.index * 1000 + value;
  // One spelling only: what it says must be what we would write.
  if (tile_path(name.level, name.index, name.width) != path) return no_such_path(path);
  return name;
}

std::string entry_bundle(const std::vector<std::string>& entries) {
  std::string bytes;
  for (const auto& entry : entries) {
    bytes += static_cast<char>(entry.size() >> 8);
    bytes += static_cast<char>(entry.size() & 255);
    bytes += entry;
  }
  return bytes;
}

Result<std::vector<std::string>> parse_entry_bundle(std::string_view bytes) {
  std::vector<std::string> entries;
  while (!bytes.empty()) {
    const auto byte = [&](std::size_t i) { return static_cast<std::size_t>(static_cast<unsigned char>(bytes[i])); };
    const std::size_t length = bytes.size() < 2 ? kMaxEntry + 1 : byte(0) << 8 | byte(1);
    if (bytes.size() < 2 || bytes.size() - 2 < length || entries.size() == kTileWidth) {
      return Error{ErrorCode::corrupt, "entries", "The entry bundle is cut short or too long.", "Fetch it again.", {}};
    }
    entries.emplace_back(bytes.substr(2, length));
    bytes.remove_prefix(2 + length);
  }
  return entries;
}

}  // namespace fabu::audit
