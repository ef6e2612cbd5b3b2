#include "broker/flow/why.h"

#include <algorithm>
#include <string>
#include <utility>

#include "broker/flow/why_line.h"
#include "broker/flow/why_now.h"

namespace fabu::flow {
namespace {

void say(v1::Why& why, Line line) {
  why.add_lines(std::move(line.zh));
  why.add_lines_en(std::move(line.en));
}

Line heading(const WhyFacts& f) {
  const auto& item = f.item;
  return {"《" + item.title() + "》，索引号 " + item.index_no() + "，部门 " + item.department() + "，报送编号 " +
              item.reference() + "。",
          "\"" + item.title() + "\", index " + item.index_no() + ", department " + item.department() + ", reference " +
              item.reference() + "."};
}

Line entry_line(const WhyFacts& f) {
  const auto& code = f.item.catalogue_entry();
  if (f.entry == nullptr) return {"公开目录中已没有条目 " + code + "。", "The catalogue no longer has the entry " + code + "."};
  const Line channels = listed(f.entry->channels);
  const bool review = f.entry->review != domain::ReviewPolicy::none;
  return {"按公开目录条目 " + code + "（" + f.entry->name + "）分发：渠道 " + channels.zh +
              (review ? "；须经审核。" : "；无须人工审核。"),
          "Routed by catalogue entry " + code + " (" + f.entry->name_en + "): channels " + channels.en +
              (review ? "; needs review." : "; no review needed.")};
}

bool is_withdrawal(const WhyFacts& f, std::uint32_t edition) {
  const auto& all = f.item.editions();
  return std::any_of(all.begin(), all.end(), [&](const auto& e) {
    return e.edition().number() == edition && e.edition().kind() == v1::EDITION_KIND_WITHDRAWAL;
  });
}

// The edition as the sentence's subject; a withdrawal is one too.
Line subject(const WhyFacts& f, std::uint32_t edition) {
  if (is_withdrawal(f, edition)) return {edition_zh(edition) + "（撤回）", edition_en(edition) + " (withdrawal)"};
  return {edition_zh(edition), edition_en(edition)};
}

Line received_line(const v1::TraceStep& step) {
  const auto& r = step.record();
  const bool correction = step.detail().edition_kind() == v1::EDITION_KIND_CORRECTION;
  return {edition_zh(r.edition()) + (correction ? "（更正）" : "") + "已收到并入库。",
          edition_en(r.edition()) + (correction ? " (correction)" : "") + " was received and stored."};
}

Line attempt_line(const WhyFacts& f, const v1::TraceStep& step, bool dead) {
  const auto& r = step.record();
  const auto& failure = step.detail().failure();
  const Line what = subject(f, r.edition());
  const Line counted = failures_counted(step.detail().attempt());
  return {"向 " + r.channel() + " 投递" + what.zh + "未成功（" + counted.zh + "）：" + failure.message() + "（" + failure.code() +
              "）" + (dead ? "，已停止自动重试。" : "。"),
          what.en + " to " + r.channel() + " failed (" + counted.en + "): " + failure.message() + " (" + failure.code() + ")" +
              (dead ? "; no more automatic tries." : ".")};
}

Line planned_line(const WhyFacts& f, const v1::TraceStep& step) {
  const Line what = subject(f, step.record().edition());
  const Line channels = listed(step.detail().channels()), skipped = listed(step.detail().skipped());
  Line line{what.zh + "计划投递到：" + channels.zh + "。", what.en + " was planned for " + channels.en + "."};
  if (step.detail().channels().empty()) line = {what.zh + "没有可投递的渠道。", what.en + " has no channel to go to."};
  if (!step.detail().skipped().empty()) {
    line.zh += "目录列出但本系统未启用的渠道：" + skipped.zh + "。";
    line.en += " In the catalogue but not set up here: " + skipped.en + ".";
  }
  return line;
}

Line withdrawn_line(const v1::TraceStep& step) {
  const auto& reason = step.detail().note();
  if (reason.empty()) return {"决定撤回。", "ordered withdrawn."};
  return {"决定撤回，理由：" + reason, "ordered withdrawn: " + reason};
}

Line delivered_line(const WhyFacts& f, const v1::AuditRecord& r) {
  if (is_withdrawal(f, r.edition())) {
    return {"已从 " + r.channel() + " 撤下：" + r.receipt_locator(),
            "withdrawn from " + r.channel() + ": " + r.receipt_locator()};
  }
  return {edition_zh(r.edition()) + "已到达 " + r.channel() + "：" + r.receipt_locator(),
          edition_en(r.edition()) + " was delivered to " + r.channel() + ": " + r.receipt_locator()};
}

// Empty: the act says nothing of where the item goes.
Line step_line(const WhyFacts& f, const v1::TraceStep& step) {
  const auto& r = step.record();
  const Line what = subject(f, r.edition());
  switch (r.action()) {
    case v1::AUDIT_ACTION_RECEIVED:
      return received_line(step);
    case v1::AUDIT_ACTION_PLANNED:
      return planned_line(f, step);
    case v1::AUDIT_ACTION_HELD:
      return {what.zh + "转入审核。", what.en + " was held for review."};
    case v1::AUDIT_ACTION_APPROVED:
      return {what.zh + "审核通过。", what.en + " was approved."};
    case v1::AUDIT_ACTION_REJECTED:
      return {what.zh + "审核未通过。", what.en + " was rejected."};
    case v1::AUDIT_ACTION_WITHDRAWN:
      return withdrawn_line(step);
    case v1::AUDIT_ACTION_DELIVERED:
      return delivered_line(f, r);
    case v1::AUDIT_ACTION_SUPERSEDED:
      return {what.zh + "到 " + r.channel() + " 的投递被更新的版本取代。",
              what.en + " to " + r.channel() + " gave way to a newer one."};
    case v1::AUDIT_ACTION_FAILED:
      return attempt_line(f, step, false);
    case v1::AUDIT_ACTION_DEAD:
      return attempt_line(f, step, true);
    case v1::AUDIT_ACTION_REPLAYED:
      return {"操作员要求将" + what.zh + "重新投递到 " + r.channel() + "。",
              "an operator asked for " + what.en + " to be delivered to " + r.channel() + " again."};
    default:
      return {};
  }
}

}  // namespace

v1::Why why(const WhyFacts& facts) {
  v1::Why answer;
  answer.set_item_id(facts.item.item_id());
  say(answer, heading(facts));
  say(answer, entry_line(facts));
  for (const auto& step : facts.trace.steps()) {
    Line line = step_line(facts, step);
    const std::string when = minute(step.record().time_ms()) + " ";
    if (!line.zh.empty()) say(answer, {when + line.zh, when + line.en});
  }
  for (auto& line : why_now(facts)) say(answer, std::move(line));
  return answer;
}

}  // namespace fabu::flow
