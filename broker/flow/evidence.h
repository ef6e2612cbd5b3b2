// Evidence (证据包): everything about one item in one message, checked offline by `fabu audit verify`.
#pragma once

#include <fabu/v1/audit.pb.h>

#include <string>

#include "broker/store/store.h"
#include "proto/fabu/time.h"

namespace fabu::flow {

// Gathers the item's editions, records, receipts and their inclusion proofs in `checkpoint`. Openings of commitments are added
// for those allowed to read them. Errors: not_found; busy when the item went on after the checkpoint, whose proofs then cannot
// cover what the store shows: seal again. Blocks on the store.
Result<v1::EvidenceBundle> evidence(store::Store&, std::uint64_t item_id, const store::StoredCheckpoint& checkpoint,
                                    const std::string& verifier_key, bool with_openings, Instant now);

}  // namespace fabu::flow
