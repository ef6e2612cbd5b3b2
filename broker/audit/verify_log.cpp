#include "broker/audit/verify_log.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "broker/audit/checkpoint.h"
#include "broker/audit/item_history.h"
#include "broker/audit/record_check.h"
#include "broker/audit/tree.h"

namespace fabu::audit {
namespace {

// Takes entries off a bundle one by one, so that a broken length is the fault of the record that it belongs to.
class BundleCursor {
 public:
  explicit BundleCursor(std::string_view bytes) : rest_(bytes) {}
  bool at_end() const { return rest_.empty(); }
  std::optional<std::string_view> next() {
    if (rest_.size() < 2) return std::nullopt;
    const auto length =
        static_cast<std::size_t>(static_cast<unsigned char>(rest_[0])) << 8 | static_cast<unsigned char>(rest_[1]);
    if (rest_.size() - 2 < length) return std::nullopt;
    const auto entry = rest_.substr(2, length);
    rest_.remove_prefix(2 + length);
    return entry;
  }

 private:
  std::string_view rest_;
};

struct TileFile {
  std::string path;
  std::string bytes;
  bool wider = false;  // the full tile stood in for a partial one that is gone
};

class LogPass {
 public:
  LogPass(LogReader& reader, const VerifyLogOptions& options)
      : reader_(reader), options_(options), histories_(options.max_items) {}

  Verdict run() {
    if (read_heads() && read_records() && check_partial_tiles()) check_root();
    return std::move(verdict_);
  }

 private:
  bool read_heads();
  Result<Checkpoint> open(const std::string& note) const;
  bool read_records();
  bool read_bundle(std::uint64_t index, unsigned width);
  bool take_record(std::string_view entry, std::string_view leaf_in_tile, const std::string& tile);
  bool append(const Digest& leaf);
  bool check_full_tiles(const std::vector<FullTile>& filled);
  bool check_partial_tiles();
  bool check_older_root();
  void check_root();
  std::optional<TileFile> read_tile(int level, std::uint64_t index, unsigned width);

  LogReader& reader_;
  const VerifyLogOptions& options_;
  Verdict verdict_;
  Checkpoint head_;
  std::optional<Checkpoint> older_;
  Edge edge_;
  ItemHistories histories_;
  std::int64_t last_time_ms_ = 0;
};

Result<Checkpoint> LogPass::open(const std::string& note) const {
  return options_.trusted.empty() ? read_checkpoint(note) : open_checkpoint(note, options_.trusted);
}

Fault fault_of(const Error& error) {
  return error.code == ErrorCode::unauthorized ? Fault::signature : Fault::unreadable;
}

bool LogPass::read_heads() {
  const auto note = reader_.read("checkpoint");
  if (!note) {
    verdict_.fail(Fault::missing, "checkpoint: " + note.error().what);
    return false;
  }
  const auto head = open(*note);
  if (!head) {
    verdict_.fail(fault_of(head.error()), "checkpoint: " + head.error().what);
    return false;
  }
  head_ = *head;
  verdict_.origin = head_.origin;
  verdict_.size = head_.size;
  verdict_.root = head_.root;
  verdict_.trusted = !options_.trusted.empty();
  if (options_.older_checkpoint.empty()) return true;
  const auto older = open(options_.older_checkpoint);
  if (!older) {
    verdict_.fail(fault_of(older.error()), "older checkpoint: " + older.error().what);
  } else if (older->origin != head_.origin) {
    verdict_.fail(Fault::inconsistent, "older checkpoint: it is of another log, " + older->origin);
  } else if (older->size > head_.size) {
    verdict_.fail(Fault::inconsistent, "older checkpoint: it has " + std::to_string(older->size) + " records, the log only " +
                                           std::to_string(head_.size));
  } else {
    older_ = *older;
  }
  return verdict_.ok && check_older_root();
}

// Compares when the tree has just as many leaves as the older checkpoint.
bool LogPass::check_older_root() {
  if (!older_ || edge_.size() != older_->size || edge_.root() == older_->root) return true;
  verdict_.fail(Fault::inconsistent,
                "older checkpoint: the first " + std::to_string(older_->size) + " records are not those that it was signed over");
  return false;
}

bool LogPass::read_records() {
  for (std::uint64_t done = 0; done < head_.size;) {
    const auto width = static_cast<unsigned>(std::min<std::uint64_t>(kTileWidth, head_.size - done));
    if (!read_bundle(done / kTileWidth, width)) return false;
    done += width;
    if (options_.progress) options_.progress(done, head_.size);
  }
  return true;
}

std::optional<TileFile> LogPass::read_tile(int level, std::uint64_t index, unsigned width) {
  TileFile file{tile_path(level, index, width), {}, false};
  auto bytes = reader_.read(file.path);
  if (!bytes && bytes.error().code == ErrorCode::not_found && width < kTileWidth) {
    // A partial tile may go once the full one exists (tlog-tiles).
    file.path = tile_path(level, index, kTileWidth);
    file.wider = true;
    bytes = reader_.read(file.path);
  }
  if (!bytes) {
    verdict_.fail(Fault::missing, file.path + ": " + bytes.error().what);
    return std::nullopt;
  }
  file.bytes = std::move(*bytes);
  if (level < 0) return file;
  const std::size_t expected = (file.wider ? kTileWidth : width) * std::size_t{32};
  if (file.bytes.size() != expected) {
    verdict_.fail(Fault::tile,
                  file.path + ": it has " + std::to_string(file.bytes.size()) + " bytes instead of " + std::to_string(expected));
    return std::nullopt;
  }
  file.bytes.resize(width * std::size_t{32});
  return file;
}

bool LogPass::read_bundle(std::uint64_t index, unsigned width) {
  const auto leaves = read_tile(0, index, width);
  if (!leaves) return false;
  const auto entries = read_tile(-1, index, width);
  if (!entries) return false;
  BundleCursor cursor(entries->bytes);
  for (unsigned i = 0; i < width; ++i) {
    const auto entry = cursor.next();
    if (!entry) {
      verdict_.fail_record(Fault::leaf, edge_.size(), entries->path + " is cut short here");
      return false;
    }
    if (!take_record(*entry, std::string_view(leaves->bytes).substr(i * std::size_t{32}, 32), leaves->path)) return false;
  }
  if (entries->wider || cursor.at_end()) return true;
  verdict_.fail_record(Fault::sequence_gap, edge_.size(), entries->path + " has more records than the checkpoint");
  return false;
}

bool LogPass::take_record(std::string_view entry, std::string_view leaf_in_tile, const std::string& tile) {
  const std::uint64_t seq = edge_.size();
  const Digest leaf = leaf_hash(entry);
  v1::AuditRecord record;
  auto finding = check_record(entry, seq, leaf.view() == leaf_in_tile, tile, last_time_ms_, record);
  if (!finding) finding = histories_.take(record, leaf);
  if (finding) {
    verdict_.fail_record(finding->fault, seq, finding->words);
    return false;
  }
  last_time_ms_ = record.time_ms();
  return append(leaf);
}

bool LogPass::append(const Digest& leaf) {
  std::vector<FullTile> filled;
  edge_.append(leaf, filled);
  ++verdict_.records;
  return check_full_tiles(filled) && check_older_root();
}

bool LogPass::check_full_tiles(const std::vector<FullTile>& filled) {
  for (const auto& made : filled) {
    if (made.level == 0) continue;  // compared leaf by leaf
    const auto stored = read_tile(static_cast<int>(made.level), made.index, kTileWidth);
    if (!stored) return false;
    if (stored->bytes == made.hashes) continue;
    verdict_.fail(Fault::tile, stored->path + ": it does not follow from the tiles below it");
    return false;
  }
  return true;
}

bool LogPass::check_partial_tiles() {
  for (std::size_t level = 1; level < edge_.partial().size(); ++level) {
    const auto& hashes = edge_.partial()[level];
    if (hashes.empty()) continue;
    const std::uint64_t index = head_.size >> (kTileHeight * (level + 1));
    const auto stored = read_tile(static_cast<int>(level), index, static_cast<unsigned>(hashes.size()));
    if (!stored) return false;
    std::string made;
    for (const auto& hash : hashes) made.append(hash.view());
    if (stored->bytes == made) continue;
    verdict_.fail(Fault::tile, stored->path + ": it does not follow from the tiles below it");
    return false;
  }
  return true;
}

void LogPass::check_root() {
  if (edge_.root() == head_.root) return;
  verdict_.fail(Fault::root, "checkpoint: its root is not that of the log's " + std::to_string(head_.size) + " records");
}

}  // namespace

Verdict verify_log(LogReader& reader, const VerifyLogOptions& options) {
  return LogPass(reader, options).run();
}

}  // namespace fabu::audit
