// The Merkle tree of RFC 6962 section 2.1, grown at its right edge, and its tiles (C2SP tlog-tiles). Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "broker/domain/result.h"
#include "proto/fabu/digest.h"

namespace fabu::audit {

// SHA-256(0x00 ‖ entry), SHA-256(0x01 ‖ left ‖ right), SHA-256 of nothing.
Digest leaf_hash(std::string_view entry);
Digest node_hash(const Digest& left, const Digest& right);
Digest empty_root();

inline constexpr unsigned kTileWidth = 256;      // hashes in a full tile
inline constexpr unsigned kTileHeight = 8;       // levels of the tree in a tile
inline constexpr std::size_t kMaxEntry = 65535;  // bytes; the bundle format has a 16-bit length

// A tile that has just become full: 256 hashes of level `level`, and the root over them, which is the hash that the tile
// contributes to level + 1.
struct FullTile {
  unsigned level = 0;
  std::uint64_t index = 0;
  std::string hashes;  // 8192 bytes
  Digest root;
};

// The growing right side of the tree: the hashes of every level's unfinished tile, at most 255 a level. Copyable, so that a
// failed transaction goes back to the copy it began with. Not thread-safe.
class Edge {
 public:
  Edge() = default;
  // Takes up a stored tree: `partial[L]` are the hashes of the unfinished tile of level L. Fails (corrupt) when they do not
  // fit `size`.
  static Result<Edge> resume(std::uint64_t size, std::vector<std::vector<Digest>> partial);

  std::uint64_t size() const { return size_; }
  Digest root() const;
  // Appends a leaf; tiles that it fills are added to `filled`, lowest level first.
  void append(const Digest& leaf, std::vector<FullTile>& filled);
  const std::vector<std::vector<Digest>>& partial() const { return partial_; }

 private:
  std::uint64_t size_ = 0;
  std::vector<std::vector<Digest>> partial_;
};

// Where proofs read hashes from: a store, a folder, a server.
class TileSource {
 public:
  virtual ~TileSource() = default;
  // The first `width` (1-256) hashes of a tile. Fails when the tree does not have them.
  virtual Result<std::vector<Digest>> tile(unsigned level, std::uint64_t index, unsigned width) const = 0;
};

// The root of the tree's first `size` leaves.
Result<Digest> root_at(const TileSource&, std::uint64_t size);
// RFC 6962 sections 2.1.1 and 2.1.2; leaf's sibling first.
Result<std::vector<Digest>> inclusion_proof(const TileSource&, std::uint64_t index, std::uint64_t size);
Result<std::vector<Digest>> consistency_proof(const TileSource&, std::uint64_t old_size, std::uint64_t new_size);
bool verify_inclusion(std::uint64_t index, std::uint64_t size, const Digest& leaf, const std::vector<Digest>& path,
                      const Digest& root);
bool verify_consistency(std::uint64_t old_size, std::uint64_t new_size, const std::vector<Digest>& path, const Digest& old_root,
                        const Digest& new_root);

// "tile/0/x001/x234/067", "tile/0/273.p/112"; `level` < 0 means entries: "tile/entries/273.p/112". width 256 = full.
std::string tile_path(int level, std::uint64_t index, unsigned width);
struct TileName {
  int level = 0;  // -1 = entries
  std::uint64_t index = 0;
  unsigned width = kTileWidth;
};
// Reads what tile_path writes, strictly; fails (not_found) on anything else.
Result<TileName> parse_tile_path(std::string_view path);
// Entry bundle: each entry after its big-endian uint16 length.
std::string entry_bundle(const std::vector<std::string>& entries);
Result<std::vector<std::string>> parse_entry_bundle(std::string_view bytes);

}  // namespace fabu::audit
