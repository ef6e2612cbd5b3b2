#include <algorithm>
#include <utility>

#include "broker/store/ledger/delivery_name.h"
#include "broker/store/ledger/ledger.h"

namespace fabu::store {
namespace {

// What of older editions the channel has not got gives way: open deliveries, and dead ones, which nobody need look at any more. A
// worker may have one under way: if it reports success later, that is recorded (settle.cpp), and the newer edition then replaces
// what it did.
bool gives_way(v1::DeliveryState state) {
  return is_open(state) || state == v1::DELIVERY_STATE_DEAD;
}

}  // namespace

std::vector<std::string> channels_to_clear(const Dossier& item) {
  std::vector<std::string> channels;
  for (const auto& [delivery, mark, owner] : item.deliveries) {
    if (delivery.state() == v1::DELIVERY_STATE_SUPERSEDED) continue;
    if (std::find(channels.begin(), channels.end(), delivery.channel()) == channels.end()) channels.push_back(delivery.channel());
  }
  return channels;
}

std::uint64_t Ledger::supersede(Dossier& item, std::uint32_t edition, const std::string& channel, Instant now,
                                std::vector<v1::Delivery>& superseded) {
  std::uint64_t heir = self_;
  for (auto& entry : item.deliveries) {
    auto& delivery = entry.delivery;
    if (delivery.channel() != channel || delivery.edition() >= edition || !gives_way(delivery.state())) continue;
    if (is_open(delivery.state())) heir = entry.owner;
    tell_outdated(item, delivery);
    log(audit::superseded(delivery, digest_of(item, delivery.edition())), now, item);
    set_state(item, entry, v1::DELIVERY_STATE_SUPERSEDED);
    delivery.set_settled_ms(to_ms(now));
    superseded.push_back(delivery);
  }
  return heir;
}

v1::Delivery& Ledger::add_delivery(Dossier& item, const v1::Edition& edition, v1::Action action, const std::string& channel,
                                   std::uint64_t owner, Instant now) {
  auto& entry = item.deliveries.emplace_back();
  auto& delivery = entry.delivery;
  delivery.set_id(delivery_id(item.id, edition.number(), channel));
  delivery.set_item_id(item.id);
  delivery.set_edition(edition.number());
  delivery.set_channel(channel);
  delivery.set_action(action);
  delivery.set_due_ms(to_ms(now));
  delivery.set_planned_ms(to_ms(now));
  entry.mark = Mark::fresh;
  entry.owner = owner;
  set_state(item, entry, v1::DELIVERY_STATE_PENDING);
  if (owner != self_) rows_.tell_due(owner, channel);
  return delivery;
}

Ledger::Planned Ledger::plan(Dossier& item, const v1::Edition& edition, v1::Action action,
                             const std::vector<std::string>& channels, const std::vector<std::string>& skipped, Instant now) {
  std::vector<std::string> all = channels, left;
  if (edition.number() > 1 && action == v1::ACTION_PUBLISH) {
    for (auto& name : channels_to_clear(item)) {
      if (std::find(channels.begin(), channels.end(), name) == channels.end()) left.push_back(std::move(name));
    }
    all.insert(all.end(), left.begin(), left.end());
  }
  Planned planned;
  log(audit::planned(edition, all, skipped), now, item);
  const auto plan_one = [&](const std::string& channel, v1::Action what) {
    const auto owner = supersede(item, edition.number(), channel, now, planned.superseded);
    planned.deliveries.push_back(add_delivery(item, edition, what, channel, owner, now));
  };
  for (const auto& channel : channels) plan_one(channel, action);
  for (const auto& channel : left) plan_one(channel, v1::ACTION_WITHDRAW);
  return planned;
}

}  // namespace fabu::store
