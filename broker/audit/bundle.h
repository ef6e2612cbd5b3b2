// Puts an evidence bundle (证据包) together. Pure.
#pragma once

#include <fabu/v1/audit.pb.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "broker/audit/tree.h"
#include "broker/domain/result.h"
#include "proto/fabu/time.h"

namespace fabu::audit {

inline constexpr std::string_view kBundleFormat = "fabu-evidence/1";

// What a bundle is made of. The editions and deliveries must have been read before the checkpoint was sealed, or the bundle
// may tell of steps whose records the checkpoint does not cover, and will not verify.
struct BundleParts {
  std::uint64_t item_id = 0;
  std::vector<v1::Edition> editions;
  std::vector<std::string> records;      // stored bytes, by seq; those past the checkpoint are left out
  std::vector<v1::Opening> openings;     // empty for those who may not read them
  std::vector<v1::Delivery> deliveries;  // with receipts; progress is left out
  std::string checkpoint;                // the signed note
  std::string verifier_key;
  Instant made;
};

// Adds the inclusion proofs from `tree`. Fails: malformed (the checkpoint), corrupt (a record), or as the source fails.
Result<v1::EvidenceBundle> make_bundle(BundleParts, const TileSource& tree);

}  // namespace fabu::audit
