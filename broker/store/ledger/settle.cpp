#include <utility>

#include "broker/store/ledger/delivery_name.h"
#include "broker/store/ledger/ledger.h"

namespace fabu::store {
namespace {

constexpr std::size_t kNotes = 65'536;  // bytes of v1::Delivery.progress

Settled answer(const v1::Delivery& delivery, v1::EditionState state = v1::EDITION_STATE_UNSPECIFIED) {
  Settled settled{delivery, state};
  settled.delivery.clear_progress();
  return settled;
}

Error conflict(const v1::Delivery& delivery, const std::string& what, const char* remedy) {
  return Error{ErrorCode::conflict, "delivery", "The delivery `" + delivery.id() + "` " + what, remedy, {}};
}

}  // namespace

// The edition is published once nothing of it is open, nothing is dead, and something was delivered. What it replaces is then
// superseded. One that a newer edition has replaced stays replaced.
v1::EditionState Ledger::edition_after(Dossier& item, std::uint32_t number) {
  for (const auto& [delivery, mark, owner] : item.deliveries) {
    if (delivery.edition() != number) continue;
    if (is_open(delivery.state()) || delivery.state() == v1::DELIVERY_STATE_DEAD) return v1::EDITION_STATE_PUBLISHING;
  }
  const auto& entry = *item.edition(number);
  if (entry.state != v1::EDITION_STATE_PUBLISHING) return entry.state;
  const bool withdrawal = entry.edition.kind() == v1::EDITION_KIND_WITHDRAWAL;
  const auto state = withdrawal ? v1::EDITION_STATE_WITHDRAWN : v1::EDITION_STATE_PUBLISHED;
  set_state(item, number, state);
  retire_older(item, number, withdrawal ? v1::EDITION_STATE_WITHDRAWN : v1::EDITION_STATE_SUPERSEDED);
  return state;
}

// Also for a delivery that had given way or was dead: the channel has it, so the log says so and it is what stands there. The
// edition's own state does not go back for that.
Result<Settled> Ledger::delivered(Dossier& item, DeliveryEntry& entry, const v1::Receipt& receipt, Instant now) {
  auto& delivery = entry.delivery;
  if (delivery.state() == v1::DELIVERY_STATE_DELIVERED) {
    const bool same =
        delivery.receipt().locator() == receipt.locator() && delivery.receipt().content_digest() == receipt.content_digest();
    if (same) return answer(delivery);
    return conflict(delivery, "was settled with another receipt.",
                    "Two workers have it: check that each data folder has one broker.");
  }
  const bool late = delivery.state() == v1::DELIVERY_STATE_SUPERSEDED;
  tell_outdated(item, delivery);
  log(audit::delivered(delivery, digest_of(item, delivery.edition()), receipt, receipt.SerializeAsString()), now, item);
  set_state(item, entry, v1::DELIVERY_STATE_DELIVERED);
  delivery.set_settled_ms(to_ms(now));
  delivery.clear_progress();
  *delivery.mutable_receipt() = receipt;
  return answer(delivery, late ? v1::EDITION_STATE_UNSPECIFIED : edition_after(item, delivery.edition()));
}

Result<Settled> Ledger::set_back(Dossier& item, DeliveryEntry& entry, const v1::Setback& setback, Instant now) {
  auto& delivery = entry.delivery;
  if (!is_open(delivery.state())) return answer(delivery);  // it gave way meanwhile: nothing to go back to
  const bool dead = setback.state() == v1::DELIVERY_STATE_DEAD;
  const bool told = dead || setback.state() == v1::DELIVERY_STATE_PENDING;
  tell_outdated(item, delivery);
  entry.owner = self_;
  log(audit::failed(delivery, digest_of(item, delivery.edition()), setback.failure(), setback.attempts(), dead), now, item);
  set_state(item, entry, told ? setback.state() : v1::DELIVERY_STATE_RETRYING);
  delivery.set_attempts(setback.attempts());
  delivery.set_due_ms(setback.due_ms());
  delivery.set_settled_ms(dead ? to_ms(now) : 0);
  *delivery.mutable_last_failure() = setback.failure();
  return answer(delivery);
}

Result<Settled> Ledger::keep_notes(Dossier& item, DeliveryEntry& entry, const std::string& notes) {
  auto& delivery = entry.delivery;
  if (!is_open(delivery.state()) && delivery.state() != v1::DELIVERY_STATE_SUPERSEDED) {
    return conflict(delivery, "is settled; it takes no more notes.", "Stop working on it.");
  }
  if (notes.size() > kNotes) {
    return Error{
        ErrorCode::too_large, "progress", "An adapter's notes are larger than 64 KiB.", "Keep references, not contents.", {}};
  }
  delivery.set_progress(notes);
  touch(item, entry.mark);
  return answer(delivery);
}

Result<Settled> Ledger::observed(Dossier& item, const v1::Delivery& delivery, const v1::Observation& observation, Instant now) {
  if (delivery.state() != v1::DELIVERY_STATE_DELIVERED) {
    return conflict(delivery, "was not delivered: there is nothing to observe.", "Observe what has a receipt.");
  }
  log(audit::observed(delivery, digest_of(item, delivery.edition()), observation), now, item);
  return answer(delivery);
}

Result<Settled> Ledger::settle(const Settle& command) {
  const auto& id = command.report.delivery_id();
  const auto key = parse_delivery_id(id);
  if (!key) return key.error();
  auto* item = find(key->item);
  auto* entry = item != nullptr ? item->delivery(key->edition, key->channel) : nullptr;
  if (entry == nullptr) {
    return Error{ErrorCode::not_found, "delivery", "There is no delivery `" + id + "`.", "Check its name.", {}};
  }
  switch (command.report.outcome_case()) {
    case v1::Report::kDelivered:
      return delivered(*item, *entry, command.report.delivered(), command.time);
    case v1::Report::kSetback:
      return set_back(*item, *entry, command.report.setback(), command.time);
    case v1::Report::kProgress:
      return keep_notes(*item, *entry, command.report.progress());
    case v1::Report::kObservation:
      return observed(*item, entry->delivery, command.report.observation(), command.time);
    case v1::Report::kReturned:
    case v1::Report::OUTCOME_NOT_SET:
      break;
  }
  return answer(entry->delivery);
}

}  // namespace fabu::store
