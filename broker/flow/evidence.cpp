#include "broker/flow/evidence.h"

#include <utility>

namespace fabu::flow {
namespace {

// The records are read after the item: whatever the item shows beyond the checkpoint has a record that tells.
Result<void> add_records(v1::EvidenceBundle& bundle, store::Store& store, std::uint64_t item_id, std::uint64_t size) {
  auto records = store.item_records(item_id);
  if (!records) return records.error();
  for (auto& bytes : *records) {
    v1::AuditRecord record;
    if (!record.ParseFromString(bytes)) {
      return Error{ErrorCode::corrupt, "log", "A stored audit record cannot be read.", "Run fabu audit verify.", {}};
    }
    if (record.seq() >= size) {
      return Error{ErrorCode::busy, "item", "The item went on while its evidence was gathered.", "Ask again in a moment.", {}};
    }
    const auto path = audit::inclusion_proof(store, record.seq(), size);
    if (!path) return path.error();
    auto& proof = *bundle.add_proofs();
    proof.set_index(record.seq());
    for (const auto& hash : *path) proof.add_path(hash.raw());
    bundle.add_records(std::move(bytes));
  }
  return {};
}

Result<void> add_openings(v1::EvidenceBundle& bundle, store::Store& store, std::uint64_t item_id, std::uint64_t size) {
  auto openings = store.openings(item_id);
  if (!openings) return openings.error();
  for (auto& opening : *openings) {
    if (opening.seq() < size) *bundle.add_openings() = std::move(opening);
  }
  return {};
}

}  // namespace

Result<v1::EvidenceBundle> evidence(store::Store& store, std::uint64_t item_id, const store::StoredCheckpoint& checkpoint,
                                    const std::string& verifier_key, bool with_openings, Instant now) {
  auto view = store.item(item_id);
  if (!view) return view.error();
  v1::EvidenceBundle bundle;
  bundle.set_format("fabu-evidence/1");
  bundle.set_origin(checkpoint.note.substr(0, checkpoint.note.find('\n')));
  bundle.set_verifier_key(verifier_key);
  bundle.set_checkpoint(checkpoint.note);
  bundle.set_item_id(item_id);
  bundle.set_made_ms(to_ms(now));
  for (auto& edition : *view->mutable_editions()) *bundle.add_editions() = std::move(*edition.mutable_edition());
  for (auto& delivery : *view->mutable_deliveries()) {
    delivery.clear_progress();
    *bundle.add_deliveries() = std::move(delivery);
  }
  if (const auto added = add_records(bundle, store, item_id, checkpoint.size); !added) return added.error();
  if (!with_openings) return bundle;
  if (const auto added = add_openings(bundle, store, item_id, checkpoint.size); !added) return added.error();
  return bundle;
}

}  // namespace fabu::flow
