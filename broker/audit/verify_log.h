// Verifies a whole log from its files alone, in one pass.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "broker/audit/log_reader.h"
#include "broker/audit/verdict.h"
#include "broker/audit/verifier_key.h"

namespace fabu::audit {

struct VerifyLogOptions {
  std::vector<VerifierKey> trusted;   // one of them must have signed the checkpoint; empty = signatures are not checked
  std::string older_checkpoint;       // a signed note kept from earlier; empty = none
  std::size_t max_items = 4'000'000;  // bounds the memory for the items' chains, about 150 bytes each
  std::function<void(std::uint64_t done, std::uint64_t of)> progress;  // after each bundle; may be empty
};

// Reads the checkpoint, then every entry bundle once, in order, holding one bundle and the tree's edge. Checks of each record:
// its leaf hash against tile level 0, that it parses, its number, time, chain and the item's state; then every tile of the
// upper levels, the root, the signature, and the older checkpoint. Stops at the first fault. Entries past the checkpoint's
// size are not looked at.
Verdict verify_log(LogReader&, const VerifyLogOptions& = {});

}  // namespace fabu::audit
