// The published vectors, and trees held in memory.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "broker/audit/tree.h"

namespace fabu::audit {

// tests/data/audit-vectors.json
const nlohmann::json& vectors();
std::string from_hex(const std::string& hex);
Digest digest_of_hex(const std::string& hex);

// A tree as a store keeps it: full tiles and the edge.
class MemoryTree : public TileSource {
 public:
  void append(const Digest& leaf);
  const Edge& edge() const { return edge_; }
  Result<std::vector<Digest>> tile(unsigned level, std::uint64_t index, unsigned width) const override;

 private:
  Edge edge_;
  std::map<std::pair<unsigned, std::uint64_t>, std::string> full_;
};

// RFC 6962 section 2.1 by the letter, over all leaves.
Digest naive_root(const std::vector<Digest>& leaves, std::size_t begin, std::size_t end);

}  // namespace fabu::audit
