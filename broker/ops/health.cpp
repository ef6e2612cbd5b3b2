#include "broker/ops/health.h"

#include <algorithm>
#include <string>

namespace fabu::ops {

Result<void> readiness(std::uint64_t log_size, const store::StoredCheckpoint& newest, Instant since, Instant now) {
  if (newest.size >= log_size) return {};
  const Instant sealed = newest.note.empty() ? since : std::max(since, from_ms(newest.time_ms));
  if (now - sealed <= kSealWithin) return {};
  return Error{
      ErrorCode::unavailable,
      "log",
      "The log has " + std::to_string(log_size - newest.size) + " records that were not sealed since " + format_utc(sealed) + ".",
      "Look for event=store_failed in the server's log; usually the disk is full or cannot be synced.",
      {}};
}

}  // namespace fabu::ops
