#include "contract_change.h"

#include <algorithm>

namespace fabu::contract {
namespace {

namespace pb = google::protobuf;
using Changes = std::vector<std::string>;

template <typename List>
auto* named(const List& list, const std::string& name) {
  const auto found = std::find_if(list.begin(), list.end(), [&](const auto& one) { return one.name() == name; });
  return found == list.end() ? nullptr : &*found;
}

template <typename List>
auto* numbered(const List& list, int number) {
  const auto found = std::find_if(list.begin(), list.end(), [&](const auto& one) { return one.number() == number; });
  return found == list.end() ? nullptr : &*found;
}

template <typename Type>
bool reserves_name(const Type& type, const std::string& name) {
  return std::find(type.reserved_name().begin(), type.reserved_name().end(), name) != type.reserved_name().end();
}

// Of messages the end of a range is one past it, of enums it is the last.
bool reserves(const pb::DescriptorProto& message, int first, int last) {
  return std::any_of(message.reserved_range().begin(), message.reserved_range().end(),
                     [&](const auto& range) { return range.start() <= first && last < range.end(); });
}
bool reserves(const pb::EnumDescriptorProto& type, int first, int last) {
  return std::any_of(type.reserved_range().begin(), type.reserved_range().end(),
                     [&](const auto& range) { return range.start() <= first && last <= range.end(); });
}
int last_of(const pb::DescriptorProto::ReservedRange& range) {
  return range.end() - 1;
}
int last_of(const pb::EnumDescriptorProto::EnumReservedRange& range) {
  return range.end();
}

void differs(const std::string& path, const char* what, const std::string& was, const std::string& is, Changes& changes) {
  if (was != is) changes.push_back(path + ": " + what + " was " + was + " and is " + is);
}

std::string type_of(const pb::FieldDescriptorProto& field) {
  return field.type_name().empty() ? pb::FieldDescriptorProto::Type_Name(field.type()) : field.type_name();
}

std::string choice_of(const pb::FieldDescriptorProto& field, const pb::DescriptorProto& message) {
  if (!field.has_oneof_index()) return field.proto3_optional() ? "optional" : "in no oneof";
  return field.proto3_optional() ? "optional" : "in oneof " + message.oneof_decl(field.oneof_index()).name();
}

template <typename Type>
void compare_reserved(const std::string& path, const Type& older, const Type& newer, Changes& changes) {
  for (const auto& range : older.reserved_range()) {
    if (reserves(newer, range.start(), last_of(range))) continue;
    changes.push_back(path + ": number " + std::to_string(range.start()) + " is no longer reserved");
  }
  for (const auto& name : older.reserved_name()) {
    if (!reserves_name(newer, name)) changes.push_back(path + ": name " + name + " is no longer reserved");
  }
}

// A field or an enum value that is gone.
template <typename Type, typename Member>
void compare_vanished(const std::string& path, const Type& newer, const Member& member, Changes& changes) {
  if (!reserves(newer, member.number(), member.number())) {
    changes.push_back(path + ": is gone, and its number " + std::to_string(member.number()) + " is not reserved");
  }
  if (!reserves_name(newer, member.name())) changes.push_back(path + ": is gone, and its name is not reserved");
}

void compare_fields(const std::string& path, const pb::DescriptorProto& older, const pb::DescriptorProto& newer,
                    Changes& changes) {
  for (const auto& was : older.field()) {
    const auto where = path + "." + was.name();
    if (const auto* is = numbered(newer.field(), was.number())) {
      differs(where, "name", was.name(), is->name(), changes);
      differs(where, "JSON name", was.json_name(), is->json_name(), changes);
      differs(where, "type", type_of(was), type_of(*is), changes);
      differs(where, "label", pb::FieldDescriptorProto::Label_Name(was.label()),
              pb::FieldDescriptorProto::Label_Name(is->label()), changes);
      differs(where, "place", choice_of(was, older), choice_of(*is, newer), changes);
    } else if (const auto* moved = named(newer.field(), was.name())) {
      differs(where, "number", std::to_string(was.number()), std::to_string(moved->number()), changes);
    } else {
      compare_vanished(where, newer, was, changes);
    }
  }
}

template <typename Scope>
void compare_enums(const std::string& path, const Scope& older, const Scope& newer, Changes& changes) {
  for (const auto& was : older.enum_type()) {
    const auto where = path + "." + was.name();
    const auto* is = named(newer.enum_type(), was.name());
    if (is == nullptr) {
      changes.push_back(where + ": is gone");
      continue;
    }
    for (const auto& value : was.value()) {
      if (const auto* same = numbered(is->value(), value.number())) {
        differs(where + "." + value.name(), "name", value.name(), same->name(), changes);
      } else if (const auto* moved = named(is->value(), value.name())) {
        differs(where + "." + value.name(), "number", std::to_string(value.number()), std::to_string(moved->number()), changes);
      } else {
        compare_vanished(where + "." + value.name(), *is, value, changes);
      }
    }
    compare_reserved(where, was, *is, changes);
  }
}

template <typename Messages>
void compare_messages(const std::string& path, const Messages& older, const Messages& newer, Changes& changes) {
  for (const pb::DescriptorProto& was : older) {
    const auto where = path + "." + was.name();
    const pb::DescriptorProto* is = named(newer, was.name());
    if (is == nullptr) {
      changes.push_back(where + ": is gone");
      continue;
    }
    compare_fields(where, was, *is, changes);
    compare_reserved(where, was, *is, changes);
    compare_enums(where, was, *is, changes);
    compare_messages(where, was.nested_type(), is->nested_type(), changes);
  }
}

}  // namespace

std::vector<std::string> incompatible_changes(const pb::FileDescriptorSet& older, const pb::FileDescriptorSet& newer) {
  Changes changes;
  for (const auto& was : older.file()) {
    const auto* is = named(newer.file(), was.name());
    if (is == nullptr) {
      changes.push_back(was.name() + ": is gone");
      continue;
    }
    differs(was.name(), "package", was.package(), is->package(), changes);
    differs(was.name(), "syntax", was.syntax(), is->syntax(), changes);
    compare_enums(was.package(), was, *is, changes);
    compare_messages(was.package(), was.message_type(), is->message_type(), changes);
  }
  return changes;
}

}  // namespace fabu::contract
