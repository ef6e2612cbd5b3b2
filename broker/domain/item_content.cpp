// Equal content gives equal bytes.
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/util/message_differencer.h>

#include <algorithm>

#include "broker/domain/item_rules.h"

namespace fabu::domain {
namespace {

namespace pb = google::protobuf;

// "title", "attachments[1].sha256": the deepest field that differs.
class Paths final : public pb::util::MessageDifferencer::Reporter {
 public:
  using Path = std::vector<pb::util::MessageDifferencer::SpecificField>;
  void ReportAdded(const pb::Message&, const pb::Message&, const Path& path) override { add(path); }
  void ReportDeleted(const pb::Message&, const pb::Message&, const Path& path) override { add(path); }
  // Called for a message as well as for what differs in it: the latter says more.
  void ReportModified(const pb::Message&, const pb::Message&, const Path& path) override {
    const auto* field = path.back().field;
    if (field == nullptr || field->cpp_type() != pb::FieldDescriptor::CPPTYPE_MESSAGE) add(path);
  }
  std::vector<std::string> take() { return std::move(paths_); }

 private:
  void add(const Path& path) {
    std::string text;
    for (const auto& part : path) {
      if (part.field == nullptr) break;
      if (!text.empty()) text += ".";
      text += part.field->name();
      const int index = std::max(part.index, part.new_index);
      if (part.field->is_repeated() && index >= 0) text += "[" + std::to_string(index) + "]";
      if (part.field->is_map() || part.field->message_type() == pb::Struct::descriptor()) break;  // `structured` says enough
    }
    if (std::find(paths_.begin(), paths_.end(), text) == paths_.end()) paths_.push_back(text);
  }
  std::vector<std::string> paths_;
};

void to_line_feeds(std::string& text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\r') {
      if (i + 1 == text.size() || text[i + 1] != '\n') out += '\n';
    } else {
      out += text[i];
    }
  }
  text = std::move(out);
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

void to_upper(std::string& code) {
  for (auto& c : code) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
}

}  // namespace

std::vector<std::string> differing_fields(const v1::Item& a, const v1::Item& b) {
  Paths paths;
  pb::util::MessageDifferencer differencer;
  differencer.ReportDifferencesTo(&paths);
  differencer.Compare(a, b);
  return paths.take();
}

v1::Item normalised(v1::Item item) {
  if (item.disclosure() == v1::DISCLOSURE_UNSPECIFIED) item.set_disclosure(v1::DISCLOSURE_ACTIVE);
  if (item.language().empty()) item.set_language("zh-CN");
  if (item.structured().fields().empty()) item.clear_structured();  // {} says as much as nothing
  to_line_feeds(*item.mutable_body()->mutable_text());
  to_line_feeds(*item.mutable_summary());
  // Six-corner brackets around the year, as GB/T 9704-2012 section 7.2.5 has them.
  for (const char* wrong : {"[", "【", "［", "﹝"}) replace_all(*item.mutable_doc_no(), wrong, "〔");
  for (const char* wrong : {"]", "】", "］", "﹞"}) replace_all(*item.mutable_doc_no(), wrong, "〕");
  if (item.has_publisher()) to_upper(*item.mutable_publisher()->mutable_uscc());
  for (auto& body : *item.mutable_joint_publishers()) to_upper(*body.mutable_uscc());
  return item;
}

std::string content_bytes(const v1::Item& item) {
  std::string bytes;
  {
    pb::io::StringOutputStream out(&bytes);
    pb::io::CodedOutputStream coded(&out);
    coded.SetSerializationDeterministic(true);  // maps inside `structured`
    item.SerializeToCodedStream(&coded);
  }
  return bytes;
}

}  // namespace fabu::domain
