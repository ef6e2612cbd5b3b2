// Readiness: whether the broker can keep its promises now. Pure.
#pragma once

#include <cstdint>

#include "broker/domain/result.h"
#include "broker/store/store.h"
#include "proto/fabu/time.h"

namespace fabu::ops {

// How long the log may have grown unsealed before something is wrong: sealing is a write, so this also tells of a store that
// cannot.
inline constexpr Millis kSealWithin{30'000};

// `newest`: the last checkpoint, its note empty when there is none. `since`: when the broker started.
Result<void> readiness(std::uint64_t log_size, const store::StoredCheckpoint& newest, Instant since, Instant now);

}  // namespace fabu::ops
