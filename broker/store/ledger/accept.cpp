#include <algorithm>
#include <utility>

#include "broker/store/ledger/delivery_name.h"
#include "broker/store/ledger/ledger.h"

namespace fabu::store {
namespace {

// The receipt as it was first given: all that it says is kept with the edition and never changes.
v1::SubmissionReceipt receipt_of(const Dossier& item, const EditionEntry& entry) {
  v1::SubmissionReceipt receipt;
  receipt.set_item_id(item.id);
  receipt.set_index_no(item.index_no);
  receipt.set_edition(entry.edition.number());
  receipt.set_edition_digest(Digest::from_raw(entry.edition.digest()).value_or(Digest{}).hex());
  receipt.set_log_index(entry.log_index);
  receipt.set_accepted_ms(entry.edition.received_ms());
  receipt.set_department(item.department);
  receipt.set_reference(item.reference);
  receipt.set_state(entry.accepted_state);
  for (const auto& channel : entry.channels) receipt.add_channels(channel);
  return receipt;
}

v1::EditionState first_state(const Accept& command) {
  if (command.held) return v1::EDITION_STATE_HELD;
  return command.channels.empty() ? v1::EDITION_STATE_APPROVED : v1::EDITION_STATE_PUBLISHING;
}

v1::Edition next_edition(const Accept& command, const Dossier& item) {
  v1::Edition edition;
  edition.set_item_id(item.id);
  edition.set_number(item.newest() + 1);
  edition.set_kind(edition.number() == 1 ? v1::EDITION_KIND_ORIGINAL : v1::EDITION_KIND_CORRECTION);
  edition.set_digest(command.digest.raw());
  edition.set_received_ms(to_ms(command.received));
  edition.set_reason(command.reason);
  return edition;
}

Accepted only(AcceptKind kind) {
  Accepted outcome;
  outcome.kind = kind;
  return outcome;
}

}  // namespace

// What is stored under this reference already decides, before anything is changed.
std::optional<Accepted> Ledger::meets_standing(const Accept& command, Dossier& item) {
  Accepted outcome;
  outcome.newest_edition = item.newest();
  for (const auto& entry : item.editions) {
    if (entry.edition.kind() == v1::EDITION_KIND_WITHDRAWAL || entry.edition.digest() != command.digest.view()) continue;
    outcome.kind = AcceptKind::repeated;
    outcome.receipt = receipt_of(item, entry);
    return outcome;
  }
  const auto& newest = item.editions.back();
  if (newest.edition.kind() == v1::EDITION_KIND_WITHDRAWAL) {
    outcome.kind = AcceptKind::withdrawn;
  } else if (!command.correction) {
    outcome.kind = AcceptKind::differs;
    outcome.standing = content(item, newest);
  } else if (command.of_edition != 0 && command.of_edition != item.newest()) {
    outcome.kind = AcceptKind::wrong_edition;
  } else if (!command.index_no.empty() && command.index_no != item.index_no) {
    outcome.kind = AcceptKind::index_taken;
  } else {
    return std::nullopt;
  }
  return outcome;
}

// Everything is checked: the edition, its deliveries and its records.
Accepted Ledger::store_edition(const Accept& command, Dossier& item) {
  Accepted outcome;
  const auto state = first_state(command);
  outcome.edition = next_edition(command, item);
  auto& added = item.editions.emplace_back();
  added.edition = outcome.edition;
  outcome.edition.set_content(command.content);
  outcome.edition.set_index_no(item.index_no);
  added.log_index =
      log(audit::received(command.caller, outcome.edition, item.department, item.reference), command.received, item);
  added.accepted_state = state;
  added.channels = command.channels;
  added.content = command.content;
  added.mark = Mark::fresh;
  item.entry = command.entry;
  item.title = command.title;
  set_state(item, item.newest(), state);
  if (command.held) {
    log(audit::held(outcome.edition), command.received, item);
  } else {
    auto planned = plan(item, outcome.edition, v1::ACTION_PUBLISH, command.channels, command.skipped, command.received);
    outcome.deliveries = std::move(planned.deliveries);
    outcome.superseded = std::move(planned.superseded);
  }
  outcome.receipt = receipt_of(item, item.editions.back());
  outcome.newest_edition = item.newest();
  return outcome;
}

Dossier& Ledger::new_item(const Accept& command) {
  auto item = std::make_unique<Dossier>();
  item->id = next_item_++;
  item->department = command.department;
  item->reference = command.reference;
  item->received_ms = to_ms(command.received);
  item->mark = Mark::fresh;
  if (command.index_no.empty()) {
    item->index_no = serials_.allot(rows_, command.index_prefix, [this](const std::string& index) { return has_index(index); });
  } else {
    item->index_no = command.index_no;
    serials_.brought(command.index_no);
  }
  auto& kept = *keep(std::move(item));
  fresh_indexes_.insert(kept.index_no);
  return kept;
}

Result<Accepted> Ledger::accept(const Accept& command) {
  if (auto* item = find(command.department, command.reference)) {
    if (auto standing = meets_standing(command, *item)) return std::move(*standing);
    if (item->newest() >= kMaxEditions - 1) {  // the last number is kept for the withdrawal
      return Error{ErrorCode::conflict, "correction", "The item has as many editions as there may be.", "Submit a new item.", {}};
    }
    return store_edition(command, *item);
  }
  if (command.correction) return only(AcceptKind::nothing_to_correct);
  if (!command.index_no.empty() && has_index(command.index_no)) return only(AcceptKind::index_taken);
  return store_edition(command, new_item(command));
}

Result<std::uint64_t> Ledger::refuse(const Refuse& command) {
  return record(audit::refused(command.caller, command.department, command.reference, command.problems), command.time);
}

}  // namespace fabu::store
