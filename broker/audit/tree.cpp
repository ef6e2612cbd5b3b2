#include "broker/audit/tree.h"

#include <utility>

namespace fabu::audit {
namespace {

constexpr char kLeafPrefix = '\0';
constexpr char kNodePrefix = '\1';

}  // namespace

Digest leaf_hash(std::string_view entry) {
  thread_local Sha256 hasher;
  hasher.update(std::string_view(&kLeafPrefix, 1));
  hasher.update(entry);
  return hasher.finish();
}

Digest node_hash(const Digest& left, const Digest& right) {
  thread_local Sha256 hasher;
  hasher.update(std::string_view(&kNodePrefix, 1));
  hasher.update(left.view());
  hasher.update(right.view());
  return hasher.finish();
}

Digest empty_root() {
  return sha256({});
}

namespace {

// The root over up to 256 hashes that are not padded: the largest power of two smaller than n goes left.
Digest fold(const Digest* first, std::size_t count) {
  if (count == 1) return *first;
  std::size_t left = 1;
  while (left * 2 < count) left *= 2;
  return node_hash(fold(first, left), fold(first + left, count - left));
}

}  // namespace

Result<Edge> Edge::resume(std::uint64_t size, std::vector<std::vector<Digest>> partial) {
  std::uint64_t rest = size;
  for (std::size_t level = 0; level < partial.size() || rest > 0; ++level, rest /= kTileWidth) {
    const std::size_t held = level < partial.size() ? partial[level].size() : 0;
    if (held != rest % kTileWidth) {
      return Error{ErrorCode::corrupt,
                   "log",
                   "Level " + std::to_string(level) + " of the tree does not fit its size.",
                   "Run fabu audit verify on the log; restore from a backup.",
                   {}};
    }
  }
  Edge edge;
  edge.size_ = size;
  edge.partial_ = std::move(partial);
  return edge;
}

Digest Edge::root() const {
  if (size_ == 0) return empty_root();
  // From the lowest level up: each level's unfinished hashes stand left of what came from below.
  bool any = false;
  Digest right;
  for (const auto& level : partial_) {
    if (level.empty()) continue;
    std::vector<Digest> row = level;
    if (any) row.push_back(right);
    right = fold(row.data(), row.size());
    any = true;
  }
  return right;
}

void Edge::append(const Digest& leaf, std::vector<FullTile>& filled) {
  const std::uint64_t place = size_++;
  Digest carry = leaf;
  std::uint64_t index = place;
  for (unsigned level = 0;; ++level, index /= kTileWidth) {
    if (partial_.size() <= level) partial_.resize(level + 1);
    auto& hashes = partial_[level];
    hashes.push_back(carry);
    if (hashes.size() < kTileWidth) return;
    FullTile tile{level, index / kTileWidth, {}, fold(hashes.data(), hashes.size())};
    tile.hashes.reserve(kTileWidth * 32);
    for (const auto& hash : hashes) tile.hashes.append(hash.view());
    carry = tile.root;
    hashes.clear();
    filled.push_back(std::move(tile));
  }
}

}  // namespace fabu::audit
