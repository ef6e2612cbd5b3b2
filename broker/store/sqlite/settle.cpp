#include <utility>

#include "broker/store/sqlite/commands.h"
#include "broker/store/sqlite/rows.h"
#include "broker/store/sqlite/schema.h"

namespace fabu::store {
namespace {

// A delivery while it is being settled.
struct Target {
  v1::Delivery delivery;
  std::int64_t key = 0;
  unsigned channel = 0;
};

Result<Target> find(Transaction& t, const std::string& id) {
  const auto name = parse_delivery_id(id);
  if (!name) return name.error();
  const auto known = t.state.channels.numbers().find(name->channel);
  if (known != t.state.channels.numbers().end()) {
    if (auto delivery = delivery_row(t.db, name->channel, known->second, name->item, name->edition)) {
      return Target{std::move(*delivery), delivery_key(name->item, name->edition, known->second), known->second};
    }
  }
  return Error{ErrorCode::not_found, "delivery", "There is no delivery `" + id + "`.", "Check its name.", {}};
}

Settled answer(const Target& target, v1::EditionState state = v1::EDITION_STATE_UNSPECIFIED) {
  Settled settled{target.delivery, state};
  settled.delivery.clear_progress();
  return settled;
}

// The edition is published once nothing of it is open, nothing is dead, and something was delivered. What it replaces is then
// superseded. One that a newer edition has replaced stays replaced.
v1::EditionState edition_after(Transaction& t, const v1::Delivery& delivery) {
  std::uint64_t open_or_dead = 0;
  {
    auto query = t.db.query("SELECT count(*) FROM delivery WHERE key >= ? AND key <= ? AND state IN (1, 4, 5)");
    query.bind(delivery_key(delivery.item_id(), delivery.edition(), 0))
        .bind(delivery_key(delivery.item_id(), delivery.edition(), kMaxChannels));
    if (query.row()) open_or_dead = static_cast<std::uint64_t>(query.number(0));
  }
  if (open_or_dead > 0) return v1::EDITION_STATE_PUBLISHING;
  const auto edition = edition_row(t.db, delivery.item_id(), delivery.edition());
  if (edition->state != v1::EDITION_STATE_PUBLISHING) return edition->state;
  const bool withdrawal = edition->edition.kind() == v1::EDITION_KIND_WITHDRAWAL;
  const auto state = withdrawal ? v1::EDITION_STATE_WITHDRAWN : v1::EDITION_STATE_PUBLISHED;
  set_edition_state(t, delivery.item_id(), delivery.edition(), state);
  const auto older = withdrawal ? v1::EDITION_STATE_WITHDRAWN : v1::EDITION_STATE_SUPERSEDED;
  if (delivery.edition() > 1) retire_older_editions(t, delivery.item_id(), delivery.edition(), older);
  return state;
}

// Also for a delivery that had given way or was dead: the channel has it, so the log says so and it is what stands there. The
// edition's own state does not go back for that.
Result<Settled> delivered(Transaction& t, Target target, const v1::Receipt& receipt, Instant now) {
  auto& delivery = target.delivery;
  if (delivery.state() == v1::DELIVERY_STATE_DELIVERED) {
    const bool same =
        delivery.receipt().locator() == receipt.locator() && delivery.receipt().content_digest() == receipt.content_digest();
    if (same) return answer(target);
    return Error{ErrorCode::conflict,
                 "delivery",
                 "The delivery `" + delivery.id() + "` was settled with another receipt.",
                 "Two workers have it: check that each data folder has one broker.",
                 {}};
  }
  const bool late = delivery.state() == v1::DELIVERY_STATE_SUPERSEDED;
  const std::string bytes = receipt.SerializeAsString();
  t.db.query("UPDATE delivery SET state = 3, settled_ms = ?, receipt = ?, progress = NULL, code = NULL WHERE key = ?")
      .bind(to_ms(now))
      .blob(bytes)
      .bind(target.key)
      .done();
  t.state.channels.moved(target.channel, delivery.state(), v1::DELIVERY_STATE_DELIVERED);
  t.state.log.append(
      t.db, audit::delivered(delivery, t.state.digest_of(t.db, delivery.item_id(), delivery.edition()), receipt, bytes), now);
  delivery.set_state(v1::DELIVERY_STATE_DELIVERED);
  delivery.set_settled_ms(to_ms(now));
  *delivery.mutable_receipt() = receipt;
  return answer(target, late ? v1::EDITION_STATE_UNSPECIFIED : edition_after(t, delivery));
}

Result<Settled> set_back(Transaction& t, Target target, const v1::Setback& setback, Instant now) {
  auto& delivery = target.delivery;
  if (!is_open(delivery.state())) return answer(target);  // it gave way meanwhile: nothing to go back to
  const bool dead = setback.state() == v1::DELIVERY_STATE_DEAD;
  const auto state = dead                                            ? setback.state()
                     : setback.state() == v1::DELIVERY_STATE_PENDING ? setback.state()
                                                                     : v1::DELIVERY_STATE_RETRYING;
  const std::string failure = setback.failure().SerializeAsString();
  t.db.query("UPDATE delivery SET state = ?, attempts = ?, due_ms = ?, settled_ms = ?, code = ?, failure = ? WHERE key = ?")
      .bind(std::int64_t{state})
      .bind(std::int64_t{setback.attempts()})
      .bind(setback.due_ms())
      .bind(dead ? to_ms(now) : 0)
      .bind(setback.failure().code())
      .blob(failure)
      .bind(target.key)
      .done();
  t.state.channels.moved(target.channel, delivery.state(), state);
  t.state.log.append(t.db,
                     audit::failed(delivery, t.state.digest_of(t.db, delivery.item_id(), delivery.edition()), setback.failure(),
                                   setback.attempts(), dead),
                     now);
  delivery.set_state(state);
  delivery.set_attempts(setback.attempts());
  delivery.set_due_ms(setback.due_ms());
  *delivery.mutable_last_failure() = setback.failure();
  if (dead) delivery.set_settled_ms(to_ms(now));
  return answer(target);
}

Result<Settled> progress(Transaction& t, Target target, const std::string& notes) {
  if (!is_open(target.delivery.state()) && target.delivery.state() != v1::DELIVERY_STATE_SUPERSEDED) {
    return Error{ErrorCode::conflict,
                 "delivery",
                 "The delivery `" + target.delivery.id() + "` is settled; it takes no more notes.",
                 "Stop working on it.",
                 {}};
  }
  if (notes.size() > 65'536) {
    return Error{
        ErrorCode::too_large, "progress", "An adapter's notes are larger than 64 KiB.", "Keep references, not contents.", {}};
  }
  t.db.query("UPDATE delivery SET progress = ? WHERE key = ?").blob(notes).bind(target.key).done();
  return answer(target);
}

Result<Settled> observed(Transaction& t, Target target, const v1::Observation& observation, Instant now) {
  if (target.delivery.state() != v1::DELIVERY_STATE_DELIVERED) {
    return Error{ErrorCode::conflict,
                 "delivery",
                 "The delivery `" + target.delivery.id() + "` was not delivered: there is nothing to observe.",
                 "Observe what has a receipt.",
                 {}};
  }
  t.state.log.append(t.db,
                     audit::observed(target.delivery,
                                     t.state.digest_of(t.db, target.delivery.item_id(), target.delivery.edition()), observation),
                     now);
  return answer(target);
}

}  // namespace

Result<Settled> settle(Transaction& t, const Settle& command) {
  auto target = find(t, command.report.delivery_id());
  if (!target) return target.error();
  switch (command.report.outcome_case()) {
    case v1::Report::kDelivered:
      return delivered(t, std::move(*target), command.report.delivered(), command.time);
    case v1::Report::kSetback:
      return set_back(t, std::move(*target), command.report.setback(), command.time);
    case v1::Report::kProgress:
      return progress(t, std::move(*target), command.report.progress());
    case v1::Report::kObservation:
      return observed(t, std::move(*target), command.report.observation(), command.time);
    case v1::Report::kReturned:
    case v1::Report::OUTCOME_NOT_SET:
      return answer(*target);
  }
  return answer(*target);
}

}  // namespace fabu::store
