#include "broker/domain/wire_fault.h"

#include <cstdint>
#include <map>
#include <optional>
#include <utility>

#include "broker/domain/text_rules.h"

namespace fabu::domain {
namespace {

namespace pb = google::protobuf;
constexpr int kDeepest = 100;  // protobuf's own bound

std::string number(std::uint64_t n) {
  return std::to_string(n);
}

// Reads one message and those within it. The position in the whole is kept for what is said.
class Walk {
 public:
  explicit Walk(std::string_view all) : all_(all) {}

  bool message(const pb::Descriptor* type, std::size_t end, const std::string& path, int depth);
  std::optional<WireFault> fault() && { return std::move(fault_); }

 private:
  bool field(const pb::FieldDescriptor* field, unsigned wire_type, std::size_t end, const std::string& path, int depth);
  bool delimited(const pb::FieldDescriptor* field, std::size_t end, const std::string& path, int depth);
  bool varint(std::size_t end, std::uint64_t& value, const std::string& path);
  bool skip(std::size_t bytes, std::size_t end, const std::string& path);
  bool broken(const std::string& path, Words what) {
    fault_ = WireFault{path, std::move(what)};
    return false;
  }
  bool cut(const std::string& path) {
    return broken(path, {"The bytes end within this field, at byte " + number(all_.size()) + ".",
                         "内容在此字段中断（第 " + number(all_.size()) + " 字节）。"});
  }

  std::string_view all_;
  std::size_t at_ = 0;
  std::optional<WireFault> fault_;
};

bool Walk::varint(std::size_t end, std::uint64_t& value, const std::string& path) {
  value = 0;
  for (unsigned shift = 0; shift < 70; shift += 7) {
    if (at_ >= end) return cut(path);
    const auto byte = static_cast<unsigned char>(all_[at_++]);
    if (shift < 64) value |= std::uint64_t{byte & 0x7FU} << shift;
    if (byte < 0x80) return true;
  }
  return broken(path, {"A number of more than ten bytes stands before byte " + number(at_) + ".",
                       "第 " + number(at_) + " 字节前的数字编码过长。"});
}

bool Walk::skip(std::size_t bytes, std::size_t end, const std::string& path) {
  if (bytes > end - at_) return cut(path);
  at_ += bytes;
  return true;
}

bool Walk::delimited(const pb::FieldDescriptor* field, std::size_t end, const std::string& path, int depth) {
  std::uint64_t length = 0;
  if (!varint(end, length, path)) return false;
  if (length > end - at_) {
    return broken(
        path,
        {"Its length says " + number(length) + " bytes, and " + number(end - at_) + " are left at byte " + number(at_) + ".",
         "长度标明 " + number(length) + " 字节，而第 " + number(at_) + " 字节后只剩 " + number(end - at_) + " 字节。"});
  }
  const auto content = all_.substr(at_, length);
  if (field != nullptr && field->type() == pb::FieldDescriptor::TYPE_STRING && !is_utf8(content)) {
    return broken(path, {"The text, from byte " + number(at_) + " on, is not UTF-8.",
                         "文本（自第 " + number(at_) + " 字节起）不是有效的 UTF-8 编码。"});
  }
  if (field != nullptr && field->type() == pb::FieldDescriptor::TYPE_MESSAGE) {
    return message(field->message_type(), at_ + length, path, depth + 1);
  }
  at_ += length;
  return true;
}

bool Walk::field(const pb::FieldDescriptor* field, unsigned wire_type, std::size_t end, const std::string& path, int depth) {
  std::uint64_t ignored = 0;
  switch (wire_type) {
    case 0:
      return varint(end, ignored, path);
    case 1:
      return skip(8, end, path);
    case 2:
      return delimited(field, end, path, depth);
    case 5:
      return skip(4, end, path);
    default:
      return broken(path, {"Byte " + number(at_) + " begins a field of a kind that the contract does not use.",
                           "第 " + number(at_) + " 字节的字段类型无效。"});
  }
}

bool Walk::message(const pb::Descriptor* type, std::size_t end, const std::string& path, int depth) {
  if (depth > kDeepest) {
    return broken(path, {"Messages lie more than 100 deep in one another.", "消息嵌套超过 100 层。"});
  }
  std::map<int, int> seen;
  while (at_ < end) {
    std::uint64_t tag = 0;
    if (!varint(end, tag, path)) return false;
    const auto field_number = tag >> 3;
    if (field_number == 0 || field_number > pb::FieldDescriptor::kMaxNumber) {
      return broken(
          path, {"The bytes before byte " + number(at_) + " begin no field.", "第 " + number(at_) + " 字节前不是有效的字段。"});
    }
    const auto* known = type->FindFieldByNumber(static_cast<int>(field_number));
    std::string name = (path.empty() ? "" : path + ".") + (known == nullptr ? "#" + number(field_number) : known->name());
    if (known != nullptr && known->is_repeated()) name += "[" + number(static_cast<std::uint64_t>(seen[known->number()]++)) + "]";
    if (!field(known, static_cast<unsigned>(tag & 7), end, name, depth)) return false;
  }
  return true;
}

}  // namespace

WireFault wire_fault(std::string_view bytes, const pb::Descriptor& type) {
  Walk walk(bytes);
  walk.message(&type, bytes.size(), "", 1);
  auto found = std::move(walk).fault();
  if (found) return *std::move(found);
  return {"", {"The bytes are not a " + type.full_name() + ".", "报送的内容不是有效的 " + type.full_name() + "。"}};
}

}  // namespace fabu::domain
