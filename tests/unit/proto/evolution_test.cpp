// The contract as built against the contract as recorded: docs/contract.md.
#include <gmock/gmock.h>

#include <fstream>

#include "contract_change.h"

namespace fabu::contract {
namespace {

namespace pb = google::protobuf;

pb::FileDescriptorSet read(const char* path) {
  std::ifstream in(path, std::ios::binary);
  pb::FileDescriptorSet set;
  EXPECT_TRUE(in && set.ParseFromIstream(&in)) << path;
  return set;
}

pb::FileDescriptorSet recorded() {
  return read(FABU_SOURCE_DIR "/proto/fabu/v1/contract.binpb");
}
pb::FileDescriptorSet built() {
  return read(FABU_BINARY_DIR "/tests/unit/proto/contract.binpb");
}

TEST(Contract, EveryoneWhoWasBuiltWithAnOlderOneIsStillUnderstood) {
  const auto changes = incompatible_changes(recorded(), built());
  for (const auto& change : changes) ADD_FAILURE() << change << " (see docs/contract.md)";
}

TEST(Contract, TheRecordHoldsEveryFileOfTheContract) {
  std::vector<std::string> names;
  const auto record = recorded();
  for (const auto& file : record.file()) names.push_back(file.name());
  EXPECT_THAT(
      names, testing::IsSupersetOf({"fabu/v1/api.proto", "fabu/v1/audit.proto", "fabu/v1/delivery.proto", "fabu/v1/item.proto"}));
}

// Of real messages, so that the check is known to see them.
TEST(Contract, AChangeOfARealFieldIsSeen) {
  auto changed = built();
  bool seen = false;
  for (auto& file : *changed.mutable_file()) {
    for (auto& message : *file.mutable_message_type()) {
      if (message.name() != "Item") continue;
      for (auto& field : *message.mutable_field()) {
        if (field.name() == "title") field.set_number(99), seen = true;
      }
    }
  }
  ASSERT_TRUE(seen);
  EXPECT_THAT(incompatible_changes(recorded(), changed), testing::ElementsAre("fabu.v1.Item.title: number was 5 and is 99"));
}

}  // namespace
}  // namespace fabu::contract
