// Which audit records each act leaves. One place for every store, so that the log does not depend on where it lies. Pure.
#pragma once

#include <fabu/v1/audit.pb.h>

#include <string>
#include <string_view>
#include <vector>

#include "broker/audit/tree.h"
#include "broker/domain/caller.h"
#include "proto/fabu/digest.h"
#include "proto/fabu/time.h"

namespace fabu::audit {

// A record before it has its place in the log. `detail` goes in the clear when `open`, else as a salted commitment.
struct Draft {
  v1::AuditRecord record;  // all but seq, time_ms, previous and detail
  v1::AuditDetail detail;
  bool open = true;
};

// A record in its place: the bytes that are stored and are the leaf.
struct Leaf {
  std::uint64_t seq = 0;
  std::uint64_t item_id = 0;
  std::string bytes;    // at most kMaxEntry
  Digest hash;          // leaf hash
  std::string opening;  // serialised v1::Opening; empty for open records
};

// Places a draft. `time` is raised to `not_before` (the previous record's time) when the clock went back; `previous` is the
// leaf hash of the item's previous record, or null; `salt` is 32 random bytes, used only for commitments.
Leaf place(const Draft&, std::uint64_t seq, Instant time, Instant not_before, const Digest* previous, std::string_view salt);

// --- what each act leaves ---------------------------------------------------------------------------------------------
// Public, in the clear: publication, correction, withdrawal, receipts, what observations found. Internal, as commitments:
// holds, reviews, refusals (what was never published), failures, replays, keys, channels' states, uploads. No titles, bodies
// or names of persons enter the log. Text is cut at its bound and made valid UTF-8, so that no entry exceeds kMaxEntry.

// Longest `note` of a record, in bytes (2000 characters of 4 bytes).
inline constexpr std::size_t kNoteBound = 8000;
// Longest `receipt_locator`, in bytes.
inline constexpr std::size_t kLocatorBound = 500;

Draft received(const Caller&, const v1::Edition&, const std::string& department, const std::string& reference);
// At most the first 64 names of each list.
Draft planned(const v1::Edition&, const std::vector<std::string>& channels, const std::vector<std::string>& skipped);
Draft held(const v1::Edition&);
Draft withdrawal_ordered(const Caller&, const v1::Edition&);
// The reviewer is the key's pseudonym; the remarks are committed.
Draft reviewed(const Caller&, const v1::Edition&, bool approved, const std::string& remarks);
// At most the first 64 problems.
Draft refused(const Caller&, const std::string& department, const std::string& reference,
              const std::vector<std::string>& problems);
// `receipt_bytes`: the serialised Receipt as it is stored.
Draft delivered(const v1::Delivery&, const Digest& edition, const v1::Receipt&, std::string_view receipt_bytes);
Draft failed(const v1::Delivery&, const Digest& edition, const v1::Failure&, std::uint32_t attempt, bool dead);
Draft superseded(const v1::Delivery&, const Digest& edition);
Draft replayed(const Caller&, const v1::Delivery&, const Digest& edition);
// Only the state and the digest that was read: the observation's words are for operators and may name inner hosts.
Draft observed(const v1::Delivery&, const Digest& edition, const v1::Observation&);
Draft key_changed(const Caller&, const std::string& key_id, const std::string& department, bool created);
// `note`: why. Paused or resumed by the host (kind channel) or an operator.
Draft channel_changed(const std::string& channel, bool paused, v1::ActorKind, const std::string& actor, const std::string& note);
Draft started(const std::string& version);
Draft attachment_stored(const Caller&, const Digest& content);

}  // namespace fabu::audit
