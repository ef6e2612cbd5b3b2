#include "broker/domain/unknown_fields.h"

#include <google/protobuf/unknown_field_set.h>

namespace fabu::domain {
namespace {

namespace pb = google::protobuf;
constexpr std::size_t kMost = 20;

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
  const auto& reflection = *message.GetReflection();
  const auto& unknown = reflection.GetUnknownFields(message);
  for (int i = 0; i < unknown.field_count() && found.size() < kMost; ++i) {
    found.push_back(path + "#" + std::to_string(unknown.field(i).number()));
  }
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
