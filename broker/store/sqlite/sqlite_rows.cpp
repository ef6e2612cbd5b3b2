#include "broker/store/sqlite/sqlite_rows.h"

#include <algorithm>
#include <utility>

#include "broker/store/ledger/channel_list.h"
#include "broker/store/sqlite/reads.h"
#include "broker/store/sqlite/rows.h"
#include "broker/store/sqlite/schema.h"

namespace fabu::store {
namespace {

EditionEntry entry_of(EditionRow row) {
  EditionEntry entry;
  entry.edition = std::move(row.edition);
  entry.state = row.state;
  entry.log_index = row.log_index;
  entry.accepted_state = row.accepted_state;
  entry.channels = split(row.channels);
  return entry;
}

std::optional<Digest> newest_record(Database& db, std::uint64_t item) {
  auto query = db.query("SELECT bytes FROM log_entry WHERE item = ? ORDER BY seq DESC LIMIT 1");
  query.bind(static_cast<std::int64_t>(item));
  if (!query.row()) return std::nullopt;
  return audit::leaf_hash(query.text(0));
}

// From the partial indexes alone.
ChannelCounts counts_of(Database& db, unsigned channel) {
  ChannelCounts counts;
  auto open = db.query("SELECT count(*) FROM delivery INDEXED BY delivery_open WHERE channel = ? AND state IN (1, 4)");
  open.bind(std::int64_t{channel});
  if (open.row()) counts.open = static_cast<std::uint64_t>(open.number(0));
  auto dead =
      db.query("SELECT count(*) FROM delivery INDEXED BY delivery_trouble WHERE channel = ? AND state IN (4, 5) AND state = 5");
  dead.bind(std::int64_t{channel});
  if (dead.row()) counts.dead = static_cast<std::uint64_t>(dead.number(0));
  return counts;
}

}  // namespace

SqliteRows::SqliteRows(Database& db) : db_(db), channels_(ChannelNumbers::read(db)) {
  for (const auto& name : channels_.names()) counts_[name] = counts_of(db, channels_.find(name));
}

std::unique_ptr<Dossier> SqliteRows::item(std::uint64_t id) {
  auto row = item_row(db_, id);
  if (!row) return nullptr;
  auto dossier = std::make_unique<Dossier>();
  dossier->id = id;
  dossier->department = std::move(row->department);
  dossier->reference = std::move(row->reference);
  dossier->index_no = std::move(row->index_no);
  dossier->entry = std::move(row->entry);
  dossier->title = std::move(row->title);
  dossier->state = row->state;
  dossier->received_ms = row->received_ms;
  for (auto& edition : edition_rows(db_, id)) dossier->editions.push_back(entry_of(std::move(edition)));
  for (auto& delivery : delivery_rows(db_, channels_.names(), id, true))
    dossier->deliveries.push_back({std::move(delivery), Mark::clean, 0});
  dossier->newest_record = newest_record(db_, id);
  return dossier;
}

std::unique_ptr<Dossier> SqliteRows::item(std::string_view department, std::string_view reference) {
  const auto id = item_by_reference(db_, department, reference);
  return id ? item(*id) : nullptr;
}

bool SqliteRows::has_index(std::string_view index_no) {
  return item_by_index(db_, index_no).has_value();
}

std::string SqliteRows::content(std::uint64_t item, std::uint32_t edition) {
  return content_of(db_, item, edition);
}

SerialRow SqliteRows::serial(const std::string& prefix) {
  SerialRow row;
  {
    auto query = db_.query("SELECT last FROM index_serial WHERE prefix = ?");
    query.bind(prefix);
    if (query.row()) row.last = query.number(0);
  }
  // Index numbers of the prefix sort between it and the prefix with its last byte raised; any but those given here counts.
  std::string end = prefix;
  if (!end.empty()) ++end.back();
  auto query = db_.query("SELECT count(*) FROM (SELECT 1 FROM item WHERE index_no >= ? AND index_no < ? LIMIT ?)");
  query.bind(prefix).bind(end).bind(row.last + 1);
  row.others_beyond = query.row() && query.number(0) > row.last;
  return row;
}

std::vector<DeliveryKey> SqliteRows::dead(const std::string& channel, const std::string& code) {
  std::vector<std::int64_t> keys;
  for (const auto& name : channels_.names()) {
    if (!channel.empty() && channel != name) continue;
    auto query = db_.query(
        "SELECT key, code FROM delivery INDEXED BY delivery_trouble WHERE channel = ? AND state IN (4, 5) AND state = 5");
    query.bind(std::int64_t{channels_.find(name)});
    while (query.row()) {
      if (code.empty() || query.text(1) == code) keys.push_back(query.number(0));
    }
  }
  std::sort(keys.begin(), keys.end());
  std::vector<DeliveryKey> dead;
  for (const auto key : keys) {
    dead.push_back({static_cast<std::uint64_t>(key) >> 24, static_cast<std::uint32_t>(key >> 8 & 0xFFFF),
                    channels_.names().at(static_cast<std::size_t>(key & 0xFF) - 1)});
  }
  return dead;
}

std::optional<KeyRecord> SqliteRows::key(const std::string& id) {
  if (id.empty()) return std::nullopt;
  auto found = read_keys(db_, id);
  if (!found || found->empty()) return std::nullopt;
  return std::move(found->front());
}

void SqliteRows::write(const Dossier& dossier) {
  if (dossier.mark != Mark::clean) write_item(dossier);
  for (const auto& edition : dossier.editions) {
    if (edition.mark != Mark::clean) write_edition(dossier, edition);
  }
  for (const auto& delivery : dossier.deliveries) {
    if (delivery.mark != Mark::clean) write_delivery(delivery);
  }
}

void SqliteRows::write_item(const Dossier& item) {
  if (item.mark == Mark::changed) {
    db_.query("UPDATE item SET newest = ?, state = ?, entry = ?, title = ? WHERE id = ?")
        .bind(std::int64_t{item.newest()})
        .bind(std::int64_t{item.state})
        .bind(item.entry)
        .bind(item.title)
        .bind(static_cast<std::int64_t>(item.id))
        .done();
    return;
  }
  db_.query(
         "INSERT INTO item(id, department, reference, index_no, entry, title, newest, state, received_ms) "
         "VALUES(?,?,?,?,?,?,?,?,?)")
      .bind(static_cast<std::int64_t>(item.id))
      .bind(item.department)
      .bind(item.reference)
      .bind(item.index_no)
      .bind(item.entry)
      .bind(item.title)
      .bind(std::int64_t{item.newest()})
      .bind(std::int64_t{item.state})
      .bind(item.received_ms)
      .done();
}

// A new edition's content lies beside its row, so that a change of state does not write it again.
void SqliteRows::write_edition(const Dossier& item, const EditionEntry& entry) {
  const auto& edition = entry.edition;
  const auto key = edition_key(item.id, edition.number());
  if (entry.mark == Mark::changed) {
    db_.query("UPDATE edition SET state = ? WHERE key = ?").bind(std::int64_t{entry.state}).bind(key).done();
    return;
  }
  const auto channels = joined(entry.channels);
  db_.query("INSERT INTO edition(" FABU_EDITION_COLUMNS ") VALUES(?,?,?,?,?,?,?,?,?)")
      .bind(key)
      .bind(std::int64_t{edition.kind()})
      .bind(std::int64_t{entry.state})
      .blob(edition.digest())
      .bind(edition.received_ms())
      .bind(edition.reason())
      .bind(static_cast<std::int64_t>(entry.log_index))
      .bind(std::int64_t{entry.accepted_state})
      .bind(channels)
      .done();
  db_.query("INSERT INTO content(edition, bytes) VALUES(?,?)").bind(key).bytes(entry.content).done();
}

void SqliteRows::write_delivery(const DeliveryEntry& entry) {
  const auto& delivery = entry.delivery;
  const auto channel = channels_.give(db_, delivery.channel());
  const auto key = delivery_key(delivery.item_id(), delivery.edition(), channel);
  const auto failure = delivery.last_failure().SerializeAsString(), receipt = delivery.receipt().SerializeAsString();
  // Groups are of what is in trouble: a cause that was overcome is none.
  const auto code = delivery.state() == v1::DELIVERY_STATE_DELIVERED ? std::string_view() : delivery.last_failure().code();
  auto query =
      entry.mark == Mark::fresh
          ? db_.query(
                "INSERT INTO delivery(state, attempts, due_ms, settled_ms, code, failure, progress, receipt, key, channel, "
                "action, planned_ms) VALUES(?,?,?,?,?,?,?,?,?,?,?,?)")
          : db_.query(
                "UPDATE delivery SET state = ?, attempts = ?, due_ms = ?, settled_ms = ?, code = ?, failure = ?, progress = ?, "
                "receipt = ? WHERE key = ?");
  query.bind(std::int64_t{delivery.state()})
      .bind(std::int64_t{delivery.attempts()})
      .bind(delivery.due_ms())
      .bind(delivery.settled_ms());
  if (code.empty()) {
    query.null();
  } else {
    query.bind(code);
  }
  query.blob(failure).blob(delivery.progress()).blob(receipt).bind(key);
  if (entry.mark == Mark::fresh)
    query.bind(std::int64_t{channel}).bind(std::int64_t{delivery.action()}).bind(delivery.planned_ms());
  query.done();
}

void SqliteRows::write(const std::vector<audit::Leaf>& leaves, const std::vector<audit::FullTile>& tiles) {
  for (const auto& leaf : leaves) {
    auto insert = db_.query("INSERT INTO log_entry(seq, item, bytes, opening) VALUES(?, ?, ?, ?)");
    insert.bind(static_cast<std::int64_t>(leaf.seq));
    if (leaf.item_id == 0) {
      insert.null();
    } else {
      insert.bind(static_cast<std::int64_t>(leaf.item_id));
    }
    insert.blob(leaf.bytes).blob(leaf.opening).done();
  }
  for (const auto& tile : tiles) {
    db_.query("INSERT INTO log_tile(key, hashes, root) VALUES(?, ?, ?)")
        .bind(tile_key(tile.level, tile.index))
        .blob(tile.hashes)
        .blob(tile.root.view())
        .done();
  }
}

void SqliteRows::write_serial(const std::string& prefix, std::int64_t last) {
  db_.query("INSERT INTO index_serial(prefix, last) VALUES(?1, ?2) ON CONFLICT(prefix) DO UPDATE SET last = ?2")
      .bind(prefix)
      .bind(last)
      .done();
}

void SqliteRows::write(const KeyRecord& key) {
  db_.query("INSERT OR REPLACE INTO api_key(id, department, name, scopes, secret, created_ms, revoked_ms) VALUES(?,?,?,?,?,?,?)")
      .bind(key.id)
      .bind(key.department)
      .bind(key.name)
      .bind(std::int64_t{key.scopes})
      .blob(key.secret.view())
      .bind(key.created_ms)
      .bind(key.revoked_ms)
      .done();
}

void SqliteRows::write_pause(const std::string& channel, const std::optional<std::string>& reason, Instant since) {
  if (!reason) {
    db_.query("DELETE FROM channel_pause WHERE channel = ?").bind(channel).done();
    return;
  }
  db_.query("INSERT OR REPLACE INTO channel_pause(channel, reason, since_ms) VALUES(?,?,?)")
      .bind(channel)
      .bind(*reason)
      .bind(to_ms(since))
      .done();
}

void SqliteRows::count(const std::string& channel, std::int64_t open, std::int64_t dead) {
  auto& counts = counts_[channel];
  counts.open += static_cast<std::uint64_t>(open);
  counts.dead += static_cast<std::uint64_t>(dead);
}

void SqliteRows::write(const StoredCheckpoint& checkpoint) {
  db_.query("INSERT OR REPLACE INTO checkpoint(size, note, time_ms) VALUES(?,?,?)")
      .bind(static_cast<std::int64_t>(checkpoint.size))
      .bind(checkpoint.note)
      .bind(checkpoint.time_ms)
      .done();
}

}  // namespace fabu::store
