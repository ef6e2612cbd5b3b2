#include "broker/store/ledger/delivery_name.h"

#include <charconv>

namespace fabu::store {

std::string delivery_id(std::uint64_t item, std::uint32_t edition, std::string_view channel) {
  std::string id = std::to_string(item) + "-" + std::to_string(edition) + "-";
  id += channel;
  return id;
}

Result<DeliveryKey> parse_delivery_id(const std::string& id) {
  DeliveryKey key;
  const char* const end = id.data() + id.size();
  const auto item = std::from_chars(id.data(), end, key.item);
  const bool item_read = item.ec == std::errc{} && item.ptr != end && *item.ptr == '-';
  const auto edition = item_read ? std::from_chars(item.ptr + 1, end, key.edition) : item;
  if (!item_read || edition.ec != std::errc{} || edition.ptr == end || *edition.ptr != '-' || key.edition > kMaxEditions ||
      key.item >> 39 != 0) {
    return Error{ErrorCode::not_found,
                 "delivery",
                 "There is no delivery `" + id.substr(0, 100) + "`.",
                 "A delivery is named ITEM-EDITION-CHANNEL.",
                 {}};
  }
  key.channel.assign(edition.ptr + 1, end);
  return key;
}

}  // namespace fabu::store
