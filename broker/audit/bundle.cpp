#include "broker/audit/bundle.h"

#include <utility>

#include "broker/audit/checkpoint.h"

namespace fabu::audit {
namespace {

Result<void> add_records(v1::EvidenceBundle& bundle, std::vector<std::string> records, const TileSource& tree,
                         std::uint64_t size) {
  for (auto& bytes : records) {
    v1::AuditRecord record;
    if (!record.ParseFromString(bytes)) {
      return Error{ErrorCode::corrupt, "log", "A stored audit record cannot be read.", "Run fabu audit verify.", {}};
    }
    if (record.seq() >= size) break;
    const auto path = inclusion_proof(tree, record.seq(), size);
    if (!path) return path.error();
    auto& proof = *bundle.add_proofs();
    proof.set_index(record.seq());
    for (const auto& hash : *path) proof.add_path(hash.raw());
    bundle.add_records(std::move(bytes));
  }
  return {};
}

}  // namespace

Result<v1::EvidenceBundle> make_bundle(BundleParts parts, const TileSource& tree) {
  const auto head = read_checkpoint(parts.checkpoint);
  if (!head) return head.error();
  v1::EvidenceBundle bundle;
  bundle.set_format(std::string(kBundleFormat));
  bundle.set_origin(head->origin);
  bundle.set_verifier_key(std::move(parts.verifier_key));
  bundle.set_checkpoint(std::move(parts.checkpoint));
  bundle.set_item_id(parts.item_id);
  bundle.set_made_ms(to_ms(parts.made));
  for (auto& edition : parts.editions) *bundle.add_editions() = std::move(edition);
  for (auto& delivery : parts.deliveries) {
    delivery.clear_progress();
    *bundle.add_deliveries() = std::move(delivery);
  }
  if (const auto added = add_records(bundle, std::move(parts.records), tree, head->size); !added) return added.error();
  for (auto& opening : parts.openings) {
    if (opening.seq() < head->size) *bundle.add_openings() = std::move(opening);
  }
  return bundle;
}

}  // namespace fabu::audit
