// What a command works with inside the writer's transaction.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "broker/store/sqlite/database.h"
#include "broker/store/sqlite/log_writer.h"
#include "broker/store/sqlite/serials.h"
#include "broker/store/store.h"

namespace fabu::store {

// Channel names by number, and how many deliveries of each are open and dead. The numbers are small and fixed once given.
class ChannelTable {
 public:
  void resume(Database&);                               // names, and the counts from the partial indexes
  unsigned number(Database&, const std::string& name);  // gives one when there is none; throws past kMaxChannels
  const std::string& name(unsigned number) const;
  // By how much a delivery's change of state moves the counts.
  void moved(unsigned channel, v1::DeliveryState from, v1::DeliveryState to);
  const std::unordered_map<std::string, unsigned>& numbers() const { return numbers_; }
  ChannelCounts counts(unsigned channel) const;

 private:
  std::unordered_map<std::string, unsigned> numbers_;
  std::vector<std::string> names_;  // by number - 1
  std::vector<ChannelCounts> counts_;
};

// All that the writer thread keeps in memory beside the queue. After a failed transaction it is read again from the database.
struct WriterState {
  LogWriter log;
  ChannelTable channels;
  Serials serials;
  std::uint64_t next_item = 1;
  std::unordered_map<std::int64_t, Digest> digests;  // of recently used editions, by edition_key; bounded

  Result<void> resume(Database&);
  // The digest of an edition; throws when there is no such edition.
  Digest digest_of(Database&, std::uint64_t item, std::uint32_t number);
  void remember(std::int64_t key, const Digest& digest);
};

struct Transaction {
  Database& db;
  WriterState& state;
};

bool is_open(v1::DeliveryState);
std::string delivery_id(std::uint64_t item, std::uint32_t edition, const std::string& channel);

// The parts of "{item}-{edition}-{channel}".
struct DeliveryName {
  std::uint64_t item = 0;
  std::uint32_t edition = 0;
  std::string channel;
};
Result<DeliveryName> parse_delivery_id(const std::string& id);

}  // namespace fabu::store
