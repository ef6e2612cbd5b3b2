#include "unit/audit/vectors.h"

#include <fstream>

namespace fabu::audit {

const nlohmann::json& vectors() {
  static const auto json = nlohmann::json::parse(std::ifstream(FABU_SOURCE_DIR "/tests/data/audit-vectors.json"));
  return json;
}

std::string from_hex(const std::string& hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  return bytes;
}

Digest digest_of_hex(const std::string& hex) {
  return Digest::from_hex(hex).value();
}

void MemoryTree::append(const Digest& leaf) {
  std::vector<FullTile> filled;
  edge_.append(leaf, filled);
  for (auto& tile : filled) full_[{tile.level, tile.index}] = std::move(tile.hashes);
}

Result<std::vector<Digest>> MemoryTree::tile(unsigned level, std::uint64_t index, unsigned width) const {
  std::vector<Digest> hashes;
  if (const auto full = full_.find({level, index}); full != full_.end()) {
    for (unsigned i = 0; i < width; ++i) hashes.push_back(Digest::from_raw(full->second.substr(i * 32, 32)).value());
    return hashes;
  }
  if (level >= edge_.partial().size() || edge_.partial()[level].size() < width || index != edge_.size() >> (8 * (level + 1))) {
    return Error{ErrorCode::not_found, tile_path(static_cast<int>(level), index, width), "No such tile.", "", {}};
  }
  hashes.assign(edge_.partial()[level].begin(), edge_.partial()[level].begin() + width);
  return hashes;
}

Digest naive_root(const std::vector<Digest>& leaves, std::size_t begin, std::size_t end) {
  if (begin == end) return empty_root();
  if (end - begin == 1) return leaves[begin];
  std::size_t k = 1;
  while (k * 2 < end - begin) k *= 2;
  return node_hash(naive_root(leaves, begin, begin + k), naive_root(leaves, begin + k, end));
}

}  // namespace fabu::audit
