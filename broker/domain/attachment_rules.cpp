#include "broker/domain/attachment_rules.h"

#include <set>
#include <string>
#include <string_view>

#include "broker/domain/field_rules.h"
#include "broker/domain/text_rules.h"
#include "proto/fabu/digest.h"

namespace fabu::domain {
namespace {

constexpr int kMost = 50;

bool is_file_name(std::string_view name) {
  return name.front() != '.' && name.find_first_of("/\\") == std::string_view::npos;
}

void check_name(const std::string& path, const std::string& name, Faults& faults) {
  check_text({path, name, 200, true}, faults);
  if (name.empty() || is_file_name(name)) return;
  faults.add(path, rule_id(path, "path"),
             {"It is not the name of a file: no / or \\, no leading dot.", "文件名不能含 / 或 \\，不能以点开头。"},
             {"Give the bare file name.", "请只填写文件名。"});
}

void check_media_type(const std::string& path, const std::string& type, Faults& faults) {
  check_text({path, type, 127, true}, faults);
  if (type.empty() || is_media_type(type)) return;
  faults.add(path, rule_id(path, "form"),
             {"It is not a media type like application/pdf (RFC 6838).", "不是形如 application/pdf 的媒体类型。"},
             {"Correct it.", "请更正。"});
}

void check_attachment(const std::string& path, const v1::Attachment& attachment, Faults& faults) {
  check_name(path + ".name", attachment.name(), faults);
  check_media_type(path + ".media_type", attachment.media_type(), faults);
  check_text({path + ".description", attachment.description(), 500}, faults);
  if (attachment.size() == 0) {
    faults.add(path + ".size", "item.attachments.size.required", {"It is 0.", "大小为0。"},
               {"State the number of bytes.", "请填写附件字节数。"});
  }
  if (!Digest::from_hex(attachment.sha256())) {
    faults.add(path + ".sha256", "item.attachments.sha256.form",
               {"It is not 64 lower-case hex digits.", "不是64位小写十六进制摘要。"},
               {"Give the SHA-256 of the file's bytes.", "请填写文件的 SHA-256 摘要。"});
  }
}

}  // namespace

void check_attachments(const v1::Item& item, Faults& faults) {
  check_count("attachments", item.attachments_size(), kMost, faults);
  std::set<std::string_view> names;
  for (int i = 0; i < item.attachments_size() && i < kMost; ++i) {
    const auto path = element("attachments", i);
    check_attachment(path, item.attachments(i), faults);
    if (item.attachments(i).name().empty() || names.insert(item.attachments(i).name()).second) continue;
    faults.add(path + ".name", "item.attachments.name.twice", {"Another attachment has the same name.", "附件重名。"},
               {"Give each its own name.", "请使用不同的文件名。"});
  }
}

}  // namespace fabu::domain
