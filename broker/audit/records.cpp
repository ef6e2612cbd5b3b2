#include "broker/audit/records.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "broker/audit/bounded_text.h"

namespace fabu::audit {
namespace {

// The bounds, together, keep every record far below kMaxEntry: the largest is a refusal, 64 problems of 400 bytes.
constexpr std::size_t kActorBound = 64, kWordBound = 200, kReferenceBound = 800, kListBound = 64;

void actor(v1::AuditRecord& record, v1::ActorKind kind, std::string_view name) {
  record.set_actor_kind(kind);
  record.set_actor(bounded_text(name, kActorBound));
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
  draft.record.set_channel(bounded_text(delivery.channel(), kWordBound));
  draft.record.set_delivery_id(bounded_text(delivery.id(), kWordBound * 2));
  actor(draft.record, v1::ACTOR_KIND_CHANNEL, delivery.channel());
  return draft;
}

}  // namespace

Leaf place(const Draft& draft, std::uint64_t seq, Instant time, Instant not_before, const Digest* previous,
           std::string_view salt) {
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
  draft.detail.set_index_no(bounded_text(edition.index_no(), kWordBound));
  draft.detail.set_department(bounded_text(department, kWordBound));
  draft.detail.set_reference(bounded_text(reference, kReferenceBound));
  draft.detail.set_edition_kind(edition.kind());
  return draft;
}

Draft planned(const v1::Edition& edition, const std::vector<std::string>& channels, const std::vector<std::string>& skipped) {
  Draft draft = of_edition(v1::AUDIT_ACTION_PLANNED, edition);
  const auto add = [](const std::vector<std::string>& names, auto* to) {
    const std::size_t shown = std::min(names.size(), kListBound);
    for (std::size_t i = 0; i < shown; ++i) to->Add(bounded_text(names[i], kWordBound));
  };
  add(channels, draft.detail.mutable_channels());
  add(skipped, draft.detail.mutable_skipped());
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
  draft.detail.set_note(bounded_text(edition.reason(), kNoteBound));
  draft.detail.set_edition_kind(edition.kind());
  return draft;
}

Draft reviewed(const Caller& caller, const v1::Edition& edition, bool approved, const std::string& remarks) {
  Draft draft = of_edition(approved ? v1::AUDIT_ACTION_APPROVED : v1::AUDIT_ACTION_REJECTED, edition);
  actor(draft.record, v1::ACTOR_KIND_REVIEWER, caller.actor());
  draft.detail.set_note(bounded_text(remarks, kNoteBound));
  draft.open = false;
  return draft;
}

Draft refused(const Caller& caller, const std::string& department, const std::string& reference,
              const std::vector<std::string>& problems) {
  Draft draft;
  draft.record.set_action(v1::AUDIT_ACTION_REFUSED);
  actor(draft.record, caller.kind, caller.actor());
  draft.detail.set_department(bounded_text(department, kWordBound));
  draft.detail.set_reference(bounded_text(reference, kReferenceBound));
  const std::size_t shown = std::min(problems.size(), kListBound);
  for (std::size_t i = 0; i < shown; ++i) draft.detail.add_problems(bounded_text(problems[i], kWordBound * 2));
  draft.open = false;
  return draft;
}

Draft delivered(const v1::Delivery& delivery, const Digest& edition, const v1::Receipt& receipt, std::string_view receipt_bytes) {
  Draft draft = of_delivery(v1::AUDIT_ACTION_DELIVERED, delivery, edition);
  draft.record.set_receipt_locator(bounded_text(receipt.locator(), kLocatorBound));
  draft.record.set_receipt_digest(sha256(receipt_bytes).raw());
  return draft;
}

Draft failed(const v1::Delivery& delivery, const Digest& edition, const v1::Failure& failure, std::uint32_t attempt, bool dead) {
  Draft draft = of_delivery(dead ? v1::AUDIT_ACTION_DEAD : v1::AUDIT_ACTION_FAILED, delivery, edition);
  auto& kept = *draft.detail.mutable_failure();
  kept = failure;
  kept.set_code(bounded_text(failure.code(), kWordBound));
  kept.set_message(bounded_text(failure.message(), kNoteBound));
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
  draft.detail.set_observed_digest(observation.content_digest().substr(0, 32));
  return draft;
}

Draft key_changed(const Caller& caller, const std::string& key_id, const std::string& department, bool created) {
  Draft draft;
  draft.record.set_action(created ? v1::AUDIT_ACTION_KEY_CREATED : v1::AUDIT_ACTION_KEY_REVOKED);
  actor(draft.record, caller.kind, caller.actor());
  draft.detail.set_key_id(bounded_text(key_id, kWordBound));
  draft.detail.set_department(bounded_text(department, kWordBound));
  draft.open = false;
  return draft;
}

Draft channel_changed(const std::string& channel, bool paused, v1::ActorKind kind, const std::string& by,
                      const std::string& note) {
  Draft draft;
  draft.record.set_action(paused ? v1::AUDIT_ACTION_CHANNEL_PAUSED : v1::AUDIT_ACTION_CHANNEL_RESUMED);
  actor(draft.record, kind, by);
  draft.record.set_channel(bounded_text(channel, kWordBound));
  draft.detail.set_note(bounded_text(note, kNoteBound));
  draft.open = false;
  return draft;
}

Draft started(const std::string& version) {
  Draft draft;
  draft.record.set_action(v1::AUDIT_ACTION_STARTED);
  actor(draft.record, v1::ACTOR_KIND_BROKER, "fabu");
  draft.detail.set_note(bounded_text("fabu " + version, kWordBound));
  return draft;
}

Draft attachment_stored(const Caller& caller, const Digest& content) {
  Draft draft;
  draft.record.set_action(v1::AUDIT_ACTION_ATTACHMENT_STORED);
  actor(draft.record, caller.kind, caller.actor());
  draft.detail.set_note("sha256:" + content.hex());
  draft.open = false;
  return draft;
}

}  // namespace fabu::audit
