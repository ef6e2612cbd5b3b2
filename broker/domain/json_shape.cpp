#include "broker/domain/json_shape.h"

#include <google/protobuf/struct.pb.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <utility>

#include "broker/domain/faults.h"
#include "broker/domain/nearest.h"
#include "broker/domain/text_rules.h"

namespace fabu::domain {
namespace {

namespace pb = google::protobuf;
using Json = nlohmann::json;
constexpr std::size_t kMostFaults = 50;

enum class Kind { null, boolean, number, string, object, list };

// An object or a list that is open. In one whose content is free, or was already found at fault, `message` and `field` are null.
struct Level {
  bool list = false;
  const pb::Descriptor* message = nullptr;     // of an object
  const pb::FieldDescriptor* field = nullptr;  // the field whose value comes next; of a list: of its elements
  int next = 0;                                // of a list: index of the next element
  std::string key;                             // of an object: the key whose value comes next
  std::set<std::string, std::less<>> seen;     // of an object
};

Words said(Kind kind) {
  switch (kind) {
    case Kind::null:
      return {"null", "null"};
    case Kind::boolean:
      return {"true or false", "布尔值"};
    case Kind::number:
      return {"a number", "数值"};
    case Kind::string:
      return {"a text", "文本"};
    case Kind::object:
      return {"an object", "对象"};
    case Kind::list:
      return {"a list", "数组"};
  }
  return {};
}

Words wanted(const pb::FieldDescriptor& field, bool element) {
  if (field.is_repeated() && !element) return said(Kind::list);
  switch (field.cpp_type()) {
    case pb::FieldDescriptor::CPPTYPE_MESSAGE:
      return said(Kind::object);
    case pb::FieldDescriptor::CPPTYPE_BOOL:
      return said(Kind::boolean);
    case pb::FieldDescriptor::CPPTYPE_STRING:
      return said(Kind::string);
    case pb::FieldDescriptor::CPPTYPE_ENUM:
      return {"the name of a value", "枚举值名称"};
    default:
      return said(Kind::number);
  }
}

bool fits(const pb::FieldDescriptor& field, bool element, Kind kind) {
  if (field.is_repeated() && !element) return kind == Kind::list || kind == Kind::null;
  if (kind == Kind::null) return !element;
  switch (field.cpp_type()) {
    case pb::FieldDescriptor::CPPTYPE_MESSAGE:
      return kind == Kind::object;
    case pb::FieldDescriptor::CPPTYPE_BOOL:
      return kind == Kind::boolean;
    case pb::FieldDescriptor::CPPTYPE_STRING:
      return kind == Kind::string;
    default:
      return kind == Kind::number || kind == Kind::string;  // 64-bit numbers travel as text
  }
}

const pb::FieldDescriptor* field_of(const pb::Descriptor& message, std::string_view key) {
  for (int i = 0; i < message.field_count(); ++i) {
    if (message.field(i)->json_name() == key || message.field(i)->name() == key) return message.field(i);
  }
  return nullptr;
}

std::vector<std::string> keys_of(const pb::Descriptor& message) {
  std::vector<std::string> keys;
  keys.reserve(static_cast<std::size_t>(message.field_count()));
  for (int i = 0; i < message.field_count(); ++i) keys.push_back(message.field(i)->json_name());
  return keys;
}

// nlohmann's parser calls this for each token; false stops it.
class Shape {
 public:
  Shape(std::string_view text, const pb::Descriptor& message) : text_(text), message_(message) {}

  bool null() { return value(Kind::null); }
  bool boolean(bool) { return value(Kind::boolean); }
  bool number_integer(std::int64_t) { return value(Kind::number); }
  bool number_unsigned(std::uint64_t) { return value(Kind::number); }
  bool number_float(double, const std::string&) { return value(Kind::number); }
  bool binary(Json::binary_t&) { return true; }  // JSON has none
  bool string(std::string& text) {
    const auto* field = levels_.empty() ? nullptr : levels_.back().field;
    const bool ok = value(Kind::string);
    if (field != nullptr && field->cpp_type() == pb::FieldDescriptor::CPPTYPE_ENUM &&
        field->enum_type()->FindValueByName(text) == nullptr) {
      unknown_value(last_path_, text, *field->enum_type());
    }
    return ok && more();
  }
  bool start_object(std::size_t) { return open(Kind::object); }
  bool start_array(std::size_t) { return open(Kind::list); }
  bool end_object() { return close(); }
  bool end_array() { return close(); }
  bool key(std::string& key);
  bool parse_error(std::size_t position, const std::string&, const Json::exception& error);

  std::vector<v1::FieldProblem> take() { return faults_.take(); }

 private:
  std::string path() const;
  bool more() const { return count_ < kMostFaults; }
  bool add(std::string where, const char* rule, Words what, Words todo) {
    ++count_;
    faults_.add(std::move(where), rule, std::move(what), std::move(todo));
    return more();
  }
  void unknown_value(const std::string& where, const std::string& text, const pb::EnumDescriptor& type);
  bool value(Kind kind);
  bool open(Kind kind);
  bool close() {
    levels_.pop_back();
    if (!levels_.empty() && levels_.back().list) ++levels_.back().next;
    return true;
  }

  std::string_view text_;
  const pb::Descriptor& message_;
  std::vector<Level> levels_;
  std::string last_path_;  // of the value that came last
  std::size_t count_ = 0;
  Faults faults_;
};

// "attachments[1].size" of the value that comes next.
std::string Shape::path() const {
  std::string path;
  for (const auto& level : levels_) {
    if (level.list) {
      path += "[" + std::to_string(level.next) + "]";
    } else {
      if (!path.empty()) path += ".";
      path += level.message != nullptr && level.field != nullptr ? level.field->name() : level.key;
    }
  }
  return path;
}

bool Shape::key(std::string& key) {
  auto& level = levels_.back();
  level.key = quoted(key, 64);
  level.field = level.message == nullptr ? nullptr : field_of(*level.message, key);
  const auto& name = level.field == nullptr ? key : level.field->name();
  if (!level.seen.insert(name).second) {
    return add(path(), "json.key.twice", {"The key is there twice.", "键重复。"}, {"Keep one of them.", "请只保留一个。"});
  }
  if (level.message == nullptr || level.field != nullptr) return true;
  const auto near = nearest_word(key, keys_of(*level.message));
  return add(path(), "json.key.unknown",
             {"There is no field `" + level.key + "` in " + level.message->name() + ".", "没有名为“" + level.key + "”的字段。"},
             {near.empty() ? "Leave it out; names are lowerCamelCase (see /openapi.json)." : "Did you mean `" + near + "`?",
              near.empty() ? "请删除该字段，字段名见接口说明。" : "是否应为“" + near + "”？"});
}

void Shape::unknown_value(const std::string& where, const std::string& text, const pb::EnumDescriptor& type) {
  std::string all;
  for (int i = 1; i < type.value_count(); ++i) all += (all.empty() ? "" : ", ") + type.value(i)->name();
  add(where, "json.enum", {"`" + quoted(text, 64) + "` is no value of it.", "“" + quoted(text, 64) + "”不是可用的取值。"},
      {"Use one of: " + all + ".", "请使用以下取值之一：" + all + "。"});
}

bool Shape::value(Kind kind) {
  last_path_ = path();
  if (levels_.empty()) {
    if (kind == Kind::object) return true;
    return add("", "json.type", {"It is " + said(kind).en + ", not an object.", "内容是" + said(kind).zh + "，不是对象。"},
               {"Send one JSON object.", "请发送一个 JSON 对象。"});
  }
  auto& level = levels_.back();
  bool going = true;
  if (level.field != nullptr && !fits(*level.field, level.list, kind)) {
    const auto want = wanted(*level.field, level.list);
    going =
        add(last_path_, "json.type",
            {"It is " + said(kind).en + "; " + want.en + " is expected.", "内容是" + said(kind).zh + "，应为" + want.zh + "。"},
            {"Write " + want.en + ".", "请填写" + want.zh + "。"});
  }
  if (level.list) ++level.next;
  return going;
}

bool Shape::open(Kind kind) {
  if (levels_.size() >= kMostJsonDepth) {
    add(path(), "json.depth", {"It is nested deeper than 64 levels.", "嵌套超过64层。"}, {"Nest less.", "请减少嵌套。"});
    return false;
  }
  Level level;
  level.list = kind == Kind::list;
  if (levels_.empty()) {
    if (kind == Kind::object) level.message = &message_;
  } else if (const auto* field = levels_.back().field; field != nullptr && fits(*field, levels_.back().list, kind)) {
    if (kind == Kind::list) {
      level.field = field;
    } else if (field->message_type() != pb::Struct::descriptor()) {
      level.message = field->message_type();
    }
  }
  if (!value(kind)) return false;
  // What lies in an element of a list has that element's index in its paths; close() counts it.
  if (!levels_.empty() && levels_.back().list) --levels_.back().next;
  levels_.push_back(std::move(level));
  return true;
}

bool Shape::parse_error(std::size_t position, const std::string&, const Json::exception& error) {
  const auto before = text_.substr(0, std::min(position == 0 ? 0 : position - 1, text_.size()));
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  const auto start = before.rfind('\n');
  const auto column = before.size() - (start == std::string_view::npos ? 0 : start + 1) + 1;
  std::string detail = error.what();
  if (const auto at = detail.find("syntax error"); at != std::string::npos) detail.erase(0, at);
  const auto place = std::to_string(line) + ":" + std::to_string(column);
  add(path(), "json.syntax",
      {"This is not JSON at line:column " + place + ": " + quoted(detail, 300), "第" + place + "处（行:列）不是有效的 JSON。"},
      {"Mend it there; write JSON in UTF-8.", "请更正该处，并以 UTF-8 编码。"});
  return false;
}

}  // namespace

std::vector<v1::FieldProblem> json_shape(std::string_view text, const pb::Descriptor& message) {
  Shape shape(text, message);
  Json::sax_parse(text.begin(), text.end(), &shape);
  return shape.take();
}

}  // namespace fabu::domain
