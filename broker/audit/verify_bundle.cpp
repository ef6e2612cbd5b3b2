#include "broker/audit/verify_bundle.h"

#include <fabu/v1/audit.pb.h>

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "broker/audit/bounded_text.h"
#include "broker/audit/bundle.h"
#include "broker/audit/checkpoint.h"
#include "broker/audit/item_history.h"
#include "broker/audit/record_check.h"
#include "broker/audit/records.h"
#include "broker/audit/tree.h"

namespace fabu::audit {
namespace {

using State = DeliveryHistories::State;

class BundlePass {
 public:
  explicit BundlePass(const std::vector<VerifierKey>& trusted) : trusted_(trusted) {}

  Verdict run(std::string_view bytes) {
    if (!bundle_.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())) || bundle_.format() != kBundleFormat) {
      verdict_.fail(Fault::unreadable, "bundle: this is not an evidence bundle of format " + std::string(kBundleFormat));
      return std::move(verdict_);
    }
    if (check_head() && check_records() && check_editions() && check_received() && check_deliveries()) check_openings();
    return std::move(verdict_);
  }

 private:
  bool check_head();
  bool check_records();
  bool check_inclusion(int i);
  bool check_editions();
  bool check_received();
  bool check_deliveries();
  bool check_receipt(const v1::Delivery&, const DeliveryHistories::Known&);
  bool check_planned(const std::set<std::string>& seen);
  void check_openings();
  bool fail(Fault fault, std::string words) {
    verdict_.fail(fault, std::move(words));
    return false;
  }
  bool fail_record(Fault fault, std::uint64_t seq, const std::string& words) {
    verdict_.fail_record(fault, seq, words);
    return false;
  }

  const std::vector<VerifierKey>& trusted_;
  v1::EvidenceBundle bundle_;
  Verdict verdict_;
  Checkpoint head_;
  ItemHistory history_;
  DeliveryHistories deliveries_;
  std::map<std::uint64_t, v1::AuditRecord> records_;       // by seq
  std::map<std::uint32_t, const v1::AuditRecord*> begun_;  // by edition: the record that brought it
  std::int64_t last_time_ms_ = 0;
};

bool BundlePass::check_head() {
  const auto own = VerifierKey::parse(bundle_.verifier_key());
  if (!own) return fail(Fault::signature, "bundle: its verifier key cannot be read");
  const std::vector<VerifierKey> keys = trusted_.empty() ? std::vector{*own} : trusted_;
  const auto head = open_checkpoint(bundle_.checkpoint(), keys);
  if (!head) {
    return fail(head.error().code == ErrorCode::unauthorized ? Fault::signature : Fault::unreadable,
                "checkpoint: " + head.error().what);
  }
  head_ = *head;
  verdict_.origin = head_.origin;
  verdict_.size = head_.size;
  verdict_.root = head_.root;
  verdict_.trusted = !trusted_.empty();
  if (bundle_.origin() != head_.origin) return fail(Fault::signature, "bundle: its origin is not that of the checkpoint");
  if (bundle_.records().empty()) return fail(Fault::missing, "bundle: it has no records");
  return true;
}

bool BundlePass::check_inclusion(int i) {
  const auto& proof = bundle_.proofs(i);
  const std::string& bytes = bundle_.records(i);
  std::vector<Digest> path;
  for (const auto& raw : proof.path()) {
    const auto hash = Digest::from_raw(raw);
    if (!hash) return fail_record(Fault::leaf, proof.index(), "its proof has a hash that is not 32 bytes");
    path.push_back(*hash);
  }
  const Digest leaf = leaf_hash(bytes);
  const bool included = verify_inclusion(proof.index(), head_.size, leaf, path, head_.root);
  v1::AuditRecord record;
  auto finding = check_record(bytes, proof.index(), included, "the checkpoint by its proof", last_time_ms_, record);
  if (!finding && !records_.empty() && record.seq() <= records_.rbegin()->first) {
    finding = Finding{Fault::sequence_gap, "comes after record " + std::to_string(records_.rbegin()->first) + " in the bundle"};
  }
  if (!finding && record.item_id() != bundle_.item_id()) finding = Finding{Fault::contradiction, "belongs to another item"};
  if (!finding) finding = history_.take(record, leaf);
  if (!finding) finding = deliveries_.take(record);
  if (finding) return fail_record(finding->fault, proof.index(), finding->words);
  last_time_ms_ = record.time_ms();
  ++verdict_.records;
  records_.emplace(record.seq(), std::move(record));
  return true;
}

bool BundlePass::check_records() {
  for (int i = 0; i < bundle_.records_size(); ++i) {
    if (i >= bundle_.proofs_size())
      return fail(Fault::leaf, "record at place " + std::to_string(i) + " of the bundle: it has no proof");
    if (!check_inclusion(i)) return false;
  }
  if (bundle_.proofs_size() > bundle_.records_size()) {
    return fail_record(Fault::sequence_gap, bundle_.proofs(bundle_.records_size()).index(),
                       "it has a proof but is not in the bundle");
  }
  for (const auto& [seq, record] : records_) {
    const bool begins = record.action() == v1::AUDIT_ACTION_RECEIVED || record.action() == v1::AUDIT_ACTION_WITHDRAWN;
    if (begins) begun_.emplace(record.edition(), &record);
  }
  return true;
}

bool BundlePass::check_editions() {
  std::set<std::uint32_t> seen;
  for (const auto& edition : bundle_.editions()) {
    const std::string name = "edition " + std::to_string(edition.number());
    const auto begun = begun_.find(edition.number());
    if (begun == begun_.end()) return fail(Fault::edition, name + ": no record says that it was received");
    const auto& record = *begun->second;
    if (!seen.insert(edition.number()).second) return fail_record(Fault::edition, record.seq(), name + " is in the bundle twice");
    if (sha256(edition.content()).view() != record.edition_digest() || edition.digest() != record.edition_digest()) {
      return fail_record(Fault::edition, record.seq(), name + " in the bundle is not the one that was received");
    }
    if (edition.item_id() != bundle_.item_id())
      return fail_record(Fault::edition, record.seq(), name + " belongs to another item");
    if (record.has_public_() && record.public_().edition_kind() != edition.kind()) {
      return fail_record(Fault::edition, record.seq(), name + " is of another kind than was recorded");
    }
    if (record.has_public_() && record.action() == v1::AUDIT_ACTION_RECEIVED &&
        record.public_().index_no() != edition.index_no()) {
      return fail_record(Fault::edition, record.seq(), name + " has another index number than was recorded");
    }
    if (record.has_public_() && record.action() == v1::AUDIT_ACTION_WITHDRAWN &&
        record.public_().note() != bounded_text(edition.reason(), kNoteBound)) {
      return fail_record(Fault::edition, record.seq(), name + " was withdrawn for another reason than was recorded");
    }
  }
  return true;
}

bool BundlePass::check_received() {
  for (const auto& [number, record] : begun_) {
    bool found = false;
    for (const auto& edition : bundle_.editions()) found = found || edition.number() == number;
    if (!found) return fail_record(Fault::edition, record->seq(), "edition " + std::to_string(number) + " is not in the bundle");
  }
  return true;
}

bool BundlePass::check_receipt(const v1::Delivery& delivery, const DeliveryHistories::Known& known) {
  const auto& record = known.delivered;
  const auto& receipt = delivery.receipt();
  if (sha256(receipt.SerializeAsString()).view() != record.receipt_digest()) {
    return fail_record(Fault::receipt, record.seq(),
                       "the receipt of " + delivery.id() + " in the bundle is not the one that was recorded");
  }
  if (receipt.delivery_id() != delivery.id() || record.channel() != delivery.channel() ||
      record.receipt_locator() != bounded_text(receipt.locator(), kLocatorBound)) {
    return fail_record(Fault::receipt, record.seq(), "the receipt of " + delivery.id() + " belongs elsewhere");
  }
  return true;
}

State state_of(v1::DeliveryState state) {
  switch (state) {
    case v1::DELIVERY_STATE_DELIVERED:
      return State::delivered;
    case v1::DELIVERY_STATE_DEAD:
      return State::dead;
    case v1::DELIVERY_STATE_SUPERSEDED:
      return State::superseded;
    default:
      return State::open;
  }
}

// What the records say of a delivery, and what the bundle says of it, must be the same: a record dropped off the end is seen
// here.
bool BundlePass::check_deliveries() {
  std::set<std::string> seen;
  for (const auto& delivery : bundle_.deliveries()) {
    const std::string name = "delivery " + delivery.id();
    const auto known = deliveries_.all().find(delivery.id());
    if (known == deliveries_.all().end()) return fail(Fault::contradiction, name + ": no record says that it was planned");
    if (!seen.insert(delivery.id()).second) return fail(Fault::receipt, name + ": it is in the bundle twice");
    const std::string expected =
        std::to_string(bundle_.item_id()) + "-" + std::to_string(delivery.edition()) + "-" + delivery.channel();
    if (delivery.item_id() != bundle_.item_id() || delivery.id() != expected) {
      return fail(Fault::receipt, name + ": it does not belong to the edition and channel that its name says");
    }
    const auto& records = known->second;
    if (state_of(delivery.state()) != records.state) {
      const std::string words =
          name + " is " + v1::DeliveryState_Name(delivery.state()) + " in the bundle, which the records do not say";
      return records.state == State::open ? fail(Fault::contradiction, words)
                                          : fail_record(Fault::contradiction, records.seq, words);
    }
    if (records.state == State::delivered && !check_receipt(delivery, records)) return false;
    if (records.state != State::delivered && delivery.has_receipt()) {
      return fail(Fault::receipt, name + ": it has a receipt that no record tells of");
    }
  }
  return check_planned(seen);
}

bool BundlePass::check_planned(const std::set<std::string>& seen) {
  for (const auto& [id, known] : deliveries_.all()) {
    if (seen.contains(id)) continue;
    const std::string words = "delivery " + id + " is not in the bundle";
    return known.state == State::open ? fail(Fault::receipt, words) : fail_record(Fault::receipt, known.seq, words);
  }
  return true;
}

void BundlePass::check_openings() {
  std::set<std::uint64_t> seen;
  for (const auto& opening : bundle_.openings()) {
    const auto record = records_.find(opening.seq());
    if (record == records_.end() || !record->second.has_commitment()) {
      return verdict_.fail_record(Fault::opening, opening.seq(), "it has an opening but no commitment in the bundle");
    }
    Sha256 commitment;
    commitment.update(opening.salt());
    commitment.update(opening.detail());
    v1::AuditDetail detail;
    if (opening.salt().size() != 32 || commitment.finish().view() != record->second.commitment() ||
        !detail.ParseFromString(opening.detail()) || !seen.insert(opening.seq()).second) {
      return verdict_.fail_record(Fault::opening, opening.seq(), "its opening does not open the commitment");
    }
  }
}

}  // namespace

Verdict verify_bundle(std::string_view bytes, const std::vector<VerifierKey>& trusted) {
  return BundlePass(trusted).run(bytes);
}

}  // namespace fabu::audit
