#include "broker/audit/log_files.h"

#include <utility>

namespace fabu::audit {
namespace {

constexpr const char* kOctets = "application/octet-stream";
constexpr const char* kText = "text/plain; charset=utf-8";

Error not_covered(std::string_view path) {
  return Error{ErrorCode::not_found,
               std::string(path),
               "The newest checkpoint does not cover this.",
               "Read /log/checkpoint for the log's size.",
               {}};
}

Result<LogFile> serve_checkpoint(LogSource& log) {
  auto note = log.checkpoint_note();
  if (note.empty()) return not_covered("checkpoint");
  return LogFile{std::move(note), kText, false};
}

Result<LogFile> serve_entries(LogSource& log, const TileName& name, std::string_view path) {
  const auto entries = log.entries(name.index * kTileWidth, name.width);
  if (!entries) return entries.error();
  if (entries->size() != name.width) {
    return Error{
        ErrorCode::corrupt, std::string(path), "The store has fewer records than the log.", "Run fabu audit verify.", {}};
  }
  return LogFile{entry_bundle(*entries), kOctets, true};
}

}  // namespace

Result<LogFile> serve_path(LogSource& log, std::string_view path) {
  if (path == "checkpoint") return serve_checkpoint(log);
  const auto name = parse_tile_path(path);
  if (!name) return name.error();
  const unsigned level = name->level < 0 ? 0 : static_cast<unsigned>(name->level);
  const std::uint64_t available = log.checkpoint_size() >> (kTileHeight * level);
  if (name->index > available / kTileWidth || available - name->index * kTileWidth < name->width) return not_covered(path);
  if (name->level < 0) return serve_entries(log, *name, path);
  const auto hashes = log.tile(level, name->index, name->width);
  if (!hashes) return hashes.error();
  LogFile file{{}, kOctets, true};
  file.bytes.reserve(hashes->size() * 32);
  for (const auto& hash : *hashes) file.bytes.append(hash.view());
  return file;
}

}  // namespace fabu::audit
