// The check at start that the store is not older than what was signed.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "broker/audit/tree.h"
#include "broker/audit/verifier_key.h"
#include "broker/domain/result.h"

namespace fabu::audit {

// Whether the stored log (`size`, `root`, its tiles) continues the log of the last signed checkpoint, which is kept outside the
// store: at least as many leaves, and the same root over as many as were signed. An empty note means that nothing was ever
// signed. Reads O(log size) tiles. Fails: corrupt when the store went back, was changed, or its tiles do not give its root;
// unauthorized or malformed when the note is not ours. A broker that would go on would sign a second history.
Result<void> check_not_rolled_back(const TileSource&, std::uint64_t size, const Digest& root, const std::string& last_signed_note,
                                   std::span<const VerifierKey> known);

}  // namespace fabu::audit
