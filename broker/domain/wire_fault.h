// Why bytes are not a protobuf message: the first fault with its field. Pure; for bytes that protobuf itself refused.
#pragma once

#include <google/protobuf/descriptor.h>

#include <string>
#include <string_view>

#include "broker/domain/faults.h"

namespace fabu::domain {

struct WireFault {
  std::string path;  // of the field, e.g. "attachments[1].name"; empty when it lies in no known field
  Words what;
};

// The first thing on the wire (https://protobuf.dev/programming-guides/encoding) that keeps `bytes` from being read: cut short, a
// text that is not UTF-8, a tag that is none, nesting beyond protobuf's 100. When it finds none it says that much.
WireFault wire_fault(std::string_view bytes, const google::protobuf::Descriptor&);

}  // namespace fabu::domain
