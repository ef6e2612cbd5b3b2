#include "broker/audit/records.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace fabu::audit {
namespace {

constexpr std::size_t kActorBound = 64, kLocatorBound = 500, kWordBound = 200, kNoteBound = 8000, kListBound = 64;

// At most `bound` bytes, cut between characters.
std::string bounded(std::string_view text, std::size_t bound) {
  if (text.size() <= bound) return std::string(text);
  while (bound > 0 && (static_cast<unsigned char>(text[bound]) & 0xC0) == 0x80) --bound;
  return std::string(text.substr(0, bound));
}

void actor(v1::AuditRecord& record, v1::ActorKind kind, std::string_view name) {
  record.set_actor_kind(kind);
  record.set_actor(bounded(name, kActorBound));
}

Draft of_edition(v1::AuditAction action, const v1::Edition& edition) {
  Draft draft;
  draft.record.set_action(action);
  draft.record.set_item_id(edition.item_id());
  draft.record.set_edition(edition.number());
  draft.record.set_edition_digest(edition.digest());
  actor(draft.record, v1::ACTOR_KIND_BROKER, "fabu");
  return draft;
}

Draft of_delivery(v1::AuditAction action, const v1::Delivery& delivery, const Digest& edition) {
  Draft draft;
  draft.record.set_action(action);
  draft.record.set_item_id(delivery.item_id());
  draft.record.set_edition(delivery.edition());
  draft.record.set_edition_digest(edition.raw());
  draft.record.set_channel(delivery.channel());
  draft.record.set_delivery_id(delivery.id());
  actor(draft.record, v1::ACTOR_KIND_CHANNEL, delivery.channel());
  return draft;
}

}  // namespace

Leaf place(const Draft& draft, std::uint64_t seq, Instant time, Instant not_before, const Digest* previous, std::string_view salt) {
  v1::AuditRecord record = draft.record;
  record.set_seq(seq);
  record.set_time_ms(to_ms(std::max(time, not_before)));
  if (previous != nullptr) record.set_previous(previous->raw());
  Leaf leaf;
  if (draft.open) {
    *record.mutable_public_() = draft.detail;
  } else {
    v1::Opening opening;
    opening.set_seq(seq);
    opening.set_salt(std::string(salt));
    opening.set_detail(draft.detail.SerializeAsString());
    Sha256 commitment;
    commitment.update(salt);
    commitment.update(opening.detail());
    record.set_commitment(commitment.finish().raw());
    leaf.opening = opening.SerializeAsString();
  }
  leaf.seq = seq;
  leaf.item_id = record.item_id();
  leaf.bytes = record.SerializeAsString();
  if (leaf.bytes.size() > kMaxEntry) throw std::logic_error("an audit record is larger than a log entry may be");
  leaf.hash = leaf_hash(leaf.bytes);
  return leaf;
}

Draft received(const Caller& caller, const v1::Edition& edition, const std::string& department, const std::string& reference) {
  Draft draft = of_edition(v1::AUDIT_ACTION_RECEIVED, edition);
  actor(draft.record, caller.kind, caller.actor());
  draft.detail.set_index_no(edition.index_no());
  draft.detail.set_department(bounded(department, kWordBound));
  draft.detail.set_reference(bounded(reference, kWordBound * 4));
  draft.detail.set_edition_kind(edition.kind());
  return draft;
}

Draft planned(const v1::Edition& edition, const std::vector<std::string>& channels, const std::vector<std::string>& skipped) {
  Draft draft = of_edition(v1::AUDIT_ACTION_PLANNED, edition);
  for (const auto& channel : channels) draft.detail.add_channels(channel);
  for (const auto& channel : skipped) draft.detail.add_skipped(channel);
  return draft;
}

Draft held(const v1::Edition& edition) {
  Draft draft = of_edition(v1::AUDIT_ACTION_HELD, edition);
  draft.open = false;
  return draft;
}

Draft withdrawal_ordered(const Caller& caller, const v1::Edition& edition) {
  Draft draft = of_edition(v1::AUDIT_ACTION_WITHDRAWN, edition);
  actor(draft.record, caller.kind, caller.actor());
  draft.detail.set_note(bounded(edition.reason(), kNoteBound));
  draft.detail.set_edition_kind(edition.kind());
  return draft;
}

Draft reviewed(const Caller& caller, const v1::Edition& edition, bool approved, const std::string& remarks) {
  Draft draft = of_edition(approved ? v1::AUDIT_ACTION_APPROVED : v1::AUDIT_ACTION_REJECTED, edition);
  actor(draft.record, v1::ACTOR_KIND_REVIEWER, caller.actor());
  draft.detail.set_note(bounded(remarks, kNoteBound));
  draft.open = false;
  return draft;
}

Draft refused(const Caller& caller, const std::string& department, const std::string& reference,
              const std::vector<std::string>& problems) {
  Draft draft;
  draft.record.set_action(v1::AUDIT_ACTION_REFUSED);
  actor(draft.record, caller.kind, caller.actor());
  draft.detail.set_department(bounded(department, kWordBound));
  draft.detail.set_reference(bounded(reference, kWordBound * 4));
  const std::size_t shown = std::min(problems.size(), kListBound);
  for (std::size_t i = 0; i < shown; ++i) draft.detail.add_problems(bounded(problems[i], kWordBound * 2));
  draft.open = false;
  return draft;
}

Draft delivered(const v1::Delivery& delivery, const Digest& edition, const v1::Receipt& receipt, std::string_view receipt_bytes) {
  Draft draft = of_delivery(v1::AUDIT_ACTION_DELIVERED, delivery, edition);
  draft.record.set_receipt_locator(bounded(receipt.locator(), kLocatorBound));
  draft.record.set_receipt_digest(sha256(receipt_bytes).raw());
  return draft;
}

Draft failed(const v1::Delivery& delivery, const Digest& edition, const v1::Failure& failure, std::uint32_t attempt, bool dead) {
  Draft draft = of_delivery(dead ? v1::AUDIT_ACTION_DEAD : v1::AUDIT_ACTION_FAILED, delivery, edition);
  auto& kept = *draft.detail.mutable_failure();
  kept = failure;
  kept.set_code(bounded(failure.code(), kWordBound));
  kept.set_message(bounded(failure.message(), kNoteBound));
  draft.detail.set_attempt(attempt);
  draft.open = false;
  return draft;
}

Draft superseded(const v1::Delivery& delivery, const Digest& edition) {
  Draft draft = of_delivery(v1::AUDIT_ACTION_SUPERSEDED, delivery, edition);
  actor(draft.record, v1::ACTOR_KIND_BROKER, "fabu");
  return draft;
}

Draft replayed(const Caller& caller, const v1::Delivery& delivery, const Digest& edition) {
  Draft draft = of_delivery(v1::AUDIT_ACTION_REPLAYED, delivery, edition);
  actor(draft.record, caller.kind == v1::ACTOR_KIND_LOCAL ? caller.kind : v1::ACTOR_KIND_OPERATOR, caller.actor());
  draft.open = false;
  return draft;
}

Draft observed(const v1::Delivery& delivery, const Digest& edition, const v1::Observation& observation) {
  Draft draft = of_delivery(v1::AUDIT_ACTION_OBSERVED, delivery, edition);
  draft.detail.set_observation(observation.state());
  draft.detail.set_observed_digest(bounded(observation.content_digest(), 32));
  draft.detail.set_note(bounded(observation.detail(), kNoteBound));
  return draft;
}

Draft key_changed(const Caller& caller, const std::string& key_id, const std::string& department, bool created) {
  Draft draft;
  draft.record.set_action(created ? v1::AUDIT_ACTION_KEY_CREATED : v1::AUDIT_ACTION_KEY_REVOKED);
  actor(draft.record, caller.kind, caller.actor());
  draft.detail.set_key_id(key_id);
  draft.detail.set_department(bounded(department, kWordBound));
  draft.open = false;
  return draft;
}

}  // namespace fabu::audit
