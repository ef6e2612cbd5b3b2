// The tables, and how older databases come up to date.
#pragma once

#include <cstdint>

#include "broker/domain/result.h"
#include "broker/store/sqlite/database.h"

namespace fabu::store {

// Keys that pack small numbers, so that a row is found and kept in order without a second index.
//   edition:  item << 16 | number            delivery: item << 24 | edition << 8 | channel number
//   log_tile: level << 56 | index
inline std::int64_t edition_key(std::uint64_t item, std::uint32_t number) {
  return static_cast<std::int64_t>(item << 16 | number);
}
inline std::int64_t delivery_key(std::uint64_t item, std::uint32_t edition, unsigned channel) {
  return static_cast<std::int64_t>(item << 24 | std::uint64_t{edition} << 8 | channel);
}
inline std::int64_t tile_key(unsigned level, std::uint64_t index) {
  return static_cast<std::int64_t>(std::uint64_t{level} << 56 | index);
}
inline constexpr unsigned kMaxChannels = 255;

// Brings the database up to this version, one transaction a step. Fails (unsupported) on a newer one.
Result<void> migrate(Database&);

}  // namespace fabu::store
