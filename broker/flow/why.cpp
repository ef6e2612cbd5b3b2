#include "broker/flow/why.h"

#include <algorithm>
#include <string>

namespace fabu::flow {
namespace {

// A sentence in both languages.
struct Line {
  std::string zh, en;
};

void say(v1::Why& why, Line line) {
  why.add_lines(std::move(line.zh));
  why.add_lines_en(std::move(line.en));
}

std::string at(std::int64_t ms) { return format_minute(from_ms(ms)); }
std::string list(const google::protobuf::RepeatedPtrField<std::string>& names, const std::string& separator) {
  std::string out;
  for (const auto& name : names) out += (out.empty() ? "" : separator) + name;
  return out;
}
std::string edition_zh(std::uint32_t n) { return "第" + std::to_string(n) + "版"; }

Line heading(const WhyFacts& f) {
  const auto& item = f.item;
  return {"《" + item.title() + "》，索引号 " + item.index_no() + "，部门 " + item.department() + "，报送编号 " + item.reference() + "。",
          "\"" + item.title() + "\", index " + item.index_no() + ", department " + item.department() + ", reference " +
              item.reference() + "."};
}

Line entry_line(const WhyFacts& f) {
  const auto& code = f.item.catalogue_entry();
  if (f.entry == nullptr) return {"公开目录中已没有条目 " + code + "。", "The catalogue no longer has the entry " + code + "."};
  std::string channels;
  for (const auto& channel : f.entry->channels) channels += (channels.empty() ? "" : ", ") + channel;
  const bool review = f.entry->review != domain::ReviewPolicy::none;
  return {"按公开目录条目 " + code + "（" + f.entry->name + "）分发：渠道 " + channels + (review ? "；须经审核。" : "；无须人工审核。"),
          "Routed by catalogue entry " + code + " (" + f.entry->name_en + "): channels " + channels +
              (review ? "; needs review." : "; no review needed.")};
}

Line attempt_line(const v1::TraceStep& step, bool dead) {
  const auto& r = step.record();
  const auto& failure = step.detail().failure();
  const std::string n = std::to_string(step.detail().attempt());
  return {at(r.time_ms()) + " 向 " + r.channel() + " 投递" + edition_zh(r.edition()) + "未成功（已计 " + n + " 次）：" + failure.message() +
              "（" + failure.code() + "）" + (dead ? "，已停止自动重试。" : "。"),
          at(r.time_ms()) + " edition " + std::to_string(r.edition()) + " to " + r.channel() + " failed (attempts counted: " + n +
              "): " + failure.message() + " (" + failure.code() + ")" + (dead ? "; no more automatic tries." : ".")};
}

Line planned_line(const v1::TraceStep& step) {
  const auto& r = step.record();
  Line line{at(r.time_ms()) + " " + edition_zh(r.edition()) + "计划投递到：" + list(step.detail().channels(), "、") + "。",
            at(r.time_ms()) + " edition " + std::to_string(r.edition()) + " planned for " + list(step.detail().channels(), ", ") + "."};
  if (step.detail().skipped_size() > 0) {
    line.zh += "目录列出但本系统未启用的渠道：" + list(step.detail().skipped(), "、") + "。";
    line.en += " In the catalogue but not set up here: " + list(step.detail().skipped(), ", ") + ".";
  }
  return line;
}

void say_step(v1::Why& why, const v1::TraceStep& step) {
  const auto& r = step.record();
  const std::string when = at(r.time_ms()), n = std::to_string(r.edition());
  const std::string zh = when + " " + edition_zh(r.edition());
  switch (r.action()) {
    case v1::AUDIT_ACTION_RECEIVED:
      return say(why, {zh + "已收到并入库。", when + " edition " + n + " received and stored."});
    case v1::AUDIT_ACTION_PLANNED:
      return say(why, planned_line(step));
    case v1::AUDIT_ACTION_HELD:
      return say(why, {zh + "等待审核。", when + " edition " + n + " held for review."});
    case v1::AUDIT_ACTION_APPROVED:
      return say(why, {zh + "审核通过。", when + " edition " + n + " approved."});
    case v1::AUDIT_ACTION_REJECTED:
      return say(why, {zh + "审核未通过。", when + " edition " + n + " rejected."});
    case v1::AUDIT_ACTION_WITHDRAWN:
      return say(why, {when + " 决定撤回。", when + " ordered withdrawn."});
    case v1::AUDIT_ACTION_DELIVERED:
      return say(why, {zh + "已到达 " + r.channel() + "：" + r.receipt_locator(),
                       when + " edition " + n + " delivered to " + r.channel() + ": " + r.receipt_locator()});
    case v1::AUDIT_ACTION_SUPERSEDED:
      return say(why, {zh + "到 " + r.channel() + " 的投递被更新的版本取代。",
                       when + " edition " + n + " to " + r.channel() + " gave way to a newer one."});
    case v1::AUDIT_ACTION_FAILED:
      return say(why, attempt_line(step, false));
    case v1::AUDIT_ACTION_DEAD:
      return say(why, attempt_line(step, true));
    case v1::AUDIT_ACTION_REPLAYED:
      return say(why, {when + " 操作员要求重投 " + r.channel() + "。", when + " an operator replayed " + r.channel() + "."});
    default:
      return;  // other acts say nothing about where the item goes
  }
}

const v1::ChannelView* channel_of(const WhyFacts& f, const std::string& name) {
  const auto found = std::find_if(f.channels.begin(), f.channels.end(), [&](const auto& c) { return c.name() == name; });
  return found == f.channels.end() ? nullptr : &*found;
}

Line blocked_by_channel(const v1::Delivery& d, const v1::ChannelView& c) {
  const std::string until_zh = c.until_ms() > 0 ? "，预计 " + at(c.until_ms()) + " 再试" : "，须操作员恢复（fabu channels resume " + c.name() + "）";
  const std::string until = c.until_ms() > 0 ? "; tries again at " + at(c.until_ms())
                                             : "; an operator must resume it (fabu channels resume " + c.name() + ")";
  return {"现在：" + d.channel() + " 渠道处于 " + c.state() + "（" + c.reason() + "）" + until_zh + "。",
          "Now: channel " + d.channel() + " is " + c.state() + " (" + c.reason() + ")" + until + "."};
}

Line waiting(const WhyFacts& f, const v1::Delivery& d) {
  const auto* channel = channel_of(f, d.channel());
  if (channel == nullptr) {
    return {"现在：" + d.channel() + " 渠道在本系统未运行，投递 " + d.id() + " 等待其启用。",
            "Now: channel " + d.channel() + " does not run here; delivery " + d.id() + " waits for it."};
  }
  if (channel->state() != "running") return blocked_by_channel(d, *channel);
  if (d.due_ms() > to_ms(f.now)) {
    return {"接下来：" + at(d.due_ms()) + " 再次投递 " + d.channel() + "（已计 " + std::to_string(d.attempts()) + " 次失败）。",
            "Next: " + d.channel() + " is tried again at " + at(d.due_ms()) + " (failures counted: " + std::to_string(d.attempts()) + ")."};
  }
  return {"现在：正在排队投递到 " + d.channel() + "。", "Now: in the queue for " + d.channel() + "."};
}

bool say_delivery(v1::Why& why, const WhyFacts& f, const v1::Delivery& d) {
  switch (d.state()) {
    case v1::DELIVERY_STATE_PENDING:
    case v1::DELIVERY_STATE_LEASED:
    case v1::DELIVERY_STATE_RETRYING:
      say(why, waiting(f, d));
      return true;
    case v1::DELIVERY_STATE_DEAD:
      say(why, {"现在：投递 " + d.id() + " 已停止（" + d.last_failure().code() + "）。排除原因后执行：fabu deliveries replay --id " + d.id(),
                "Now: delivery " + d.id() + " is dead (" + d.last_failure().code() + "). Mend the cause, then: fabu deliveries replay --id " +
                    d.id()});
      return true;
    default:
      return false;
  }
}

void say_now(v1::Why& why, const WhyFacts& f) {
  bool open = false;
  for (const auto& delivery : f.item.deliveries()) open = say_delivery(why, f, delivery) || open;
  if (open) return;
  switch (f.item.state()) {
    case v1::EDITION_STATE_HELD:
      return say(why, {"现在：等待审核人通过或退回。", "Now: waits for a reviewer to approve or reject."});
    case v1::EDITION_STATE_REJECTED:
      return say(why, {"现在：审核未通过，不会公开。可更正后重新报送。", "Now: rejected; it will not be published. It may be corrected."});
    case v1::EDITION_STATE_APPROVED:
      return say(why, {"现在：条目的渠道在本系统均未启用，没有可投递之处。",
                       "Now: none of the entry's channels is set up here; there is nowhere to deliver it."});
    case v1::EDITION_STATE_WITHDRAWN:
      return say(why, {"现在：已撤回，无待办。", "Now: withdrawn; nothing is left to do."});
    default:
      return say(why, {"现在：已在全部渠道公开，无待办。", "Now: it stands on every channel; nothing is left to do."});
  }
}

}  // namespace

v1::Why why(const WhyFacts& facts) {
  v1::Why answer;
  answer.set_item_id(facts.item.item_id());
  say(answer, heading(facts));
  say(answer, entry_line(facts));
  for (const auto& step : facts.trace.steps()) say_step(answer, step);
  say_now(answer, facts);
  return answer;
}

}  // namespace fabu::flow
