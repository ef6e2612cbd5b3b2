#include "broker/store/sqlite/channel_numbers.h"

#include <cstdint>
#include <stdexcept>

#include "broker/store/sqlite/schema.h"

namespace fabu::store {

ChannelNumbers ChannelNumbers::read(Database& db) {
  ChannelNumbers known;
  auto query = db.query("SELECT name FROM channel ORDER BY number");
  while (query.row()) {
    known.names_.emplace_back(query.text(0));
    known.numbers_[known.names_.back()] = static_cast<unsigned>(known.names_.size());
  }
  return known;
}

unsigned ChannelNumbers::give(Database& db, const std::string& name) {
  if (const auto known = find(name); known != 0) return known;
  if (names_.size() >= kMaxChannels) throw std::length_error("too many channels");
  const auto number = static_cast<unsigned>(names_.size() + 1);
  db.query("INSERT INTO channel(number, name) VALUES(?, ?)").bind(std::int64_t{number}).bind(name).done();
  names_.push_back(name);
  numbers_[name] = number;
  return number;
}

unsigned ChannelNumbers::find(const std::string& name) const {
  const auto known = numbers_.find(name);
  return known == numbers_.end() ? 0 : known->second;
}

}  // namespace fabu::store
