// What people decide: withdrawal, review, replay, channels, keys; and the sealing of the log.
#include <algorithm>
#include <utility>

#include "broker/store/ledger/ledger.h"

namespace fabu::store {
namespace {

Error no_item() {
  return Error{ErrorCode::not_found, "item", "There is no such item.", "Check the number.", {}};
}

// A newer edition goes, or went, to the same channel: the older one has no business there any more.
bool has_newer(const Dossier& item, const DeliveryKey& key) {
  return std::any_of(item.deliveries.begin(), item.deliveries.end(), [&key](const DeliveryEntry& entry) {
    return entry.delivery.channel() == key.channel && entry.delivery.edition() > key.edition;
  });
}

v1::Edition withdrawal_of(const Withdraw& command, const Dossier& item, std::string content) {
  v1::Edition edition = item.editions.back().edition;
  edition.set_content(std::move(content));
  edition.set_number(item.newest() + 1);
  edition.set_kind(v1::EDITION_KIND_WITHDRAWAL);
  edition.set_received_ms(to_ms(command.time));
  edition.set_reason(command.reason);
  edition.set_index_no(item.index_no);
  return edition;
}

}  // namespace

namespace {

// As it was answered when it was ordered.
Withdrawn as_withdrawn(const Dossier& item, const EditionEntry& ordered) {
  Withdrawn outcome;
  outcome.edition = ordered.edition;
  outcome.edition.set_index_no(item.index_no);
  outcome.channels = ordered.channels;
  outcome.state = ordered.accepted_state;
  outcome.log_index = ordered.log_index;
  return outcome;
}

}  // namespace

Result<Withdrawn> Ledger::withdraw(const Withdraw& command) {
  auto* item = find(command.item_id);
  if (item == nullptr) return no_item();
  if (const auto& last = item->editions.back(); last.edition.kind() == v1::EDITION_KIND_WITHDRAWAL) {
    if (last.edition.reason() == command.reason) return as_withdrawn(*item, last);
    return Error{ErrorCode::conflict, "item", "The item was withdrawn already.", "See its trace.", {}};
  }
  if (command.of_edition != 0 && command.of_edition != item->newest()) {
    return Error{ErrorCode::precondition,
                 "of_edition",
                 "The newest edition is " + std::to_string(item->newest()) + ".",
                 "Look at it and withdraw that one.",
                 {}};
  }
  Withdrawn outcome;
  outcome.edition = withdrawal_of(command, *item, content(*item, item->editions.back()));
  const auto channels = channels_to_clear(*item);
  const auto state = channels.empty() ? v1::EDITION_STATE_WITHDRAWN : v1::EDITION_STATE_PUBLISHING;
  EditionEntry added;
  added.edition = outcome.edition;
  added.content = std::move(*added.edition.mutable_content());
  added.edition.clear_content();
  added.edition.clear_index_no();
  added.log_index = log(audit::withdrawal_ordered(command.caller, outcome.edition), command.time, *item);
  added.accepted_state = state;
  added.channels = channels;
  outcome.channels = channels;
  outcome.state = state;
  outcome.log_index = added.log_index;
  added.mark = Mark::fresh;
  item->editions.push_back(std::move(added));
  set_state(*item, item->newest(), state);
  if (channels.empty()) retire_older(*item, item->newest(), v1::EDITION_STATE_WITHDRAWN);
  auto planned = plan(*item, outcome.edition, v1::ACTION_WITHDRAW, channels, {}, command.time);
  outcome.deliveries = std::move(planned.deliveries);
  outcome.superseded = std::move(planned.superseded);
  return outcome;
}

Result<Reviewed> Ledger::review(const Review& command) {
  auto* item = find(command.item_id);
  if (item == nullptr) return no_item();
  const auto& newest = item->editions.back();
  if (newest.edition.digest() != command.digest.view()) {
    return Error{ErrorCode::precondition,
                 "edition_digest",
                 "That is not the newest edition.",
                 "Look at the newest one and decide on it.",
                 {}};
  }
  if (newest.state != v1::EDITION_STATE_HELD) {
    return Error{ErrorCode::conflict, "item", "The edition does not wait for a review.", "See its trace.", {}};
  }
  Reviewed outcome;
  outcome.edition = newest.edition;
  outcome.edition.set_content(content(*item, newest));
  outcome.edition.set_index_no(item->index_no);
  outcome.log_index =
      log(audit::reviewed(command.caller, outcome.edition, command.approve, command.remarks), command.time, *item);
  auto state = v1::EDITION_STATE_REJECTED;
  if (command.approve) {
    state = command.channels.empty() ? v1::EDITION_STATE_APPROVED : v1::EDITION_STATE_PUBLISHING;
    outcome.deliveries =
        plan(*item, outcome.edition, v1::ACTION_PUBLISH, command.channels, command.skipped, command.time).deliveries;
  }
  set_state(*item, item->newest(), state);
  return outcome;
}

Result<Replayed> Ledger::replay(const Replay& command) {
  const auto& request = command.request;
  flush_dossiers();  // the rows are asked, not the memory
  Replayed outcome;
  for (const auto& key : rows_.dead(request.channel(), request.code())) {
    auto& item = *find(key.item);
    auto& entry = *item.delivery(key.edition, key.channel);
    auto& delivery = entry.delivery;
    if (!request.delivery_id().empty() && request.delivery_id() != delivery.id()) continue;
    if (has_newer(item, key)) continue;
    ++outcome.matched;
    if (request.dry_run()) continue;
    log(audit::replayed(command.caller, delivery, digest_of(item, key.edition)), command.time, item);
    entry.owner = self_;
    set_state(item, entry, v1::DELIVERY_STATE_PENDING);
    delivery.set_attempts(0);
    delivery.set_due_ms(to_ms(command.time));
    delivery.clear_settled_ms();
    outcome.deliveries.push_back(delivery);
  }
  return outcome;
}

Result<std::uint64_t> Ledger::switch_channel(const SwitchChannel& command) {
  const auto& caller = command.caller;
  rows_.write_pause(command.channel, command.paused ? std::optional(command.reason) : std::nullopt, command.time);
  return record(audit::channel_changed(command.channel, command.paused, caller.kind, caller.actor(), command.reason),
                command.time);
}

Result<std::uint64_t> Ledger::create_key(const KeyRecord& key, const Caller& caller, Instant now) {
  if (rows_.key(key.id)) return Error{ErrorCode::conflict, "key", "A key with this id exists.", "Make another.", {}};
  rows_.write(key);
  return record(audit::key_changed(caller, key.id, key.department, true), now);
}

Result<std::uint64_t> Ledger::revoke_key(const std::string& key_id, const Caller& caller, Instant now) {
  auto key = rows_.key(key_id);
  if (!key || key->revoked_ms != 0) {
    return Error{ErrorCode::not_found, "key", "There is no valid key with this id.", "See fabu key list.", {}};
  }
  key->revoked_ms = to_ms(now);
  rows_.write(*key);
  return record(audit::key_changed(caller, key_id, key->department, false), now);
}

Result<std::uint64_t> Ledger::record(const audit::Draft& draft, Instant now) {
  const auto item_id = draft.record.item_id();
  return log_.append(draft, now, item_id != 0 ? find(item_id) : nullptr);
}

Result<std::uint64_t> Ledger::save_checkpoint(const StoredCheckpoint& checkpoint) {
  rows_.write(checkpoint);
  return checkpoint.size;
}

}  // namespace fabu::store
