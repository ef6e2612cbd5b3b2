#include <algorithm>
#include <utility>

#include "broker/store/ledger/delivery_name.h"
#include "broker/store/sqlite/reads.h"
#include "broker/store/sqlite/rows.h"
#include "broker/store/sqlite/schema.h"

namespace fabu::store {
namespace {

std::vector<std::string> channel_names(Database& db) {
  std::vector<std::string> names;
  auto query = db.query("SELECT name FROM channel ORDER BY number");
  while (query.row()) names.emplace_back(query.text(0));
  return names;
}

std::int64_t channel_number(Database& db, std::string_view name) {
  auto query = db.query("SELECT number FROM channel WHERE name = ?");
  query.bind(name);
  return query.row() ? query.number(0) : 0;
}

Error no_delivery(const std::string& id) {
  return Error{ErrorCode::not_found,
               "delivery",
               "There is no delivery `" + id.substr(0, 100) + "`.",
               "A delivery is named ITEM-EDITION-CHANNEL.",
               {}};
}

void add_history(Database& db, v1::Work& work) {
  if (work.edition().number() < 2) return;
  for (const auto& row : edition_rows(db, work.edition().item_id())) {
    if (row.edition.number() >= work.edition().number()) break;
    auto& note = *work.add_history();
    note.set_number(row.edition.number());
    note.set_kind(row.edition.kind());
    note.set_digest(row.edition.digest());
    note.set_received_ms(row.edition.received_ms());
    note.set_reason(row.edition.reason());
  }
}

// The receipt of the newest edition that the channel has.
void add_standing(Database& db, v1::Work& work, std::int64_t channel) {
  const auto item = work.edition().item_id();
  auto query =
      db.query("SELECT receipt FROM delivery WHERE key >= ? AND key < ? AND channel = ? AND state = 3 ORDER BY key DESC LIMIT 1");
  query.bind(delivery_key(item, 0, 0)).bind(delivery_key(item + 1, 0, 0)).bind(channel);
  if (query.row()) work.mutable_standing()->ParseFromArray(query.text(0).data(), static_cast<int>(query.text(0).size()));
}

v1::Work work_of(Database& db, v1::Delivery delivery, std::int64_t channel) {
  v1::Work work;
  if (auto row = edition_row(db, delivery.item_id(), delivery.edition())) {
    *work.mutable_edition() = std::move(row->edition);
    work.mutable_edition()->set_content(content_of(db, delivery.item_id(), delivery.edition()));
    if (const auto item = item_row(db, delivery.item_id())) work.mutable_edition()->set_index_no(item->index_no);
  }
  *work.mutable_delivery() = std::move(delivery);
  add_history(db, work);
  add_standing(db, work, channel);
  return work;
}

// An older edition of the item is still open on the channel.
bool has_open_predecessor(Database& db, std::int64_t key, std::int64_t channel) {
  auto query = db.query("SELECT 1 FROM delivery WHERE key >= ? AND key < ? AND channel = ? AND state IN (1, 4) LIMIT 1");
  query.bind(delivery_key(static_cast<std::uint64_t>(key) >> 24, 0, 0)).bind(key).bind(channel);
  return query.row();
}

// The cursor is "due_ms:key" of the last row looked at.
std::pair<std::int64_t, std::int64_t> place_of(const std::string& cursor) {
  const auto colon = cursor.find(':');
  if (colon == std::string::npos) return {0, 0};
  return {std::stoll(cursor.substr(0, colon)), std::stoll(cursor.substr(colon + 1))};
}

}  // namespace

Result<v1::ItemView> read_item(Database& db, std::uint64_t item_id) {
  const auto item = item_row(db, item_id);
  if (!item) return Error{ErrorCode::not_found, "item", "There is no such item.", "Check the number.", {}};
  v1::ItemView view;
  view.set_item_id(item->id);
  view.set_index_no(item->index_no);
  view.set_department(item->department);
  view.set_reference(item->reference);
  view.set_catalogue_entry(item->entry);
  view.set_title(item->title);
  view.set_state(item->state);
  for (auto& row : edition_rows(db, item_id)) {
    auto& edition = *view.add_editions();
    *edition.mutable_edition() = std::move(row.edition);
    edition.mutable_edition()->set_content(content_of(db, item_id, edition.edition().number()));
    edition.mutable_edition()->set_index_no(item->index_no);
    edition.set_state(row.state);
  }
  for (auto& delivery : delivery_rows(db, channel_names(db), item_id, false)) *view.add_deliveries() = std::move(delivery);
  return view;
}

Result<std::vector<v1::ItemSummary>> read_items(Database& db, const ItemQuery& wanted) {
  auto query = db.query(
      "SELECT id, department, reference, index_no, entry, title, newest, state, received_ms FROM item "
      "WHERE id < ? AND (?2 = '' OR department = ?2) AND (?3 = '' OR entry = ?3) ORDER BY id DESC LIMIT ?4");
  query.bind(wanted.before == 0 ? INT64_MAX : static_cast<std::int64_t>(wanted.before))
      .bind(wanted.department)
      .bind(wanted.entry);
  query.bind(std::int64_t{std::min(wanted.limit, 500U)});
  std::vector<v1::ItemSummary> items;
  while (query.row()) {
    auto& item = items.emplace_back();
    item.set_item_id(static_cast<std::uint64_t>(query.number(0)));
    item.set_department(std::string(query.text(1)));
    item.set_reference(std::string(query.text(2)));
    item.set_index_no(std::string(query.text(3)));
    item.set_catalogue_entry(std::string(query.text(4)));
    item.set_title(std::string(query.text(5)));
    item.set_edition(static_cast<std::uint32_t>(query.number(6)));
    item.set_state(static_cast<v1::EditionState>(query.number(7)));
    item.set_received_ms(query.number(8));
  }
  return items;
}

Result<std::vector<v1::Delivery>> read_deliveries(Database& db, const DeliveryQuery& wanted) {
  const auto names = channel_names(db);
  std::int64_t channel = 0;
  if (!wanted.channel.empty()) {
    channel = channel_number(db, wanted.channel);
    if (channel == 0) return std::vector<v1::Delivery>{};
  }
  std::int64_t after = -1;
  if (!wanted.after.empty()) {
    const auto name = parse_delivery_id(wanted.after);
    if (!name) return name.error();
    after = delivery_key(name->item, name->edition, static_cast<unsigned>(channel_number(db, name->channel)));
  }
  const std::int64_t end = wanted.item_id == 0 ? INT64_MAX : delivery_key(wanted.item_id + 1, 0, 0);
  if (wanted.item_id != 0) after = std::max(after, delivery_key(wanted.item_id, 0, 0));
  auto query = db.query("SELECT " FABU_DELIVERY_COLUMNS
                        ", key, channel FROM delivery WHERE key > ?1 AND key < ?2 AND (?3 = 0 OR channel = ?3) "
                        "AND (?4 = 0 OR state = ?4) AND (?5 = '' OR code = ?5) ORDER BY key LIMIT ?6");
  query.bind(after).bind(end).bind(channel).bind(wanted.state ? std::int64_t{*wanted.state} : 0).bind(wanted.code);
  query.bind(std::int64_t{std::min(wanted.limit, 1000U)});
  std::vector<v1::Delivery> deliveries;
  while (query.row()) {
    deliveries.push_back(delivery_of(query, 0, query.number(9), names.at(static_cast<std::size_t>(query.number(10)) - 1), false));
  }
  return deliveries;
}

Result<v1::Delivery> read_delivery(Database& db, const std::string& id) {
  const auto name = parse_delivery_id(id);
  if (!name) return name.error();
  const auto channel = channel_number(db, name->channel);
  auto delivery = delivery_row(db, name->channel, static_cast<unsigned>(channel), name->item, name->edition);
  if (channel == 0 || !delivery) return no_delivery(id);
  return *delivery;
}

Result<std::vector<v1::DeliveryGroup>> read_groups(Database& db) {
  const auto names = channel_names(db);
  auto query = db.query(
      "SELECT channel, state, code, count(*), min(key) FROM delivery INDEXED BY delivery_trouble WHERE state IN (4, 5) "
      "GROUP BY channel, state, code ORDER BY count(*) DESC LIMIT 1000");
  std::vector<v1::DeliveryGroup> groups;
  std::vector<std::int64_t> examples;
  while (query.row()) {
    auto& group = groups.emplace_back();
    group.set_channel(names.at(static_cast<std::size_t>(query.number(0)) - 1));
    group.set_state(static_cast<v1::DeliveryState>(query.number(1)));
    group.set_code(std::string(query.text(2)));
    group.set_count(static_cast<std::uint64_t>(query.number(3)));
    examples.push_back(query.number(4));
  }
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const auto item = static_cast<std::uint64_t>(examples[i]) >> 24;
    const auto edition = static_cast<std::uint32_t>(examples[i] >> 8 & 0xFFFF);
    groups[i].set_example_id(delivery_id(item, edition, groups[i].channel()));
    const auto example = delivery_row(db, groups[i].channel(), static_cast<unsigned>(examples[i] & 0xFF), item, edition);
    if (example) groups[i].set_message(example->last_failure().message());
  }
  return groups;
}

Result<OpenBatch> read_open(Database& db, const OpenQuery& wanted) {
  OpenBatch batch;
  const auto channel = channel_number(db, wanted.channel);
  if (channel == 0) return batch;
  const auto [due, key] = place_of(wanted.after);
  std::vector<v1::Delivery> found;
  std::size_t looked_at = 0;
  {
    auto query =
        db.query("SELECT " FABU_DELIVERY_COLUMNS
                 ", key FROM delivery INDEXED BY delivery_open WHERE channel = ?1 AND state IN (1, 4) AND due_ms <= ?2 AND "
                 "(due_ms, key) > (?3, ?4) ORDER BY due_ms, key LIMIT ?5");
    query.bind(channel).bind(to_ms(wanted.due)).bind(due).bind(key).bind(std::int64_t{wanted.limit});
    while (query.row()) {
      ++looked_at;
      batch.cursor = std::to_string(query.number(3)) + ":" + std::to_string(query.number(9));
      if (!has_open_predecessor(db, query.number(9), channel))
        found.push_back(delivery_of(query, 0, query.number(9), wanted.channel, true));
    }
  }
  for (auto& delivery : found) batch.works.push_back(work_of(db, std::move(delivery), channel));
  if (looked_at < wanted.limit) batch.cursor.clear();
  auto later =
      db.query("SELECT min(due_ms) FROM delivery INDEXED BY delivery_open WHERE channel = ? AND state IN (1, 4) AND due_ms > ?");
  later.bind(channel).bind(to_ms(wanted.due));
  if (later.row() && later.number(0) > 0) batch.next_due = from_ms(later.number(0));
  return batch;
}

Result<v1::Work> read_work(Database& db, const std::string& id) {
  auto delivery = read_delivery(db, id);
  if (!delivery) return delivery.error();
  const auto channel = channel_number(db, delivery->channel());
  return work_of(db, std::move(*delivery), channel);
}

Result<std::vector<PausedChannel>> read_paused(Database& db) {
  auto query = db.query("SELECT channel, reason FROM channel_pause ORDER BY channel");
  std::vector<PausedChannel> paused;
  while (query.row()) paused.push_back({std::string(query.text(0)), std::string(query.text(1))});
  return paused;
}

Result<std::vector<KeyRecord>> read_keys(Database& db, std::string_view id) {
  auto query = db.query(
      "SELECT id, department, name, scopes, secret, created_ms, revoked_ms FROM api_key WHERE (?1 = '' OR id = ?1) ORDER BY "
      "created_ms");
  query.bind(id);
  std::vector<KeyRecord> keys;
  while (query.row()) {
    keys.push_back({std::string(query.text(0)), std::string(query.text(1)), std::string(query.text(2)),
                    static_cast<std::uint8_t>(query.number(3)), Digest::from_raw(query.text(4)).value_or(Digest{}),
                    query.number(5), query.number(6)});
  }
  return keys;
}

}  // namespace fabu::store
