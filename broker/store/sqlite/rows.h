// Rows of the database as the contract's messages.
#pragma once

#include <fabu/v1/api.pb.h>

#include <optional>
#include <string>
#include <vector>

#include "broker/store/sqlite/database.h"

namespace fabu::store {

struct ItemRow {
  std::uint64_t id = 0;
  std::string department, reference, index_no, entry, title;
  std::uint32_t newest = 0;
  v1::EditionState state = v1::EDITION_STATE_UNSPECIFIED;
  std::int64_t received_ms = 0;
};

std::optional<ItemRow> item_row(Database&, std::uint64_t id);
std::optional<std::uint64_t> item_by_reference(Database&, std::string_view department, std::string_view reference);
std::optional<std::uint64_t> item_by_index(Database&, std::string_view index_no);

struct EditionRow {
  v1::Edition edition;  // complete but for index_no, which is the item's, and content, unless asked for
  v1::EditionState state = v1::EDITION_STATE_UNSPECIFIED;
  std::uint64_t log_index = 0;
  v1::EditionState accepted_state = v1::EDITION_STATE_UNSPECIFIED;
  std::string channels;  // as planned at acceptance, separated by commas
};
// Oldest first, without content.
std::vector<EditionRow> edition_rows(Database&, std::uint64_t item);
std::optional<EditionRow> edition_row(Database&, std::uint64_t item, std::uint32_t number);
// Throws when there is no such edition: whoever asks has its row.
std::string content_of(Database&, std::uint64_t item, std::uint32_t number);
// `with_progress` false leaves the adapter's notes out.
std::vector<v1::Delivery> delivery_rows(Database&, const std::vector<std::string>& channel_names, std::uint64_t item,
                                        bool with_progress);
std::optional<v1::Delivery> delivery_row(Database&, const std::string& channel, unsigned channel_number, std::uint64_t item,
                                         std::uint32_t edition);

// The stored columns of a delivery read from `query` at `first`: state, action, attempts, due_ms, planned_ms, settled_ms,
// failure, receipt, progress.
v1::Delivery delivery_of(const Query& query, int first, std::int64_t key, const std::string& channel, bool with_progress);
#define FABU_EDITION_COLUMNS "key, kind, state, digest, received_ms, reason, log_index, accepted_state, channels"
#define FABU_DELIVERY_COLUMNS "state, action, attempts, due_ms, planned_ms, settled_ms, failure, receipt, progress"

}  // namespace fabu::store
