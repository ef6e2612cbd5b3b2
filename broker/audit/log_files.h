// The files of the log as C2SP tlog-tiles names them, made from a store: what `/log/...` serves and an export writes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "broker/audit/tree.h"
#include "broker/domain/result.h"

namespace fabu::audit {

// The part of a store that a log's files are made of.
class LogSource : public TileSource {
 public:
  // The newest published checkpoint: its signed note (empty = none yet) and its size. Only what it covers is served.
  virtual std::string checkpoint_note() = 0;
  virtual std::uint64_t checkpoint_size() = 0;
  // Stored bytes of records first … first + count - 1; `count` at most 256.
  virtual Result<std::vector<std::string>> entries(std::uint64_t first, std::size_t count) = 0;
};

struct LogFile {
  std::string bytes;
  std::string media_type;  // "text/plain; charset=utf-8" or "application/octet-stream"
  bool immutable = false;  // tiles and bundles never change; the checkpoint is cached a few seconds at most
};

// The file at `path` below the log's prefix: "checkpoint", "tile/0/000", "tile/entries/000.p/12". Fails: not_found for any
// other path and for what the checkpoint does not cover; otherwise as the source fails.
Result<LogFile> serve_path(LogSource&, std::string_view path);

// Every path of a log of `size` leaves, for exports: the full tiles and bundles, and the partial ones at that size; the
// checkpoint last, so that an export that was cut short is seen to be. Paths are handed to `each` until it fails.
template <typename Each>
Result<void> for_each_path(std::uint64_t size, Each&& each) {
  for (unsigned level = 0; level < 8; ++level) {
    const std::uint64_t hashes = size >> (kTileHeight * level);
    if (hashes == 0) break;
    for (std::uint64_t first = 0; first < hashes; first += kTileWidth) {
      const auto width = static_cast<unsigned>(hashes - first < kTileWidth ? hashes - first : kTileWidth);
      if (Result<void> done = each(tile_path(static_cast<int>(level), first / kTileWidth, width)); !done) return done;
      if (level > 0) continue;
      if (Result<void> done = each(tile_path(-1, first / kTileWidth, width)); !done) return done;
    }
  }
  return each(std::string("checkpoint"));
}

}  // namespace fabu::audit
