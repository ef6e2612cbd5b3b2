// contract_check OLDER NEWER: prints every incompatible change between two descriptor sets; exit 1 when there is one, 2 when a
// file cannot be read.
#include <cstdio>
#include <fstream>

#include "contract_change.h"

namespace {

bool read(const char* path, google::protobuf::FileDescriptorSet& set) {
  std::ifstream in(path, std::ios::binary);
  if (in && set.ParseFromIstream(&in)) return true;
  std::fprintf(stderr, "%s: is no descriptor set\n", path);
  return false;
}

}  // namespace

int main(int argc, char** argv) {
  google::protobuf::FileDescriptorSet older, newer;
  if (argc != 3) return std::fprintf(stderr, "usage: contract_check OLDER NEWER\n"), 2;
  if (!read(argv[1], older) || !read(argv[2], newer)) return 2;
  const auto changes = fabu::contract::incompatible_changes(older, newer);
  for (const auto& change : changes) std::printf("%s\n", change.c_str());
  return changes.empty() ? 0 : 1;
}
