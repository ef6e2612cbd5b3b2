// Rules of the item's machine-readable facts. Pure.
#pragma once

#include <fabu/v1/item.pb.h>

#include "broker/domain/faults.h"

namespace fabu::domain {

// Deeper than this, the stored bytes come near protobuf's bound on nesting (100; three a level) and might not be read again.
inline constexpr int kMostStructuredDepth = 16;

// Rules structured.too_large (64 KiB), structured.depth, structured.number (NaN and infinities, which JSON cannot carry),
// structured.empty (a value of no kind), structured.characters (as in texts of many lines).
void check_structured(const v1::Item& item, Faults& faults);

}  // namespace fabu::domain
