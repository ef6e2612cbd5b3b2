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

// What a bundle is made of, all of one moment: the editions and deliveries as they were after the last of `records`, and a
// checkpoint that covers it. A reader without snapshots gets that by reading the records, then the rest, then the records
// again until they are the same, and sealing after that. Otherwise deliveries and records may contradict each other.
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
