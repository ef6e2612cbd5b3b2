// Whether a JSON text has the shape of a message in protobuf's JSON mapping, read without building anything. Says what
// protobuf's own reader does not: every fault at once, each with its field path. Pure.
#pragma once

#include <fabu/v1/api.pb.h>
#include <google/protobuf/descriptor.h>

#include <string_view>
#include <vector>

namespace fabu::domain {

inline constexpr unsigned kMostJsonDepth = 64;

// Every fault, at most 50, in order of the text; empty = the shape is right. Rules: json.syntax (with line and column; nothing is
// read after it), json.key.unknown (the nearest known key is named), json.key.twice (also under both of a field's
// spellings), json.type, json.enum, json.depth. What a google.protobuf.Struct holds is free but for keys that are there twice.
// Not checked: whether a number fits its field.
std::vector<v1::FieldProblem> json_shape(std::string_view text, const google::protobuf::Descriptor& message);

}  // namespace fabu::domain
