#include "broker/store/sqlite/rows.h"

#include <stdexcept>

#include "broker/store/ledger/delivery_name.h"
#include "broker/store/sqlite/schema.h"

namespace fabu::store {
namespace {

std::optional<std::uint64_t> id_of(Query& query) {
  if (!query.row()) return std::nullopt;
  return static_cast<std::uint64_t>(query.number(0));
}

EditionRow edition_of(const Query& query, std::uint64_t item) {
  EditionRow row;
  auto& edition = row.edition;
  edition.set_item_id(item);
  edition.set_number(static_cast<std::uint32_t>(query.number(0) & 0xFFFF));
  edition.set_kind(static_cast<v1::EditionKind>(query.number(1)));
  row.state = static_cast<v1::EditionState>(query.number(2));
  edition.set_digest(std::string(query.text(3)));
  edition.set_received_ms(query.number(4));
  edition.set_reason(std::string(query.text(5)));
  row.log_index = static_cast<std::uint64_t>(query.number(6));
  row.accepted_state = static_cast<v1::EditionState>(query.number(7));
  row.channels = query.text(8);
  return row;
}

}  // namespace

std::optional<ItemRow> item_row(Database& db, std::uint64_t id) {
  auto query =
      db.query("SELECT department, reference, index_no, entry, title, newest, state, received_ms FROM item WHERE id = ?");
  query.bind(static_cast<std::int64_t>(id));
  if (!query.row()) return std::nullopt;
  return ItemRow{id,
                 std::string(query.text(0)),
                 std::string(query.text(1)),
                 std::string(query.text(2)),
                 std::string(query.text(3)),
                 std::string(query.text(4)),
                 static_cast<std::uint32_t>(query.number(5)),
                 static_cast<v1::EditionState>(query.number(6)),
                 query.number(7)};
}

std::optional<std::uint64_t> item_by_reference(Database& db, std::string_view department, std::string_view reference) {
  auto query = db.query("SELECT id FROM item WHERE department = ? AND reference = ?");
  query.bind(department).bind(reference);
  return id_of(query);
}

std::optional<std::uint64_t> item_by_index(Database& db, std::string_view index_no) {
  auto query = db.query("SELECT id FROM item WHERE index_no = ?");
  query.bind(index_no);
  return id_of(query);
}

std::vector<EditionRow> edition_rows(Database& db, std::uint64_t item) {
  auto query = db.query("SELECT " FABU_EDITION_COLUMNS " FROM edition WHERE key >= ? AND key <= ? ORDER BY key");
  query.bind(edition_key(item, 0)).bind(edition_key(item, kMaxEditions));
  std::vector<EditionRow> rows;
  while (query.row()) rows.push_back(edition_of(query, item));
  return rows;
}

std::optional<EditionRow> edition_row(Database& db, std::uint64_t item, std::uint32_t number) {
  auto query = db.query("SELECT " FABU_EDITION_COLUMNS " FROM edition WHERE key = ?");
  query.bind(edition_key(item, number));
  if (!query.row()) return std::nullopt;
  return edition_of(query, item);
}

std::string content_of(Database& db, std::uint64_t item, std::uint32_t number) {
  auto query = db.query("SELECT bytes FROM content WHERE edition = ?");
  query.bind(edition_key(item, number));
  if (!query.row())
    throw std::logic_error("edition " + std::to_string(number) + " of item " + std::to_string(item) + " has no content");
  return std::string(query.text(0));
}

v1::Delivery delivery_of(const Query& query, int first, std::int64_t key, const std::string& channel, bool with_progress) {
  v1::Delivery d;
  d.set_item_id(static_cast<std::uint64_t>(key) >> 24);
  d.set_edition(static_cast<std::uint32_t>(key >> 8 & 0xFFFF));
  d.set_channel(channel);
  d.set_id(delivery_id(d.item_id(), d.edition(), channel));
  d.set_state(static_cast<v1::DeliveryState>(query.number(first)));
  d.set_action(static_cast<v1::Action>(query.number(first + 1)));
  d.set_attempts(static_cast<std::uint32_t>(query.number(first + 2)));
  d.set_due_ms(query.number(first + 3));
  d.set_planned_ms(query.number(first + 4));
  d.set_settled_ms(query.number(first + 5));
  const auto failure = query.text(first + 6), receipt = query.text(first + 7);
  if (!failure.empty()) d.mutable_last_failure()->ParseFromArray(failure.data(), static_cast<int>(failure.size()));
  if (!receipt.empty()) d.mutable_receipt()->ParseFromArray(receipt.data(), static_cast<int>(receipt.size()));
  if (with_progress) d.set_progress(std::string(query.text(first + 8)));
  return d;
}

std::vector<v1::Delivery> delivery_rows(Database& db, const std::vector<std::string>& channel_names, std::uint64_t item,
                                        bool with_progress) {
  auto query = db.query("SELECT " FABU_DELIVERY_COLUMNS ", key, channel FROM delivery WHERE key >= ? AND key < ? ORDER BY key");
  query.bind(delivery_key(item, 0, 0)).bind(delivery_key(item + 1, 0, 0));
  std::vector<v1::Delivery> rows;
  while (query.row()) {
    rows.push_back(
        delivery_of(query, 0, query.number(9), channel_names.at(static_cast<std::size_t>(query.number(10)) - 1), with_progress));
  }
  return rows;
}

std::optional<v1::Delivery> delivery_row(Database& db, const std::string& channel, unsigned channel_number, std::uint64_t item,
                                         std::uint32_t edition) {
  const auto key = delivery_key(item, edition, channel_number);
  auto query = db.query("SELECT " FABU_DELIVERY_COLUMNS " FROM delivery WHERE key = ?");
  query.bind(key);
  if (!query.row()) return std::nullopt;
  return delivery_of(query, 0, key, channel, true);
}

}  // namespace fabu::store
