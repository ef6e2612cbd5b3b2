// Which audit records each act leaves. One place for every store, so that the log does not depend on where it lies. Pure.
#pragma once

#include <fabu/v1/audit.pb.h>

#include <string>
#include <string_view>

#include "broker/domain/caller.h"
#include "proto/fabu/digest.h"
#include "proto/fabu/time.h"

namespace fabu::audit {

// A record before it has its place in the log. `detail` goes in the clear when `open`, else as a salted commitment.
struct Draft {
  v1::AuditRecord record;   // all but seq, time_ms, previous and detail
  v1::AuditDetail detail;
  bool open = true;
};

// A record in its place: the bytes that are stored and are the leaf.
struct Leaf {
  std::uint64_t seq = 0;
  std::uint64_t item_id = 0;
  std::string bytes;        // at most kMaxEntry
  Digest hash;              // leaf hash
  std::string opening;      // serialised v1::Opening; empty for open records
};

// Places a draft. `time` is raised to `not_before` (the previous record's time) when the clock went back; `previous` is the
// leaf hash of the item's previous record, or null; `salt` is 32 random bytes, used only for commitments.
Leaf place(const Draft&, std::uint64_t seq, Instant time, Instant not_before, const Digest* previous, std::string_view salt);

}  // namespace fabu::audit
