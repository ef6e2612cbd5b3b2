#include "broker/flow/why_now.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace fabu::flow {
namespace {

const v1::ChannelView* channel_of(const WhyFacts& f, const std::string& name) {
  const auto found = std::find_if(f.channels.begin(), f.channels.end(), [&](const auto& c) { return c.name() == name; });
  return found == f.channels.end() ? nullptr : &*found;
}

// What the delivery does to the channel.
Line act(const v1::Delivery& d) {
  if (d.action() == v1::ACTION_WITHDRAW) return {"从 " + d.channel() + " 撤下", "the withdrawal from " + d.channel()};
  return {"投递到 " + d.channel(), "the delivery to " + d.channel()};
}

// What holds a channel, as a person says it. `by_itself`: it tries again without anybody.
Line state_words(const std::string& state, bool by_itself) {
  if (state == "paused" && !by_itself) return {"已由操作员暂停", "was paused by an operator"};
  if (state == "paused") return {"应对方要求暂缓发送", "was asked to wait"};
  if (state == "open") return {"连续失败，已暂停发送", "failed several times in a row and sends nothing for now"};
  if (state == "half-open") return {"正在试发一件，成功后恢复", "tries one delivery, and goes on when it succeeds"};
  if (state == "stopped") return {"拒绝了本系统的凭据，已停止", "refuses our credentials and was stopped"};
  return {"处于 " + state, "is " + state};
}

// When a channel that is held goes on, and what a person may do.
Line next_of(const WhyFacts& f, const v1::Delivery& d, const v1::ChannelView& c) {
  const std::string resume = "fabu channels resume " + c.name();
  if (c.state() == "half-open") return {};
  if (c.until_ms() <= 0) return {"；恢复请执行：" + resume, "; to go on: " + resume};
  const auto next = std::max(c.until_ms(), d.due_ms());
  Line line{"；即将再试", "; the next try is at hand"};
  if (next > to_ms(f.now)) line = {"；" + minute(next) + " 再试", "; the next try is at " + minute(next)};
  if (c.state() != "stopped") return line;
  return {line.zh + "。更正凭据后可立即恢复：" + resume, line.en + ". Once the credentials are right: " + resume};
}

Line held_by_channel(const WhyFacts& f, const v1::Delivery& d, const v1::ChannelView& c) {
  const Line state = state_words(c.state(), c.until_ms() > 0), next = next_of(f, d, c), what = act(d);
  const std::string zh = c.reason().empty() ? "" : "（" + c.reason() + "）",
                    en = c.reason().empty() ? "" : " (" + c.reason() + ")";
  return {"现在：" + what.zh + "须等待，" + d.channel() + " 渠道" + state.zh + zh + next.zh + "。",
          "Now: " + what.en + " waits: the channel " + state.en + en + next.en + "."};
}

Line open_line(const WhyFacts& f, const v1::Delivery& d) {
  const auto* channel = channel_of(f, d.channel());
  const Line what = act(d);
  if (channel == nullptr) {
    return {"现在：" + d.channel() + " 渠道未在本系统运行，投递 " + d.id() + " 待其运行后继续。",
            "Now: channel " + d.channel() + " does not run here; delivery " + d.id() + " waits for it."};
  }
  if (channel->state() != "running") return held_by_channel(f, d, *channel);
  if (d.due_ms() <= to_ms(f.now)) return {"现在：正在排队" + what.zh + "。", "Now: " + what.en + " is in the queue."};
  const std::string when = minute(d.due_ms());
  const Line counted = failures_counted(d.attempts());
  return {"接下来：" + when + " 再次" + what.zh + "（" + counted.zh + "）。",
          "Next: " + what.en + " is tried again at " + when + " (" + counted.en + ")."};
}

// Only what no later edition has taken over can be replayed.
bool taken_over(const WhyFacts& f, const v1::Delivery& d) {
  const auto& all = f.item.deliveries();
  return std::any_of(all.begin(), all.end(),
                     [&](const auto& o) { return o.channel() == d.channel() && o.edition() > d.edition(); });
}

Line dead_line(const v1::Delivery& d) {
  const std::string replay = "fabu deliveries replay --id " + d.id();
  const auto& failure = d.last_failure();
  return {"现在：" + act(d).zh + "已停止自动重试（" + failure.code() + "：" + failure.message() + "）。排除原因后执行：" + replay,
          "Now: " + act(d).en + " is dead (" + failure.code() + ": " + failure.message() + "). Mend the cause, then: " + replay};
}

std::optional<Line> delivery_line(const WhyFacts& f, const v1::Delivery& d) {
  switch (d.state()) {
    case v1::DELIVERY_STATE_PENDING:
    case v1::DELIVERY_STATE_LEASED:
    case v1::DELIVERY_STATE_RETRYING:
      return open_line(f, d);
    case v1::DELIVERY_STATE_DEAD:
      if (taken_over(f, d)) return std::nullopt;
      return dead_line(d);
    case v1::DELIVERY_STATE_DELIVERED:
    case v1::DELIVERY_STATE_SUPERSEDED:
    case v1::DELIVERY_STATE_UNSPECIFIED:
    case v1::DeliveryState_INT_MIN_SENTINEL_DO_NOT_USE_:
    case v1::DeliveryState_INT_MAX_SENTINEL_DO_NOT_USE_:
      return std::nullopt;
  }
  return std::nullopt;
}

// The edition before the newest that the public sees, while the newest waits or was turned down. 0 = none.
std::uint32_t standing(const WhyFacts& f, std::uint32_t newest) {
  std::uint32_t number = 0;
  for (const auto& d : f.item.deliveries()) {
    if (d.state() == v1::DELIVERY_STATE_DELIVERED && d.edition() < newest) number = std::max(number, d.edition());
  }
  return number;
}

// What a reviewer still has to say, or has said.
std::optional<Line> review_line(const WhyFacts& f) {
  const auto state = f.item.state();
  if (state != v1::EDITION_STATE_HELD && state != v1::EDITION_STATE_REJECTED) return std::nullopt;
  const int count = f.item.editions_size();
  const std::uint32_t newest = count == 0 ? 1 : f.item.editions(count - 1).edition().number();
  Line line{"现在：" + edition_zh(newest) + "等待审核人通过或退回。",
            "Now: " + edition_en(newest) + " waits for a reviewer to approve or reject it."};
  if (state == v1::EDITION_STATE_REJECTED) {
    line = {"现在：" + edition_zh(newest) + "审核未通过，不会公开。可更正后重新报送。",
            "Now: " + edition_en(newest) + " was rejected and will not be published. It may be corrected and sent again."};
  }
  if (const auto number = standing(f, newest); number > 0) {
    line.zh += "此前的" + edition_zh(number) + "仍在公开。";
    line.en += " Meanwhile " + edition_en(number) + " stands.";
  }
  return line;
}

Line at_rest(const WhyFacts& f) {
  if (f.item.state() == v1::EDITION_STATE_APPROVED) {
    return {"现在：条目的渠道在本系统均未启用，没有可投递之处。",
            "Now: none of the entry's channels is set up here; there is nowhere to deliver it."};
  }
  if (f.item.state() == v1::EDITION_STATE_WITHDRAWN) return {"现在：已撤回，无待办。", "Now: withdrawn; nothing is left to do."};
  return {"现在：已在计划的全部渠道公开，无待办。", "Now: it stands on every channel that was planned; nothing is left to do."};
}

}  // namespace

std::vector<Line> why_now(const WhyFacts& f) {
  std::vector<Line> lines;
  if (auto line = review_line(f)) lines.push_back(std::move(*line));
  for (const auto& delivery : f.item.deliveries()) {
    if (auto line = delivery_line(f, delivery)) lines.push_back(std::move(*line));
  }
  if (lines.empty()) lines.push_back(at_rest(f));
  return lines;
}

}  // namespace fabu::flow
