#include <gtest/gtest.h>

#include "broker/audit/tree.h"
#include "unit/audit/vectors.h"

namespace fabu::audit {
namespace {

MemoryTree numbered_tree() {
  MemoryTree tree;
  for (int i = 0; i < 70000; ++i) tree.append(leaf_hash(std::to_string(i)));
  return tree;
}

TEST(Tiles, OfTheLogOf70000LeavesAreTheReferenceTiles) {
  const auto& v = vectors()["tiles_70000"];
  const auto tree = numbered_tree();
  EXPECT_EQ(tree.edge().root().hex(), v["root_hex"]);
  EXPECT_EQ(root_at(tree, 70000).value().hex(), v["root_hex"]);
  for (const auto& [path, expected] : v["tile_sha256_hex"].items()) {
    const auto name = parse_tile_path(path);
    ASSERT_TRUE(name) << path;
    EXPECT_EQ(tile_path(name->level, name->index, name->width), path);
    std::string bytes;
    const auto hashes = tree.tile(static_cast<unsigned>(name->level), name->index, name->width);
    ASSERT_TRUE(hashes) << path;
    for (const auto& hash : *hashes) bytes.append(hash.view());
    EXPECT_EQ(sha256(bytes).hex(), expected) << path;
  }
}

TEST(Tiles, EntryBundlesAreTheReferenceBundles) {
  for (const auto& [path, expected] : vectors()["tiles_70000"]["entries_sha256_hex"].items()) {
    const auto name = parse_tile_path(path);
    ASSERT_TRUE(name) << path;
    EXPECT_EQ(name->level, -1);
    std::vector<std::string> entries;
    for (unsigned i = 0; i < name->width; ++i) entries.push_back(std::to_string(name->index * kTileWidth + i));
    const auto bytes = entry_bundle(entries);
    EXPECT_EQ(sha256(bytes).hex(), expected);
    EXPECT_EQ(parse_entry_bundle(bytes).value(), entries);
  }
}

TEST(Tiles, PathsGroupTheNumberByThreeDigits) {
  EXPECT_EQ(tile_path(0, 0, 256), "tile/0/000");
  EXPECT_EQ(tile_path(0, 1234067, 256), "tile/0/x001/x234/067");
  EXPECT_EQ(tile_path(-1, 1234067, 9), "tile/entries/x001/x234/067.p/9");
  EXPECT_EQ(tile_path(2, 1000, 256), "tile/2/x001/000");
}

TEST(Tiles, PathsAreReadBackAndNothingElseIs) {
  for (const std::uint64_t index : {0ULL, 7ULL, 999ULL, 1000ULL, 123456ULL, 1234067ULL, 999999999ULL, 123456789012ULL}) {
    for (const unsigned width : {1U, 255U, 256U}) {
      const auto name = parse_tile_path(tile_path(1, index, width));
      ASSERT_TRUE(name);
      EXPECT_EQ(name->index, index);
      EXPECT_EQ(name->width, width);
    }
  }
  for (const char* wrong : {"",
                            "tile",
                            "tile/",
                            "tile/0",
                            "tile/0/",
                            "tile/0/0",
                            "tile/0/0000",
                            "tile/0/x000/001",
                            "tile/0/x001/1",
                            "tile/00/000",
                            "tile/-1/000",
                            "tile/0/000.p/0",
                            "tile/0/000.p/256",
                            "tile/0/000.p/01",
                            "tile/0/000.p/",
                            "tile/0/../000",
                            "tile/entries",
                            "tile/8/000",
                            "tile/0/+12",
                            "/tile/0/000",
                            "tile/0/000/",
                            "checkpoint",
                            "tile/0/x999/x999/x999/x999/x999/x999/x999/x999/000"}) {
    EXPECT_FALSE(parse_tile_path(wrong)) << wrong;
  }
}

TEST(Tiles, EntryBundlesThatAreCutShortOrTooLongAreRefused) {
  const auto bytes = entry_bundle({"one", "", std::string(kMaxEntry, 'x')});
  EXPECT_EQ(parse_entry_bundle(bytes).value().size(), 3U);
  EXPECT_TRUE(parse_entry_bundle("").value().empty());
  for (const std::size_t length : {1UL, 2UL, 4UL, 6UL, 8UL, bytes.size() - 1})
    EXPECT_FALSE(parse_entry_bundle(bytes.substr(0, length))) << length;
  EXPECT_FALSE(parse_entry_bundle(entry_bundle(std::vector<std::string>(257, "x"))));
}

}  // namespace
}  // namespace fabu::audit
