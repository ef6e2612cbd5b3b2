#include "broker/domain/date_rules.h"

#include <optional>
#include <string>

#include "broker/domain/field_rules.h"

namespace fabu::domain {
namespace {

std::optional<Date> check_date(const std::string& path, const std::string& value, bool required, Faults& faults) {
  if (value.empty() && !required) return std::nullopt;
  if (value.empty()) {
    faults.add(path, rule_id(path, "required"), {"It is empty.", "不能为空。"},
               {"Write it as YYYY-MM-DD.", "请按 YYYY-MM-DD 填写。"});
    return std::nullopt;
  }
  const auto date = parse_date(value);
  if (!date) {
    faults.add(path, rule_id(path, "date"), {"It is not a day of the calendar.", "不是有效日期。"},
               {"Write it as YYYY-MM-DD.", "请按 YYYY-MM-DD 填写。"});
  }
  return date;
}

struct Earlier {
  const char *name, *name_zh;
  std::optional<Date> date;
};

void check_order(const std::string& path, const Earlier& first, std::optional<Date> second, Faults& faults) {
  if (!first.date || !second || *first.date <= *second) return;
  faults.add(path, rule_id(path, "order"),
             {std::string("It is before ") + first.name + ".", std::string("早于") + first.name_zh + "。"},
             {"Check both dates.", "请核对两个日期。"});
}

}  // namespace

void check_dates(const v1::Item& item, Date today, Faults& faults) {
  const auto formed = check_date("formed_date", item.formed_date(), true, faults);
  if (formed && *formed > today) {
    const auto day = format_date(today);
    faults.add("formed_date", "item.formed_date.future",
               {"It is in the future; today is " + day + ".", "成文日期晚于今天（" + day + "）。"},
               {"Give the day on which the information was formed.", "请填写信息实际形成的日期。"});
  }
  const auto effective = check_date("effective_date", item.effective_date(), false, faults);
  const auto expiry = check_date("expiry_date", item.expiry_date(), false, faults);
  check_order("expiry_date", {"effective_date", "生效日期", effective}, expiry, faults);
  if (!item.has_notice_period()) return;
  const auto start = check_date("notice_period.start", item.notice_period().start(), true, faults);
  const auto end = check_date("notice_period.end", item.notice_period().end(), true, faults);
  check_order("notice_period.end", {"notice_period.start", "公示开始日期", start}, end, faults);
}

void check_period_length(const v1::Item& item, const Entry& entry, Faults& faults) {
  const auto start = parse_date(item.notice_period().start());
  const auto end = parse_date(item.notice_period().end());
  if (!start || !end || *end < *start) return;  // check_dates has said so
  const auto days = (std::chrono::sys_days(*end) - std::chrono::sys_days(*start)).count() + 1;
  if (days >= static_cast<long>(entry.notice_period.count)) return;
  const auto least = std::to_string(entry.notice_period.count);
  const bool working = entry.notice_period.unit == DayUnit::working;
  faults.add(
      "notice_period.end", "entry.notice_period",
      {"The period has " + std::to_string(days) + " days; the entry " + entry.code + " requires at least " + least +
           (working ? " working days." : " days."),
       "公示期共" + std::to_string(days) + "日，条目“" + entry.name + "”要求不少于" + least + (working ? "个工作日。" : "日。")},
      {"Lengthen it: " + entry.legal_basis + ".", "请延长公示期，依据：" + entry.legal_basis + "。"});
}

}  // namespace fabu::domain
