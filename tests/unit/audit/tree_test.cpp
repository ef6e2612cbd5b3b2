#include "broker/audit/tree.h"

#include <gtest/gtest.h>

#include <bit>
#include <random>

#include "unit/audit/vectors.h"

namespace fabu::audit {
namespace {

MemoryTree reference_tree(std::size_t size) {
  MemoryTree tree;
  for (std::size_t i = 0; i < size; ++i) tree.append(leaf_hash(from_hex(vectors()["rfc6962"]["leaf_data_hex"][i])));
  return tree;
}

std::vector<Digest> path_of(const nlohmann::json& hexes) {
  std::vector<Digest> path;
  for (const auto& hex : hexes) path.push_back(digest_of_hex(hex));
  return path;
}

std::string hexes(const std::vector<Digest>& path) {
  std::string out;
  for (const auto& hash : path) out += hash.hex() + "\n";
  return out;
}

TEST(Tree, HashesTheReferenceLeavesAsRfc6962Does) {
  const auto& v = vectors()["rfc6962"];
  ASSERT_EQ(v["leaf_data_hex"].size(), 8U);
  for (std::size_t i = 0; i < v["leaf_data_hex"].size(); ++i) {
    EXPECT_EQ(leaf_hash(from_hex(v["leaf_data_hex"][i])).hex(), v["leaf_hash_hex"][i]) << i;
  }
}

TEST(Tree, HasTheReferenceRootAtEverySize) {
  for (const auto& [size, root] : vectors()["rfc6962"]["roots_hex"].items()) {
    const auto tree = reference_tree(std::stoul(size));
    EXPECT_EQ(tree.edge().root().hex(), root) << size;
    EXPECT_EQ(root_at(tree, std::stoul(size)).value().hex(), root) << size;
    EXPECT_EQ(root_at(reference_tree(8), std::stoul(size)).value().hex(), root) << size;
  }
  EXPECT_EQ(empty_root().hex(), vectors()["rfc6962"]["roots_hex"]["0"]);
}

TEST(Tree, MakesAndChecksTheReferenceInclusionProofs) {
  const auto& v = vectors()["rfc6962"];
  for (const auto& proof : v["inclusion"]) {
    const std::uint64_t index = proof["index"], size = proof["size"];
    const auto path = path_of(proof["path_hex"]);
    EXPECT_EQ(hexes(inclusion_proof(reference_tree(8), index, size).value()), hexes(path));
    const auto leaf = digest_of_hex(v["leaf_hash_hex"][index]), root = digest_of_hex(v["roots_hex"][std::to_string(size)]);
    EXPECT_TRUE(verify_inclusion(index, size, leaf, path, root));
  }
}

TEST(Tree, MakesAndChecksTheReferenceConsistencyProofs) {
  const auto& v = vectors()["rfc6962"];
  for (const auto& proof : v["consistency"]) {
    const std::uint64_t older = proof["old"], newer = proof["new"];
    const auto path = path_of(proof["proof_hex"]);
    EXPECT_EQ(hexes(consistency_proof(reference_tree(8), older, newer).value()), hexes(path));
    EXPECT_TRUE(verify_consistency(older, newer, path, digest_of_hex(v["roots_hex"][std::to_string(older)]),
                                   digest_of_hex(v["roots_hex"][std::to_string(newer)])));
  }
}

TEST(Tree, AgreesWithTheDefinitionAtEverySizeAndResumesThere) {
  std::vector<Digest> leaves;
  MemoryTree tree;
  for (std::uint64_t size = 0; size <= 700; ++size) {
    ASSERT_EQ(tree.edge().root(), naive_root(leaves, 0, leaves.size())) << size;
    ASSERT_EQ(root_at(tree, size).value(), tree.edge().root()) << size;
    auto resumed = Edge::resume(size, tree.edge().partial());
    ASSERT_TRUE(resumed) << size;
    ASSERT_EQ(resumed->root(), tree.edge().root()) << size;
    leaves.push_back(leaf_hash(std::to_string(size)));
    tree.append(leaves.back());
  }
}

TEST(Tree, RefusesToResumeFromHashesThatDoNotFitTheSize) {
  EXPECT_EQ(Edge::resume(3, {{Digest{}, Digest{}}}).error().code, ErrorCode::corrupt);
  EXPECT_EQ(Edge::resume(256, {{}}).error().code, ErrorCode::corrupt);
  EXPECT_EQ(Edge::resume(0, {{Digest{}}}).error().code, ErrorCode::corrupt);
  EXPECT_TRUE(Edge::resume(256, {{}, {Digest{}}}));
}

TEST(Tree, EveryProofOfASmallTreeHoldsAndNoChangedProofDoes) {
  std::vector<Digest> leaves;
  MemoryTree tree;
  for (std::uint64_t i = 0; i < 70; ++i) {
    leaves.push_back(leaf_hash(std::to_string(i)));
    tree.append(leaves.back());
  }
  for (std::uint64_t size = 1; size <= leaves.size(); ++size) {
    const auto root = root_at(tree, size).value();
    for (std::uint64_t index = 0; index < size; ++index) {
      auto path = inclusion_proof(tree, index, size).value();
      ASSERT_TRUE(verify_inclusion(index, size, leaves[index], path, root));
      ASSERT_FALSE(verify_inclusion((index + 1) % size, size, leaves[index], path, root) && size > 1);
      ASSERT_FALSE(verify_inclusion(index, size, leaf_hash("other"), path, root));
      if (path.empty()) continue;
      path.back().bytes[31] ^= 1;
      ASSERT_FALSE(verify_inclusion(index, size, leaves[index], path, root));
      path.pop_back();
      ASSERT_FALSE(verify_inclusion(index, size, leaves[index], path, root));
    }
    for (std::uint64_t older = 0; older <= size; ++older) {
      auto path = consistency_proof(tree, older, size).value();
      const auto old_root = root_at(tree, older).value();
      ASSERT_TRUE(verify_consistency(older, size, path, old_root, root)) << older << " " << size;
      ASSERT_FALSE(verify_consistency(older, size, path, leaf_hash("other"), root));
      if (path.empty()) continue;
      path.back().bytes[0] ^= 1;
      ASSERT_FALSE(verify_consistency(older, size, path, old_root, root));
    }
  }
}

TEST(Tree, RandomProofsOfALargerTreeHold) {
  std::mt19937_64 random(6962);
  MemoryTree tree;
  for (std::uint64_t i = 0; i < 70000; ++i) tree.append(leaf_hash(std::to_string(i)));
  for (int round = 0; round < 200; ++round) {
    const std::uint64_t size = 1 + random() % 70000, index = random() % size, older = random() % (size + 1);
    const auto root = root_at(tree, size).value();
    ASSERT_TRUE(
        verify_inclusion(index, size, leaf_hash(std::to_string(index)), inclusion_proof(tree, index, size).value(), root));
    ASSERT_TRUE(
        verify_consistency(older, size, consistency_proof(tree, older, size).value(), root_at(tree, older).value(), root));
  }
}

TEST(Tree, RefusesProofsOutsideTheTree) {
  const auto tree = reference_tree(8);
  EXPECT_EQ(inclusion_proof(tree, 8, 8).error().code, ErrorCode::invalid);
  EXPECT_EQ(consistency_proof(tree, 9, 8).error().code, ErrorCode::invalid);
  EXPECT_FALSE(inclusion_proof(tree, 0, 9)) << "the source has no such tile";
  EXPECT_FALSE(verify_inclusion(1, 1, leaf_hash(""), {}, leaf_hash("")));
}

}  // namespace
}  // namespace fabu::audit
