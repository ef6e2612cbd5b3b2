#include "broker/domain/entry_rules.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "broker/domain/date_rules.h"
#include "broker/domain/text_rules.h"

namespace fabu::domain {
namespace {

namespace pb = google::protobuf;

// Whether the field at a path like publisher.uscc or lot_codes is filled in.
bool is_filled(const pb::Message& message, std::string_view path) {
  const auto dot = path.find('.');
  const auto* field = message.GetDescriptor()->FindFieldByName(std::string(path.substr(0, dot)));
  if (field == nullptr) return true;  // the catalogue was checked when it was read
  const auto& reflection = *message.GetReflection();
  if (field->is_repeated()) return reflection.FieldSize(message, field) > 0;
  if (!reflection.HasField(message, field)) return false;  // of a text: empty
  return dot == std::string_view::npos || is_filled(reflection.GetMessage(message, field), path.substr(dot + 1));
}

std::vector<std::string> required_by(const Entry& entry) {
  auto paths = entry.required;
  if (entry.notice_period.count == 0) return paths;
  for (const char* path : {"notice_period.start", "notice_period.end"}) {
    if (std::find(paths.begin(), paths.end(), path) == paths.end()) paths.emplace_back(path);
  }
  return paths;
}

void unknown_entry(const std::string& given, const Catalogue& catalogue, Faults& faults) {
  const auto near = catalogue.nearest(given);
  const auto code = quoted(given, 32);
  faults.add("catalogue_entry", "item.catalogue_entry.unknown",
             {"The catalogue has no entry `" + code + "`.", "公开目录中没有条目“" + code + "”。"},
             {near.empty() ? "See fabu catalogue list." : "Did you mean `" + near + "`?",
              near.empty() ? "请查阅公开目录。" : "是否应为“" + near + "”？"});
}

}  // namespace

void check_entry(const v1::Item& item, const Catalogue& catalogue, Faults& faults) {
  if (item.catalogue_entry().empty()) {
    return faults.add("catalogue_entry", "item.catalogue_entry.required", {"It is empty.", "未填写目录条目。"},
                      {"Give the code of a catalogue entry (fabu catalogue list).", "请填写公开目录条目代码。"});
  }
  const auto* entry = catalogue.find(item.catalogue_entry());
  if (entry == nullptr) return unknown_entry(item.catalogue_entry(), catalogue, faults);
  for (const auto& path : required_by(*entry)) {
    if (is_filled(item, path)) continue;
    faults.add(path, "entry.required", {"The entry " + entry->code + " requires it.", "条目“" + entry->name + "”要求填写。"},
               {"Fill it in.", "请填写。"});
  }
  check_period_length(item, *entry, faults);
  if (item.stage() == v1::STAGE_UNSPECIFIED || item.stage() == entry->stage) return;
  faults.add("stage", "item.stage.contradicts",
             {"The entry " + entry->code + " is of another stage.", "与目录条目的公开环节不一致。"},
             {"Leave it out, or use the right entry.", "请留空，或选择正确的条目。"});
}

}  // namespace fabu::domain
