#include "adapters/noticeboard/sheet_head.h"
#include "proto/fabu/time.h"

namespace fabu::noticeboard {
namespace {

std::string chinese_date(const std::string& date) {
  const auto day = parse_date(date);
  return day ? format_chinese_date(*day) : date;
}

std::string ended(std::string sentence) {
  if (sentence.empty()) return sentence;
  for (const std::string_view stop : {"。", "！", "？", "."}) {
    if (sentence.size() >= stop.size() && sentence.compare(sentence.size() - stop.size(), stop.size(), stop) == 0)
      return sentence;
  }
  return sentence + "。";
}

std::string day_of(std::int64_t ms) {
  return format_chinese_date(shanghai_date(from_ms(ms)));
}

}  // namespace

SheetWords words_of(const v1::Work& work, const v1::Item& item, const SheetOptions& options) {
  const v1::Edition& edition = work.edition();
  const bool withdrawn = work.delivery().action() == v1::ACTION_WITHDRAW;
  SheetWords words;
  words.mark = item.publisher().name().empty() ? options.site_name : item.publisher().name();
  for (const v1::Organization& joint : item.joint_publishers()) words.mark += "\n" + joint.name();
  words.doc_no = item.doc_no();
  words.title = withdrawn ? "关于撤回《" + item.title() + "》的通知" : item.title();
  if (!withdrawn && edition.kind() == v1::EDITION_KIND_CORRECTION) {
    std::string replaced = "第" + std::to_string(edition.number() - 1) + "版";
    if (!work.history().empty())
      replaced =
          day_of(work.history().rbegin()->received_ms()) + "发布的第" + std::to_string(work.history().rbegin()->number()) + "版";
    words.notes.push_back("更正　本件为第" + std::to_string(edition.number()) + "版，代替" + replaced + "。更正说明：" +
                          ended(edition.reason().empty() ? item.correction().reason() : edition.reason()));
  }
  const std::string index_no = edition.index_no().empty() ? item.index_no() : edition.index_no();
  if (!index_no.empty()) words.facts.emplace_back("索引号", index_no);
  if (!work.catalogue().name().empty()) words.facts.emplace_back("信息分类", work.catalogue().name());
  if (!withdrawn && item.has_notice_period()) {
    words.facts.emplace_back("公示期",
                             chinese_date(item.notice_period().start()) + "至" + chinese_date(item.notice_period().end()));
    words.facts.emplace_back("张贴期限", "至" + chinese_date(item.notice_period().end()) + "止");
  } else if (!withdrawn && !item.expiry_date().empty()) {
    words.facts.emplace_back("张贴期限", "至" + chinese_date(item.expiry_date()) + "止");
  }
  if (!item.project_code().empty()) words.facts.emplace_back("项目编号", item.project_code());
  const std::string day = day_of(edition.received_ms());
  if (withdrawn) {
    words.facts.emplace_back("撤回日期", day);
  } else {
    words.facts.emplace_back("公开日期", day + "　第" + std::to_string(edition.number()) + "版");
  }
  words.url = options.base_url + "/items/" + std::to_string(edition.item_id()) + "/";
  words.delivery_id = work.delivery().id();
  return words;
}

}  // namespace fabu::noticeboard
