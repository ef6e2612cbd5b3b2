// The reads of the Store port.
#pragma once

#include "broker/store/postgresql/connection.h"
#include "broker/store/store.h"

namespace fabu::store::pg {

Result<v1::ItemView> read_item(Connection&, std::uint64_t item_id);
Result<std::vector<v1::ItemSummary>> read_items(Connection&, const ItemQuery&);
Result<std::vector<v1::Delivery>> read_deliveries(Connection&, const DeliveryQuery&);
Result<v1::Delivery> read_delivery(Connection&, const std::string& id);
Result<std::vector<v1::DeliveryGroup>> read_groups(Connection&);
Result<ChannelCounts> read_counts(Connection&, const std::string& channel);
Result<OpenBatch> read_open(Connection&, const OpenQuery&, std::uint64_t owner);
Result<v1::Work> read_work(Connection&, const std::string& delivery_id);
Result<std::vector<PausedChannel>> read_paused(Connection&);
Result<std::vector<KeyRecord>> read_keys(Connection&, std::string_view id);  // empty id = all
Result<std::optional<std::uint64_t>> read_item_by_reference(Connection&, std::string_view department, std::string_view reference);
Result<std::optional<std::uint64_t>> read_item_by_index(Connection&, std::string_view index_no);

Result<LogHead> read_head(Connection&);
Result<std::vector<std::string>> read_entries(Connection&, std::uint64_t first, std::size_t count);
Result<std::vector<std::string>> read_records(Connection&, std::uint64_t item_id);
Result<std::vector<v1::Opening>> read_openings(Connection&, std::uint64_t item_id);
Result<std::vector<Digest>> read_tile(Connection&, unsigned level, std::uint64_t index, unsigned width);
Result<std::optional<StoredCheckpoint>> read_checkpoint(Connection&);

}  // namespace fabu::store::pg
