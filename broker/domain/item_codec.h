// Items as they travel: protobuf bytes and protobuf's JSON mapping. Strict: what is not understood is refused, never dropped. Pure.
#pragma once

#include <fabu/v1/item.pb.h>

#include <string>
#include <string_view>

#include "broker/domain/result.h"

namespace fabu::domain {

// Fails (malformed) on bytes that are not the message, on invalid UTF-8, and on fields that this version does not know, which are
// named by number.
Result<v1::Item> decode_protobuf(std::string_view bytes);
// Fails (malformed) on anything but one JSON object of the mapping; an unknown key is named.
Result<v1::Item> decode_json(std::string_view text);
std::string encode_json(const v1::Item&);

}  // namespace fabu::domain
