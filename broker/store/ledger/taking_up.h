// What every store does, and says, when it takes up what is stored.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/audit/tree.h"
#include "broker/domain/result.h"
#include "proto/fabu/digest.h"
#include "proto/fabu/time.h"

namespace fabu::store {

// What is stored contradicts itself (corrupt).
Error log_contradiction(const std::string& what);
// The database was written by a newer program (unsupported).
Error newer_schema(std::int64_t found, std::int64_t known);

// Hashes `from` to `to` of a level: of the log's entries at level 0, above it the roots of the full tiles of the level below.
using StoredHashes = std::function<Result<std::vector<Digest>>(unsigned level, std::uint64_t from, std::uint64_t to)>;
// The right edge of a stored tree of this size.
Result<audit::Edge> stored_edge(std::uint64_t size, const StoredHashes&);
// When a stored record was made.
Result<Instant> time_of_record(std::string_view bytes);

}  // namespace fabu::store
