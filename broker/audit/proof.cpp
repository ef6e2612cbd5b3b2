// Proofs of RFC 6962 section 2.1, read from tiles.
#include <algorithm>
#include <bit>

#include "broker/audit/tree.h"

namespace fabu::audit {
namespace {

// The largest power of two smaller than n (n ≥ 2).
std::uint64_t split(std::uint64_t n) {
  return std::bit_floor(n - 1);
}

// The hash over leaves [begin, begin + 2^level), a whole subtree of a tree of `size` leaves.
Result<Digest> subtree(const TileSource& source, std::uint64_t begin, unsigned level, std::uint64_t size) {
  const unsigned tile_level = level / kTileHeight, inner = level % kTileHeight;
  const std::uint64_t first = begin >> (tile_level * kTileHeight);  // in hashes of that tile level
  const std::uint64_t count = std::uint64_t{1} << inner;
  const std::uint64_t index = first / kTileWidth;
  const std::uint64_t available = (size >> (tile_level * kTileHeight)) - index * kTileWidth;
  const auto width = static_cast<unsigned>(std::min<std::uint64_t>(available, kTileWidth));
  auto hashes = source.tile(tile_level, index, width);
  if (!hashes) return hashes.error();
  if (hashes->size() < first % kTileWidth + count) {
    return Error{ErrorCode::corrupt,
                 tile_path(static_cast<int>(tile_level), index, width),
                 "The tile has fewer hashes than the tree.",
                 "Run fabu audit verify.",
                 {}};
  }
  std::vector<Digest> row(hashes->begin() + static_cast<std::ptrdiff_t>(first % kTileWidth),
                          hashes->begin() + static_cast<std::ptrdiff_t>(first % kTileWidth + count));
  while (row.size() > 1) {
    for (std::size_t i = 0; i < row.size() / 2; ++i) row[i] = node_hash(row[2 * i], row[2 * i + 1]);
    row.resize(row.size() / 2);
  }
  return row.front();
}

// MTH of leaves [begin, end) within a tree of `size` leaves; `begin` is a multiple of the range's subtree sizes.
Result<Digest> range_hash(const TileSource& source, std::uint64_t begin, std::uint64_t end, std::uint64_t size) {
  const std::uint64_t n = end - begin;
  if (std::has_single_bit(n)) return subtree(source, begin, static_cast<unsigned>(std::countr_zero(n)), size);
  const std::uint64_t k = split(n);
  const auto left = range_hash(source, begin, begin + k, size);
  if (!left) return left.error();
  const auto right = range_hash(source, begin + k, end, size);
  if (!right) return right.error();
  return node_hash(*left, *right);
}

Result<void> add(std::vector<Digest>& path, Result<Digest> hash) {
  if (!hash) return hash.error();
  path.push_back(*hash);
  return {};
}

Result<void> inclusion(const TileSource& source, std::uint64_t index, std::uint64_t begin, std::uint64_t end, std::uint64_t size,
                       std::vector<Digest>& path) {
  if (end - begin == 1) return {};
  const std::uint64_t middle = begin + split(end - begin);
  const bool left = index < middle;
  if (auto below = left ? inclusion(source, index, begin, middle, size, path) : inclusion(source, index, middle, end, size, path);
      !below) {
    return below;
  }
  return add(path, left ? range_hash(source, middle, end, size) : range_hash(source, begin, middle, size));
}

// SUBPROOF(m, D[begin:end], whole).
Result<void> consistency(const TileSource& source, std::uint64_t m, std::uint64_t begin, std::uint64_t end, bool whole,
                         std::uint64_t size, std::vector<Digest>& path) {
  if (m == end - begin) return whole ? Result<void>{} : add(path, range_hash(source, begin, end, size));
  const std::uint64_t k = split(end - begin);
  if (m <= k) {
    if (auto below = consistency(source, m, begin, begin + k, whole, size, path); !below) return below;
    return add(path, range_hash(source, begin + k, end, size));
  }
  if (auto below = consistency(source, m - k, begin + k, end, false, size, path); !below) return below;
  return add(path, range_hash(source, begin, begin + k, size));
}

Error out_of_range() {
  return Error{ErrorCode::invalid, "log", "The tree is not that large.", "Ask for a size that was published.", {}};
}

}  // namespace

Result<Digest> root_at(const TileSource& source, std::uint64_t size) {
  if (size == 0) return empty_root();
  return range_hash(source, 0, size, size);
}

Result<std::vector<Digest>> inclusion_proof(const TileSource& source, std::uint64_t index, std::uint64_t size) {
  if (index >= size) return out_of_range();
  std::vector<Digest> path;
  if (const auto made = inclusion(source, index, 0, size, size, path); !made) return made.error();
  return path;
}

Result<std::vector<Digest>> consistency_proof(const TileSource& source, std::uint64_t old_size, std::uint64_t new_size) {
  if (old_size > new_size) return out_of_range();
  std::vector<Digest> path;
  if (old_size == 0 || old_size == new_size) return path;
  if (const auto made = consistency(source, old_size, 0, new_size, true, new_size, path); !made) return made.error();
  return path;
}

// RFC 9162 section 2.1.3.2.
bool verify_inclusion(std::uint64_t index, std::uint64_t size, const Digest& leaf, const std::vector<Digest>& path,
                      const Digest& root) {
  if (index >= size) return false;
  std::uint64_t fn = index, sn = size - 1;
  Digest r = leaf;
  for (const auto& p : path) {
    if (sn == 0) return false;
    if ((fn & 1) != 0 || fn == sn) {
      r = node_hash(p, r);
      while ((fn & 1) == 0 && fn != 0) fn >>= 1, sn >>= 1;
    } else {
      r = node_hash(r, p);
    }
    fn >>= 1;
    sn >>= 1;
  }
  return sn == 0 && r == root;
}

// RFC 9162 section 2.1.4.2.
bool verify_consistency(std::uint64_t old_size, std::uint64_t new_size, const std::vector<Digest>& path, const Digest& old_root,
                        const Digest& new_root) {
  if (old_size > new_size) return false;
  if (old_size == new_size) return path.empty() && old_root == new_root;
  if (old_size == 0) return path.empty() && old_root == empty_root();
  std::vector<Digest> nodes = path;
  if (std::has_single_bit(old_size)) nodes.insert(nodes.begin(), old_root);
  if (nodes.empty()) return false;
  std::uint64_t fn = old_size - 1, sn = new_size - 1;
  while ((fn & 1) != 0) fn >>= 1, sn >>= 1;
  Digest fr = nodes.front(), sr = nodes.front();
  for (std::size_t i = 1; i < nodes.size(); ++i) {
    if (sn == 0) return false;
    if ((fn & 1) != 0 || fn == sn) {
      fr = node_hash(nodes[i], fr);
      sr = node_hash(nodes[i], sr);
      while ((fn & 1) == 0 && fn != 0) fn >>= 1, sn >>= 1;
    } else {
      sr = node_hash(sr, nodes[i]);
    }
    fn >>= 1;
    sn >>= 1;
  }
  return sn == 0 && fr == old_root && sr == new_root;
}

}  // namespace fabu::audit
