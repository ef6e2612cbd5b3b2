#include "broker/domain/item_codec.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/message.h>
#include <google/protobuf/unknown_field_set.h>
#include <google/protobuf/util/json_util.h>

#include <optional>
#include <utility>

namespace fabu::domain {
namespace {

namespace pb = google::protobuf;

Error malformed(std::string where, std::string what, std::string todo) {
  Error error{ErrorCode::malformed, where, what, todo, {}};
  v1::FieldProblem problem;
  problem.set_path(std::move(where));
  problem.set_rule("item.malformed");
  problem.set_what(std::move(what));
  problem.set_todo(std::move(todo));
  problem.set_what_zh("报送内容无法解析。");
  problem.set_todo_zh("请按接口说明检查格式后重新报送。");
  error.problems.push_back(std::move(problem));
  return error;
}

// The path and number of the first field that this version does not know.
std::optional<std::string> unknown_field(const pb::Message& message, const std::string& path) {
  const auto& reflection = *message.GetReflection();
  const auto& unknown = reflection.GetUnknownFields(message);
  if (!unknown.empty()) return path + "#" + std::to_string(unknown.field(0).number());
  std::vector<const pb::FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const auto* field : fields) {
    if (field->cpp_type() != pb::FieldDescriptor::CPPTYPE_MESSAGE || field->message_type()->well_known_type() != pb::Descriptor::WELLKNOWNTYPE_UNSPECIFIED) continue;
    const std::string below = path + field->name();
    if (!field->is_repeated()) {
      if (auto found = unknown_field(reflection.GetMessage(message, field), below + ".")) return found;
      continue;
    }
    for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
      if (auto found = unknown_field(reflection.GetRepeatedMessage(message, field, i), below + "[" + std::to_string(i) + "].")) return found;
    }
  }
  return std::nullopt;
}

}  // namespace

Result<v1::Item> decode_protobuf(std::string_view bytes) {
  v1::Item item;
  if (!item.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return malformed("", "The bytes are not a fabu.v1.Item: cut short, not UTF-8, or another message.",
                     "Serialise a fabu.v1.Item of proto/fabu/v1/item.proto and send exactly those bytes.");
  }
  if (const auto unknown = unknown_field(item, "")) {
    return malformed(*unknown, "This server does not know the field number after `#`.",
                     "Leave the field out, or have the server upgraded: what is not understood cannot be published.");
  }
  return item;
}

Result<v1::Item> decode_json(std::string_view text) {
  v1::Item item;
  pb::util::JsonParseOptions strict;
  strict.case_insensitive_enum_parsing = false;
  const auto status = pb::util::JsonStringToMessage({text.data(), text.size()}, &item, strict);
  if (!status.ok()) {
    return malformed("", "The body is not a JSON item: " + std::string(status.message()).substr(0, 300),
                     "Send one JSON object with the fields of fabu.v1.Item (see /openapi.json); names are lowerCamelCase.");
  }
  return item;
}

std::string encode_json(const v1::Item& item) {
  std::string text;
  pb::util::JsonPrintOptions options;
  options.add_whitespace = true;
  const auto status = pb::util::MessageToJsonString(item, &text, options);
  return status.ok() ? text : std::string{};
}

}  // namespace fabu::domain
