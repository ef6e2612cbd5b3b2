#include "broker/audit/record_check.h"

namespace fabu::audit {

std::optional<Finding> check_record(std::string_view entry, std::uint64_t seq, bool in_tree, const std::string& tree,
                                    std::int64_t last_time_ms, v1::AuditRecord& record) {
  const bool parsed = record.ParseFromArray(entry.data(), static_cast<int>(entry.size()));
  const auto shape = parsed ? check_shape(record) : Finding{Fault::unreadable, "cannot be parsed"};
  if (!shape && record.seq() != seq) {
    return Finding{Fault::sequence_gap,
                   "sequence gap: the record in this place carries the number " + std::to_string(record.seq())};
  }
  if (!in_tree) return Finding{Fault::leaf, "leaf does not match " + tree};
  if (shape) return shape;
  if (record.time_ms() < last_time_ms) return Finding{Fault::time, "is older than the record before it"};
  return std::nullopt;
}

}  // namespace fabu::audit
