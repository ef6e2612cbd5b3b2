// The reads of the Store port, each within one read transaction.
#pragma once

#include "broker/store/sqlite/database.h"
#include "broker/store/store.h"

namespace fabu::store {

Result<v1::ItemView> read_item(Database&, std::uint64_t item_id);
Result<std::vector<v1::ItemSummary>> read_items(Database&, const ItemQuery&);
Result<std::vector<v1::Delivery>> read_deliveries(Database&, const DeliveryQuery&);
Result<v1::Delivery> read_delivery(Database&, const std::string& id);
Result<std::vector<v1::DeliveryGroup>> read_groups(Database&);
Result<OpenBatch> read_open(Database&, const OpenQuery&);
Result<v1::Work> read_work(Database&, const std::string& delivery_id);
Result<std::vector<PausedChannel>> read_paused(Database&);
Result<std::vector<KeyRecord>> read_keys(Database&, std::string_view id);  // empty id = all

Result<std::vector<std::string>> read_entries(Database&, std::uint64_t first, std::size_t count);
Result<std::vector<std::string>> read_records(Database&, std::uint64_t item_id);
Result<std::vector<v1::Opening>> read_openings(Database&, std::uint64_t item_id);
Result<std::vector<Digest>> read_tile(Database&, unsigned level, std::uint64_t index, unsigned width);
Result<std::optional<StoredCheckpoint>> read_checkpoint(Database&);

}  // namespace fabu::store
