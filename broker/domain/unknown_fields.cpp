#include "broker/domain/unknown_fields.h"

#include <google/protobuf/struct.pb.h>
#include <google/protobuf/unknown_field_set.h>

namespace fabu::domain {
namespace {

namespace pb = google::protobuf;
constexpr std::size_t kMost = 20;

void add(const pb::Message& message, const std::string& path, std::vector<std::string>& found) {
  const auto& unknown = message.GetReflection()->GetUnknownFields(message);
  for (int i = 0; i < unknown.field_count() && found.size() < kMost; ++i) {
    found.push_back(path + "#" + std::to_string(unknown.field(i).number()));
  }
}

// Facts are walked by hand: reflection would copy every map of them into a list.
void collect(const pb::Value& value, std::vector<std::string>& found);

void collect(const pb::Struct& facts, std::vector<std::string>& found) {
  add(facts, "structured.", found);
  for (const auto& [name, value] : facts.fields()) collect(value, found);
}

void collect(const pb::Value& value, std::vector<std::string>& found) {
  add(value, "structured.", found);
  if (value.has_struct_value()) return collect(value.struct_value(), found);
  if (!value.has_list_value()) return;
  add(value.list_value(), "structured.", found);
  for (const auto& one : value.list_value().values()) collect(one, found);
}

void collect(const pb::Message& message, const std::string& path, std::vector<std::string>& found);

void collect_in_field(const pb::Message& message, const pb::FieldDescriptor& field, const std::string& path,
                      std::vector<std::string>& found) {
  const auto& reflection = *message.GetReflection();
  if (!field.is_repeated()) return collect(reflection.GetMessage(message, &field), path + ".", found);
  for (int i = 0; i < reflection.FieldSize(message, &field) && found.size() < kMost; ++i) {
    collect(reflection.GetRepeatedMessage(message, &field, i), path + "[" + std::to_string(i) + "].", found);
  }
}

void collect(const pb::Message& message, const std::string& path, std::vector<std::string>& found) {
  if (message.GetDescriptor() == pb::Struct::descriptor()) return collect(static_cast<const pb::Struct&>(message), found);
  const auto& reflection = *message.GetReflection();
  add(message, path, found);
  std::vector<const pb::FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const auto* field : fields) {
    if (found.size() >= kMost) return;
    if (field->cpp_type() == pb::FieldDescriptor::CPPTYPE_MESSAGE) collect_in_field(message, *field, path + field->name(), found);
  }
}

}  // namespace

std::vector<std::string> unknown_fields(const pb::Message& message) {
  std::vector<std::string> found;
  collect(message, "", found);
  return found;
}

}  // namespace fabu::domain
