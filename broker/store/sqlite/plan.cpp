#include <algorithm>
#include <utility>

#include "broker/store/sqlite/commands.h"
#include "broker/store/sqlite/rows.h"
#include "broker/store/sqlite/schema.h"

namespace fabu::store {
namespace {

// What of older editions the channel has not got gives way: open deliveries, and dead ones, which nobody need look at any more. A
// worker may have one under way: if it reports success later, that is recorded (settle.cpp), and the newer edition then replaces
// what it did.
bool gives_way(v1::DeliveryState state) {
  return is_open(state) || state == v1::DELIVERY_STATE_DEAD;
}

void supersede(Transaction& t, const v1::Edition& edition, const std::string& name, unsigned channel, Instant now,
               std::vector<v1::Delivery>& superseded) {
  for (std::uint32_t older = 1; older < edition.number(); ++older) {
    auto delivery = delivery_row(t.db, name, channel, edition.item_id(), older);
    if (!delivery || !gives_way(delivery->state())) continue;
    t.db.query("UPDATE delivery SET state = 6, settled_ms = ? WHERE key = ?")
        .bind(to_ms(now))
        .bind(delivery_key(edition.item_id(), older, channel))
        .done();
    t.state.channels.moved(channel, delivery->state(), v1::DELIVERY_STATE_SUPERSEDED);
    t.state.log.append(t.db, audit::superseded(*delivery, t.state.digest_of(t.db, edition.item_id(), older)), now);
    delivery->set_state(v1::DELIVERY_STATE_SUPERSEDED);
    delivery->set_settled_ms(to_ms(now));
    superseded.push_back(std::move(*delivery));
  }
}

v1::Delivery insert(Transaction& t, const v1::Edition& edition, v1::Action action, const std::string& name, unsigned channel,
                    Instant now) {
  v1::Delivery delivery;
  delivery.set_id(delivery_id(edition.item_id(), edition.number(), name));
  delivery.set_item_id(edition.item_id());
  delivery.set_edition(edition.number());
  delivery.set_channel(name);
  delivery.set_action(action);
  delivery.set_state(v1::DELIVERY_STATE_PENDING);
  delivery.set_due_ms(to_ms(now));
  delivery.set_planned_ms(to_ms(now));
  t.db.query(
          "INSERT INTO delivery(key, channel, action, state, attempts, due_ms, planned_ms, settled_ms) VALUES(?,?,?,1,0,?,?,0)")
      .bind(delivery_key(edition.item_id(), edition.number(), channel))
      .bind(std::int64_t{channel})
      .bind(std::int64_t{action})
      .bind(to_ms(now))
      .bind(to_ms(now))
      .done();
  t.state.channels.moved(channel, v1::DELIVERY_STATE_UNSPECIFIED, v1::DELIVERY_STATE_PENDING);
  return delivery;
}

}  // namespace

std::vector<std::string> channels_to_clear(Transaction& t, std::uint64_t item) {
  std::vector<std::string> channels;
  auto query = t.db.query("SELECT DISTINCT channel FROM delivery WHERE key >= ? AND key < ? AND state != 6 ORDER BY channel");
  query.bind(delivery_key(item, 0, 0)).bind(delivery_key(item + 1, 0, 0));
  while (query.row()) channels.push_back(t.state.channels.name(static_cast<unsigned>(query.number(0))));
  return channels;
}

Planned plan_deliveries(Transaction& t, const v1::Edition& edition, v1::Action action, const std::vector<std::string>& channels,
                        const std::vector<std::string>& skipped, Instant now) {
  std::vector<std::string> all = channels, left;
  if (edition.number() > 1 && action == v1::ACTION_PUBLISH) {
    for (auto& name : channels_to_clear(t, edition.item_id())) {
      if (std::find(channels.begin(), channels.end(), name) == channels.end()) left.push_back(std::move(name));
    }
    all.insert(all.end(), left.begin(), left.end());
  }
  Planned planned;
  t.state.log.append(t.db, audit::planned(edition, all, skipped), now);
  const auto plan = [&](const std::string& name, v1::Action what) {
    const unsigned channel = t.state.channels.number(t.db, name);
    if (edition.number() > 1) supersede(t, edition, name, channel, now, planned.superseded);
    planned.deliveries.push_back(insert(t, edition, what, name, channel, now));
  };
  for (const auto& name : channels) plan(name, action);
  for (const auto& name : left) plan(name, v1::ACTION_WITHDRAW);
  return planned;
}

}  // namespace fabu::store
