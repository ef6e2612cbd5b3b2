// Protobuf fields that this version of the contract does not know. Pure.
#pragma once

#include <google/protobuf/message.h>

#include <string>
#include <vector>

namespace fabu::domain {

// Where each lies, as path and number: "#99", "body.#7", "attachments[1].#9"; a known number on the wire with another type
// counts as unknown; those anywhere within facts (google.protobuf.Struct) lie at "structured.". At most 20.
std::vector<std::string> unknown_fields(const google::protobuf::Message&);

}  // namespace fabu::domain
