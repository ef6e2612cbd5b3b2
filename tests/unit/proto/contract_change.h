// What in a newer contract breaks those who were built with an older one. docs/contract.md has the rules. Pure.
#pragma once

#include <google/protobuf/descriptor.pb.h>

#include <string>
#include <vector>

namespace fabu::contract {

// One line for each incompatible change, e.g. "fabu.v1.Item.title: number was 5 and is 6", in order of the older contract; empty
// when there is none. Additions are none. A field or enum value may go when its number and its name are reserved.
std::vector<std::string> incompatible_changes(const google::protobuf::FileDescriptorSet& older,
                                              const google::protobuf::FileDescriptorSet& newer);

}  // namespace fabu::contract
