// Items as they travel: protobuf bytes and protobuf's JSON mapping. Strict: what is not understood is refused, never dropped.
// Pure.
#pragma once

#include <fabu/v1/item.pb.h>

#include <cstddef>
#include <string>
#include <string_view>

#include "broker/domain/result.h"

namespace fabu::domain {

// No item that satisfies its rules is larger: a body of 1 MiB, every other field at its bound, JSON's escapes.
inline constexpr std::size_t kMostItemBytes = 8 << 20;

// Fails (too_large) above kMostItemBytes, and (malformed) on bytes that are not the message, naming the first fault's
// field and byte, and on fields that this version does not know: `problems` names each by path and number.
Result<v1::Item> decode_protobuf(std::string_view bytes);
// Fails (too_large) above kMostItemBytes, and (malformed) on anything but one JSON object of the mapping: `problems` names every
// unknown key, key that is there twice, wrong type and unknown enum value by its path, and a syntax error by line and column.
Result<v1::Item> decode_json(std::string_view text);
// Two spaces a level. Empty for an item whose `structured` holds what JSON cannot (NaN), which check_item refuses.
std::string encode_json(const v1::Item&);

}  // namespace fabu::domain
