#include "broker/store/sqlite/transaction.h"

#include <charconv>
#include <stdexcept>
#include <utility>

#include "broker/store/sqlite/schema.h"

namespace fabu::store {

bool is_open(v1::DeliveryState state) {
  return state == v1::DELIVERY_STATE_PENDING || state == v1::DELIVERY_STATE_RETRYING;
}

std::string delivery_id(std::uint64_t item, std::uint32_t edition, const std::string& channel) {
  return std::to_string(item) + "-" + std::to_string(edition) + "-" + channel;
}

Result<DeliveryName> parse_delivery_id(const std::string& id) {
  DeliveryName name;
  const char* const end = id.data() + id.size();
  const auto item = std::from_chars(id.data(), end, name.item);
  const bool item_read = item.ec == std::errc{} && item.ptr != end && *item.ptr == '-';
  const auto edition = item_read ? std::from_chars(item.ptr + 1, end, name.edition) : item;
  if (!item_read || edition.ec != std::errc{} || edition.ptr == end || *edition.ptr != '-' || name.edition > kMaxEditions ||
      name.item >> 39 != 0) {
    return Error{ErrorCode::not_found,
                 "delivery",
                 "There is no delivery `" + id.substr(0, 100) + "`.",
                 "A delivery is named ITEM-EDITION-CHANNEL.",
                 {}};
  }
  name.channel.assign(edition.ptr + 1, end);
  return name;
}

void ChannelTable::resume(Database& db) {
  numbers_.clear();
  names_.clear();
  auto names = db.query("SELECT number, name FROM channel ORDER BY number");
  while (names.row()) {
    names_.emplace_back(names.text(1));
    numbers_[names_.back()] = static_cast<unsigned>(names.number(0));
  }
  counts_.assign(names_.size(), {});
  for (std::size_t i = 0; i < names_.size(); ++i) {
    const auto channel = static_cast<std::int64_t>(i + 1);
    auto open = db.query("SELECT count(*) FROM delivery INDEXED BY delivery_open WHERE channel = ? AND state IN (1, 4)");
    open.bind(channel);
    if (open.row()) counts_[i].open = static_cast<std::uint64_t>(open.number(0));
    auto dead =
        db.query("SELECT count(*) FROM delivery INDEXED BY delivery_trouble WHERE channel = ? AND state IN (4, 5) AND state = 5");
    dead.bind(channel);
    if (dead.row()) counts_[i].dead = static_cast<std::uint64_t>(dead.number(0));
  }
}

unsigned ChannelTable::number(Database& db, const std::string& name) {
  if (const auto known = numbers_.find(name); known != numbers_.end()) return known->second;
  if (names_.size() >= kMaxChannels) throw std::length_error("too many channels");
  const auto number = static_cast<unsigned>(names_.size() + 1);
  db.query("INSERT INTO channel(number, name) VALUES(?, ?)").bind(std::int64_t{number}).bind(name).done();
  names_.push_back(name);
  counts_.emplace_back();
  numbers_[name] = number;
  return number;
}

const std::string& ChannelTable::name(unsigned number) const {
  return names_.at(number - 1);
}

void ChannelTable::moved(unsigned channel, v1::DeliveryState from, v1::DeliveryState to) {
  auto& counts = counts_.at(channel - 1);
  counts.open += static_cast<std::uint64_t>(is_open(to)) - static_cast<std::uint64_t>(is_open(from));
  counts.dead +=
      static_cast<std::uint64_t>(to == v1::DELIVERY_STATE_DEAD) - static_cast<std::uint64_t>(from == v1::DELIVERY_STATE_DEAD);
}

ChannelCounts ChannelTable::counts(unsigned channel) const {
  return counts_.at(channel - 1);
}

Result<void> WriterState::resume(Database& db) {
  channels.resume(db);
  serials.forget();
  digests.clear();
  {
    auto query = db.query("SELECT max(id) FROM item");
    next_item = query.row() ? static_cast<std::uint64_t>(query.number(0)) + 1 : 1;
  }
  return log.resume(db);
}

void WriterState::remember(std::int64_t key, const Digest& digest) {
  if (digests.size() >= 65'536) digests.clear();
  digests[key] = digest;
}

Digest WriterState::digest_of(Database& db, std::uint64_t item, std::uint32_t number) {
  const auto key = edition_key(item, number);
  if (const auto known = digests.find(key); known != digests.end()) return known->second;
  auto query = db.query("SELECT digest FROM edition WHERE key = ?");
  query.bind(key);
  const auto digest = query.row() ? Digest::from_raw(query.text(0)) : std::nullopt;
  if (!digest) throw std::logic_error("a delivery without its edition");
  remember(key, *digest);
  return *digest;
}

}  // namespace fabu::store
