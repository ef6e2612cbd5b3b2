// What people decide: withdrawal, review, replay, keys; and the sealing of the log.
#include <algorithm>
#include <utility>

#include "broker/store/sqlite/commands.h"
#include "broker/store/sqlite/rows.h"
#include "broker/store/sqlite/schema.h"

namespace fabu::store {
namespace {

Error no_item() {
  return Error{ErrorCode::not_found, "item", "There is no such item.", "Check the number.", {}};
}

// A newer edition goes, or went, to the same channel: the older one has no business there any more.
bool has_newer(Transaction& t, std::int64_t key) {
  auto query = t.db.query("SELECT 1 FROM delivery WHERE key > ? AND key < ? AND channel = ? LIMIT 1");
  query.bind(key).bind(delivery_key((static_cast<std::uint64_t>(key) >> 24) + 1, 0, 0)).bind(key & 0xFF);
  return query.row();
}

void insert_withdrawal(Transaction& t, const v1::Edition& edition, std::uint64_t log_index,
                       const std::vector<std::string>& channels) {
  const auto state = channels.empty() ? v1::EDITION_STATE_WITHDRAWN : v1::EDITION_STATE_PUBLISHING;
  insert_edition(t, edition, state, log_index, channels);
  t.db.query("UPDATE item SET newest = ?, state = ? WHERE id = ?")
      .bind(std::int64_t{edition.number()})
      .bind(std::int64_t{state})
      .bind(static_cast<std::int64_t>(edition.item_id()))
      .done();
  if (channels.empty()) retire_older_editions(t, edition.item_id(), edition.number(), v1::EDITION_STATE_WITHDRAWN);
}

}  // namespace

Result<Withdrawn> withdraw(Transaction& t, const Withdraw& command) {
  const auto item = item_row(t.db, command.item_id);
  if (!item) return no_item();
  const auto newest = edition_row(t.db, item->id, item->newest);
  if (newest->edition.kind() == v1::EDITION_KIND_WITHDRAWAL) {
    return Error{ErrorCode::conflict, "item", "The item was withdrawn already.", "See its trace.", {}};
  }
  if (command.of_edition != 0 && command.of_edition != item->newest) {
    return Error{ErrorCode::precondition,
                 "of_edition",
                 "The newest edition is " + std::to_string(item->newest) + ".",
                 "Look at it and withdraw that one.",
                 {}};
  }
  Withdrawn outcome;
  auto& edition = outcome.edition;
  edition = newest->edition;
  edition.set_content(content_of(t.db, item->id, item->newest));
  edition.set_number(item->newest + 1);
  edition.set_kind(v1::EDITION_KIND_WITHDRAWAL);
  edition.set_received_ms(to_ms(command.time));
  edition.set_reason(command.reason);
  edition.set_index_no(item->index_no);
  const auto channels = channels_to_clear(t, item->id);
  const auto log_index = t.state.log.append(t.db, audit::withdrawal_ordered(command.caller, edition), command.time);
  insert_withdrawal(t, edition, log_index, channels);
  auto planned = plan_deliveries(t, edition, v1::ACTION_WITHDRAW, channels, {}, command.time);
  outcome.deliveries = std::move(planned.deliveries);
  outcome.superseded = std::move(planned.superseded);
  return outcome;
}

Result<Reviewed> review(Transaction& t, const Review& command) {
  const auto item = item_row(t.db, command.item_id);
  if (!item) return no_item();
  const auto newest = edition_row(t.db, item->id, item->newest);
  if (newest->edition.digest() != command.digest.view()) {
    return Error{ErrorCode::precondition,
                 "edition_digest",
                 "That is not the newest edition.",
                 "Look at the newest one and decide on it.",
                 {}};
  }
  if (newest->state != v1::EDITION_STATE_HELD) {
    return Error{ErrorCode::conflict, "item", "The edition does not wait for a review.", "See its trace.", {}};
  }
  Reviewed outcome;
  outcome.edition = newest->edition;
  outcome.edition.set_content(content_of(t.db, item->id, item->newest));
  outcome.edition.set_index_no(item->index_no);
  t.state.log.append(t.db, audit::reviewed(command.caller, outcome.edition, command.approve, command.remarks), command.time);
  auto state = v1::EDITION_STATE_REJECTED;
  if (command.approve) {
    state = command.channels.empty() ? v1::EDITION_STATE_APPROVED : v1::EDITION_STATE_PUBLISHING;
    outcome.deliveries =
        plan_deliveries(t, outcome.edition, v1::ACTION_PUBLISH, command.channels, command.skipped, command.time).deliveries;
  }
  set_edition_state(t, item->id, item->newest, state);
  return outcome;
}

Result<Replayed> replay(Transaction& t, const Replay& command) {
  const auto& request = command.request;
  std::vector<std::pair<std::int64_t, unsigned>> keys;
  for (const auto& [name, number] : t.state.channels.numbers()) {
    if (!request.channel().empty() && request.channel() != name) continue;
    auto query = t.db.query(
        "SELECT key, code FROM delivery INDEXED BY delivery_trouble WHERE channel = ? AND state IN (4, 5) AND state = 5");
    query.bind(std::int64_t{number});
    while (query.row()) {
      if (request.code().empty() || query.text(1) == request.code()) keys.emplace_back(query.number(0), number);
    }
  }
  Replayed outcome;
  std::sort(keys.begin(), keys.end());
  for (const auto& [key, number] : keys) {
    const auto& name = t.state.channels.name(number);
    auto delivery =
        *delivery_row(t.db, name, number, static_cast<std::uint64_t>(key) >> 24, static_cast<std::uint32_t>(key >> 8 & 0xFFFF));
    if (!request.delivery_id().empty() && request.delivery_id() != delivery.id()) continue;
    if (has_newer(t, key)) continue;
    ++outcome.matched;
    if (request.dry_run()) continue;
    t.db.query("UPDATE delivery SET state = 1, attempts = 0, due_ms = ?, settled_ms = 0 WHERE key = ?")
        .bind(to_ms(command.time))
        .bind(key)
        .done();
    t.state.channels.moved(number, v1::DELIVERY_STATE_DEAD, v1::DELIVERY_STATE_PENDING);
    t.state.log.append(t.db,
                       audit::replayed(command.caller, delivery, t.state.digest_of(t.db, delivery.item_id(), delivery.edition())),
                       command.time);
    delivery.set_state(v1::DELIVERY_STATE_PENDING);
    delivery.set_attempts(0);
    delivery.set_due_ms(to_ms(command.time));
    delivery.clear_settled_ms();
    outcome.deliveries.push_back(std::move(delivery));
  }
  return outcome;
}

Result<std::uint64_t> switch_channel(Transaction& t, const SwitchChannel& command) {
  if (command.paused) {
    t.db.query("INSERT OR REPLACE INTO channel_pause(channel, reason, since_ms) VALUES(?,?,?)")
        .bind(command.channel)
        .bind(command.reason)
        .bind(to_ms(command.time))
        .done();
  } else {
    t.db.query("DELETE FROM channel_pause WHERE channel = ?").bind(command.channel).done();
  }
  const auto& caller = command.caller;
  return t.state.log.append(
      t.db, audit::channel_changed(command.channel, command.paused, caller.kind, caller.actor(), command.reason), command.time);
}

Result<std::uint64_t> create_key(Transaction& t, const KeyRecord& key, const Caller& caller, Instant now) {
  {
    auto query = t.db.query("SELECT 1 FROM api_key WHERE id = ?");
    query.bind(key.id);
    if (query.row()) return Error{ErrorCode::conflict, "key", "A key with this id exists.", "Make another.", {}};
  }
  t.db.query("INSERT INTO api_key(id, department, name, scopes, secret, created_ms, revoked_ms) VALUES(?,?,?,?,?,?,0)")
      .bind(key.id)
      .bind(key.department)
      .bind(key.name)
      .bind(std::int64_t{key.scopes})
      .blob(key.secret.view())
      .bind(key.created_ms)
      .done();
  return t.state.log.append(t.db, audit::key_changed(caller, key.id, key.department, true), now);
}

Result<std::uint64_t> revoke_key(Transaction& t, const std::string& key_id, const Caller& caller, Instant now) {
  std::string department;
  {
    auto query = t.db.query("SELECT department FROM api_key WHERE id = ? AND revoked_ms = 0");
    query.bind(key_id);
    if (!query.row()) return Error{ErrorCode::not_found, "key", "There is no valid key with this id.", "See fabu key list.", {}};
    department = query.text(0);
  }
  t.db.query("UPDATE api_key SET revoked_ms = ? WHERE id = ?").bind(to_ms(now)).bind(key_id).done();
  return t.state.log.append(t.db, audit::key_changed(caller, key_id, department, false), now);
}

Result<std::uint64_t> save_checkpoint(Transaction& t, const StoredCheckpoint& checkpoint) {
  t.db.query("INSERT OR REPLACE INTO checkpoint(size, note, time_ms) VALUES(?,?,?)")
      .bind(static_cast<std::int64_t>(checkpoint.size))
      .bind(checkpoint.note)
      .bind(checkpoint.time_ms)
      .done();
  return checkpoint.size;
}

}  // namespace fabu::store
