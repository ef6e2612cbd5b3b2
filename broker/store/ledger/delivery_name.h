// The id of a delivery, "{item}-{edition}-{channel}".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "broker/domain/result.h"
#include "broker/store/ledger/rows.h"

namespace fabu::store {

inline constexpr std::uint32_t kMaxEditions = 65'535;  // of an item

std::string delivery_id(std::uint64_t item, std::uint32_t edition, std::string_view channel);
// Fails (not_found) on what can be no delivery's id.
Result<DeliveryKey> parse_delivery_id(const std::string& id);

}  // namespace fabu::store
