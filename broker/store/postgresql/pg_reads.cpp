#include "broker/store/postgresql/pg_reads.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "broker/store/ledger/delivery_name.h"
#include "broker/store/postgresql/decode.h"

namespace fabu::store::pg {
namespace {

std::int64_t number(std::uint64_t value) {
  return static_cast<std::int64_t>(value);
}

Error no_delivery(const std::string& id) {
  return Error{ErrorCode::not_found,
               "delivery",
               "There is no delivery `" + id.substr(0, 100) + "`.",
               "A delivery is named ITEM-EDITION-CHANNEL.",
               {}};
}

Result<std::optional<std::uint64_t>> id_of(const Answer& rows) {
  if (rows.count() == 0) return std::optional<std::uint64_t>{};
  return std::optional(static_cast<std::uint64_t>(rows.number(0, 0)));
}

// The edition with its content, what came before it, and the receipt of the newest edition that the channel has.
v1::Work work_of(Connection& db, v1::Delivery delivery) {
  v1::Work work;
  const auto item = number(delivery.item_id());
  const auto editions = db.query("SELECT " FABU_PG_EDITION " FROM edition WHERE item = $1 AND number <= $2 ORDER BY number",
                                 Values().number(item).number(delivery.edition()));
  for (int row = 0; row < editions.count(); ++row) {
    auto edition = edition_of(editions, row).edition;
    if (edition.number() == delivery.edition()) {
      *work.mutable_edition() = std::move(edition);
      continue;
    }
    auto& note = *work.add_history();
    note.set_number(edition.number());
    note.set_kind(edition.kind());
    note.set_digest(edition.digest());
    note.set_received_ms(edition.received_ms());
    note.set_reason(edition.reason());
  }
  const auto content =
      db.query("SELECT bytes, (SELECT index_no FROM item WHERE id = $1) FROM content WHERE item = $1 AND number = $2",
               Values().number(item).number(delivery.edition()));
  if (content.count() > 0) {
    work.mutable_edition()->set_content(content.string(0, 0));
    work.mutable_edition()->set_index_no(content.string(0, 1));
  }
  const auto standing =
      db.query("SELECT receipt FROM delivery WHERE item = $1 AND channel = $2 AND state = 3 ORDER BY edition DESC LIMIT 1",
               Values().number(item).text(delivery.channel()));
  if (standing.count() > 0)
    work.mutable_standing()->ParseFromArray(standing.text(0, 0).data(), static_cast<int>(standing.text(0, 0).size()));
  *work.mutable_delivery() = std::move(delivery);
  return work;
}

// The cursor of a scan, "due_ms:item:edition" of the last row looked at.
struct Place {
  std::int64_t due = 0, item = 0, edition = 0;
};
Place place_of(const std::string& cursor) {
  Place place;
  const auto first = cursor.find(':'), second = cursor.find(':', first + 1);
  if (first == std::string::npos || second == std::string::npos) return place;
  place.due = std::stoll(cursor.substr(0, first));
  place.item = std::stoll(cursor.substr(first + 1, second - first - 1));
  place.edition = std::stoll(cursor.substr(second + 1));
  return place;
}

}  // namespace

Result<std::optional<std::uint64_t>> read_item_by_reference(Connection& db, std::string_view department,
                                                            std::string_view reference) {
  return id_of(
      db.query("SELECT id FROM item WHERE department = $1 AND reference = $2", Values().text(department).text(reference)));
}

Result<std::optional<std::uint64_t>> read_item_by_index(Connection& db, std::string_view index_no) {
  return id_of(db.query("SELECT id FROM item WHERE index_no = $1", Values().text(index_no)));
}

Result<v1::ItemView> read_item(Connection& db, std::uint64_t item_id) {
  const auto id = Values().number(number(item_id));
  const auto item = db.query("SELECT index_no, department, reference, entry, title, state FROM item WHERE id = $1", id);
  if (item.count() == 0) return Error{ErrorCode::not_found, "item", "There is no such item.", "Check the number.", {}};
  v1::ItemView view;
  view.set_item_id(item_id);
  view.set_index_no(item.string(0, 0));
  view.set_department(item.string(0, 1));
  view.set_reference(item.string(0, 2));
  view.set_catalogue_entry(item.string(0, 3));
  view.set_title(item.string(0, 4));
  view.set_state(static_cast<v1::EditionState>(item.number(0, 5)));
  const auto editions = db.query(
      "SELECT " FABU_PG_EDITION ", bytes FROM edition JOIN content USING (item, number) WHERE item = $1 ORDER BY number", id);
  for (int row = 0; row < editions.count(); ++row) {
    auto entry = edition_of(editions, row);
    auto& added = *view.add_editions();
    *added.mutable_edition() = std::move(entry.edition);
    added.mutable_edition()->set_content(editions.string(row, 10));
    added.mutable_edition()->set_index_no(view.index_no());
    added.set_state(entry.state);
  }
  const auto deliveries = db.query("SELECT " FABU_PG_DELIVERY " FROM delivery WHERE item = $1 ORDER BY edition, place", id);
  for (int row = 0; row < deliveries.count(); ++row) *view.add_deliveries() = delivery_of(deliveries, row, false);
  return view;
}

Result<std::vector<v1::ItemSummary>> read_items(Connection& db, const ItemQuery& wanted) {
  const auto rows = db.query(
      "SELECT id, department, reference, index_no, entry, title, newest, state, received_ms FROM item "
      "WHERE id < $1 AND ($2 = '' OR department = $2) AND ($3 = '' OR entry = $3) ORDER BY id DESC LIMIT $4",
      Values()
          .number(wanted.before == 0 ? INT64_MAX : number(wanted.before))
          .text(wanted.department)
          .text(wanted.entry)
          .number(std::min(wanted.limit, 500U)));
  std::vector<v1::ItemSummary> items;
  for (int row = 0; row < rows.count(); ++row) {
    auto& item = items.emplace_back();
    item.set_item_id(static_cast<std::uint64_t>(rows.number(row, 0)));
    item.set_department(rows.string(row, 1));
    item.set_reference(rows.string(row, 2));
    item.set_index_no(rows.string(row, 3));
    item.set_catalogue_entry(rows.string(row, 4));
    item.set_title(rows.string(row, 5));
    item.set_edition(static_cast<std::uint32_t>(rows.number(row, 6)));
    item.set_state(static_cast<v1::EditionState>(rows.number(row, 7)));
    item.set_received_ms(rows.number(row, 8));
  }
  return items;
}

Result<std::vector<v1::Delivery>> read_deliveries(Connection& db, const DeliveryQuery& wanted) {
  DeliveryKey after;
  std::int64_t place = -1;
  if (!wanted.after.empty()) {
    auto key = parse_delivery_id(wanted.after);
    if (!key) return key.error();
    after = std::move(*key);
    const auto known = db.query("SELECT place FROM delivery WHERE item = $1 AND edition = $2 AND channel = $3",
                                Values().number(number(after.item)).number(after.edition).text(after.channel));
    place = known.count() > 0 ? known.number(0, 0) : 0;
  }
  const auto rows = db.query(
      "SELECT " FABU_PG_DELIVERY
      " FROM delivery WHERE (item, edition, place) > ($1, $2, $3) AND ($4 = 0 OR item = $4) AND ($5 = '' OR channel = $5) "
      "AND ($6 = 0 OR state = $6) AND ($7 = '' OR code = $7) ORDER BY item, edition, place LIMIT $8",
      Values()
          .number(number(after.item))
          .number(after.edition)
          .number(place)
          .number(number(wanted.item_id))
          .text(wanted.channel)
          .number(wanted.state ? std::int64_t{*wanted.state} : 0)
          .text(wanted.code)
          .number(std::min(wanted.limit, 1000U)));
  std::vector<v1::Delivery> deliveries;
  for (int row = 0; row < rows.count(); ++row) deliveries.push_back(delivery_of(rows, row, false));
  return deliveries;
}

Result<v1::Delivery> read_delivery(Connection& db, const std::string& id) {
  const auto key = parse_delivery_id(id);
  if (!key) return key.error();
  const auto rows = db.query("SELECT " FABU_PG_DELIVERY " FROM delivery WHERE item = $1 AND edition = $2 AND channel = $3",
                             Values().number(number(key->item)).number(key->edition).text(key->channel));
  if (rows.count() == 0) return no_delivery(id);
  return delivery_of(rows, 0, true);
}

Result<std::vector<v1::DeliveryGroup>> read_groups(Connection& db) {
  const auto rows = db.query(
      "SELECT channel, state, code, count, item, edition, (SELECT failure FROM delivery AS d WHERE d.item = g.item AND d.edition "
      "= "
      "g.edition AND d.channel = g.channel) FROM (SELECT channel, state, code, count(*) AS count, (min(ARRAY[item, edition]))[1] "
      "AS item, "
      "(min(ARRAY[item, edition]))[2] AS edition FROM delivery WHERE state IN (4, 5) GROUP BY channel, state, code "
      "ORDER BY count(*) DESC LIMIT 1000) AS g ORDER BY count DESC");
  std::vector<v1::DeliveryGroup> groups;
  for (int row = 0; row < rows.count(); ++row) {
    auto& group = groups.emplace_back();
    group.set_channel(rows.string(row, 0));
    group.set_state(static_cast<v1::DeliveryState>(rows.number(row, 1)));
    group.set_code(rows.string(row, 2));
    group.set_count(static_cast<std::uint64_t>(rows.number(row, 3)));
    group.set_example_id(delivery_id(static_cast<std::uint64_t>(rows.number(row, 4)),
                                     static_cast<std::uint32_t>(rows.number(row, 5)), group.channel()));
    v1::Failure failure;
    failure.ParseFromArray(rows.text(row, 6).data(), static_cast<int>(rows.text(row, 6).size()));
    group.set_message(failure.message());
  }
  return groups;
}

Result<ChannelCounts> read_counts(Connection& db, const std::string& channel) {
  const auto rows = db.query("SELECT open, dead FROM channel_count WHERE channel = $1", Values().text(channel));
  if (rows.count() == 0) return ChannelCounts{};
  return ChannelCounts{static_cast<std::uint64_t>(rows.number(0, 0)), static_cast<std::uint64_t>(rows.number(0, 1))};
}

// Those of which an older edition is still open on the channel are looked at and left out.
Result<OpenBatch> read_open(Connection& db, const OpenQuery& wanted, std::uint64_t owner) {
  OpenBatch batch;
  const auto place = place_of(wanted.after);
  const auto rows =
      db.query("SELECT " FABU_PG_DELIVERY
               ", EXISTS (SELECT 1 FROM delivery AS older WHERE older.item = d.item AND older.edition < d.edition AND "
               "older.channel = d.channel AND "
               "older.state IN (1, 4))::int::int8 FROM delivery AS d WHERE owner = $7 AND channel = $1 AND state IN (1, 4) AND "
               "due_ms <= $2 AND "
               "(due_ms, item, edition) > ($3, $4, $5) ORDER BY due_ms, item, edition LIMIT $6",
               Values()
                   .text(wanted.channel)
                   .number(to_ms(wanted.due))
                   .number(place.due)
                   .number(place.item)
                   .number(place.edition)
                   .number(wanted.limit)
                   .number(number(owner)));
  for (int row = 0; row < rows.count(); ++row) {
    if (rows.number(row, 12) == 0) batch.works.push_back(work_of(db, delivery_of(rows, row, true)));
  }
  if (const int last = rows.count() - 1; rows.count() == static_cast<int>(wanted.limit) && last >= 0) {
    batch.cursor = std::to_string(rows.number(last, 6)) + ":" + std::to_string(rows.number(last, 0)) + ":" +
                   std::to_string(rows.number(last, 1));
  }
  const auto later =
      db.query("SELECT min(due_ms) FROM delivery WHERE owner = $3 AND channel = $1 AND state IN (1, 4) AND due_ms > $2",
               Values().text(wanted.channel).number(to_ms(wanted.due)).number(number(owner)));
  if (!later.is_null(0, 0)) batch.next_due = from_ms(later.number(0, 0));
  return batch;
}

Result<v1::Work> read_work(Connection& db, const std::string& id) {
  auto delivery = read_delivery(db, id);
  if (!delivery) return delivery.error();
  return work_of(db, std::move(*delivery));
}

Result<std::vector<PausedChannel>> read_paused(Connection& db) {
  const auto rows = db.query("SELECT channel, reason FROM channel_pause ORDER BY channel");
  std::vector<PausedChannel> paused;
  for (int row = 0; row < rows.count(); ++row) paused.push_back({rows.string(row, 0), rows.string(row, 1)});
  return paused;
}

Result<std::vector<KeyRecord>> read_keys(Connection& db, std::string_view id) {
  const auto rows =
      db.query("SELECT " FABU_PG_KEY " FROM api_key WHERE ($1 = '' OR id = $1) ORDER BY created_ms, id", Values().text(id));
  std::vector<KeyRecord> keys;
  for (int row = 0; row < rows.count(); ++row) keys.push_back(key_of(rows, row));
  return keys;
}

}  // namespace fabu::store::pg
