#include "broker/domain/item_codec.h"

#include <google/protobuf/stubs/logging.h>
#include <google/protobuf/util/json_util.h>

#include <utility>
#include <vector>

#include "broker/domain/faults.h"
#include "broker/domain/json_shape.h"
#include "broker/domain/text_rules.h"
#include "broker/domain/unknown_fields.h"
#include "broker/domain/wire_fault.h"

namespace fabu::domain {
namespace {

namespace pb = google::protobuf;

Error malformed(std::vector<v1::FieldProblem> problems) {
  const auto& first = problems.front();
  Error error{ErrorCode::malformed, first.path(), first.what(), first.todo(), {}};
  error.problems = std::move(problems);
  return error;
}

Error malformed(std::string path, Words what, Words todo) {
  Faults faults;
  faults.add(std::move(path), "item.malformed", std::move(what), std::move(todo));
  return malformed(faults.take());
}

Error too_large() {
  return Error{ErrorCode::too_large, "", "The item is larger than 8 MiB.", "Put long material into attachments.", {}};
}

// protobuf writes "(body.format): invalid value …".
std::string path_in(std::string_view message) {
  const auto end = message.find("):");
  return message.empty() || message.front() != '(' || end == std::string_view::npos ? ""
                                                                                    : std::string(message.substr(1, end - 1));
}

}  // namespace

Result<v1::Item> decode_protobuf(std::string_view bytes) {
  if (bytes.size() > kMostItemBytes) return too_large();
  const pb::LogSilencer quiet;  // protobuf would write a line to stderr for each text that is not UTF-8
  v1::Item item;
  if (!item.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    auto fault = wire_fault(bytes, *v1::Item::descriptor());
    return malformed(std::move(fault.path), std::move(fault.what),
                     {"Serialise a fabu.v1.Item of proto/fabu/v1/item.proto and send exactly those bytes.",
                      "请按 proto/fabu/v1/item.proto 序列化后原样发送。"});
  }
  Faults faults;
  for (auto& path : unknown_fields(item)) {
    faults.add(std::move(path), "item.malformed",
               {"This server does not know the field of the number after `#`.", "服务器不认识“#”后编号的字段。"},
               {"Leave the field out, or have the server upgraded: what is not understood cannot be published.",
                "请删除该字段，或升级服务器。"});
  }
  if (auto problems = faults.take(); !problems.empty()) return malformed(std::move(problems));
  return item;
}

Result<v1::Item> decode_json(std::string_view text) {
  if (text.size() > kMostItemBytes) return too_large();
  if (auto problems = json_shape(text, *v1::Item::descriptor()); !problems.empty()) return malformed(std::move(problems));
  v1::Item item;
  pb::util::JsonParseOptions strict;
  strict.case_insensitive_enum_parsing = false;
  const auto status = pb::util::JsonStringToMessage({text.data(), text.size()}, &item, strict);
  if (!status.ok()) {
    const std::string_view message{status.message().data(), status.message().size()};
    return malformed(path_in(message),
                     {"The text is not a JSON item: " + quoted(message, 300), "内容不符合 fabu.v1.Item 的 JSON 格式。"},
                     {"Correct it there (see /openapi.json).", "请按接口说明更正。"});
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
