// Everything that is stored of one item and that commands decide by, in memory while they run: the item, its editions without
// their contents, its deliveries. What a command changes is marked, and the store writes what is marked at the end of its
// transaction.
#pragma once

#include <fabu/v1/api.pb.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "broker/store/store.h"
#include "proto/fabu/digest.h"

namespace fabu::store {

// What the end of the transaction has to do with a row.
enum class Mark : std::uint8_t { clean, changed, fresh };

// A fresh row stays fresh, whatever changes in it before it was written.
inline void touch(Mark& mark) {
  if (mark == Mark::clean) mark = Mark::changed;
}

struct EditionEntry {
  v1::Edition edition;  // without content and index_no, which is the item's
  v1::EditionState state = v1::EDITION_STATE_UNSPECIFIED;
  std::uint64_t log_index = 0;                                      // of the record of its acceptance
  v1::EditionState accepted_state = v1::EDITION_STATE_UNSPECIFIED;  // as it was then
  std::vector<std::string> channels;                                // as planned then
  std::string content;                                              // of a fresh one, until it is written
  Mark mark = Mark::clean;
};

struct DeliveryEntry {
  v1::Delivery delivery;  // with the adapter's notes
  Mark mark = Mark::clean;
  std::uint64_t owner = 0;  // while it is open: the broker that dispatches it. 0 where a store has one broker
};

struct Dossier {
  std::uint64_t id = 0;
  std::string department, reference, index_no, entry, title;
  v1::EditionState state = v1::EDITION_STATE_UNSPECIFIED;  // of the newest edition
  std::int64_t received_ms = 0;                            // of the first one
  std::vector<EditionEntry> editions;                      // by number, from 1, without gaps; at least one
  std::vector<DeliveryEntry> deliveries;                   // by edition, then by the store's number of the channel
  std::optional<Digest> newest_record;                     // leaf hash of the item's newest audit record
  Mark mark = Mark::clean;                                 // of the item itself
  bool touched = false;                                    // something in it is marked

  std::uint32_t newest() const { return static_cast<std::uint32_t>(editions.size()); }
  EditionEntry* edition(std::uint32_t number) {
    return number >= 1 && number <= editions.size() ? &editions[number - 1] : nullptr;
  }
  DeliveryEntry* delivery(std::uint32_t edition, std::string_view channel) {
    const auto found = std::find_if(deliveries.begin(), deliveries.end(), [&](const DeliveryEntry& one) {
      return one.delivery.edition() == edition && one.delivery.channel() == channel;
    });
    return found == deliveries.end() ? nullptr : &*found;
  }
};

}  // namespace fabu::store
