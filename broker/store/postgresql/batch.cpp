#include "broker/store/postgresql/batch.h"

#include "broker/store/ledger/channel_list.h"

namespace fabu::store::pg {
namespace {

std::int64_t signed_of(std::uint64_t value) {
  return static_cast<std::int64_t>(value);
}

}  // namespace

void Batch::Items::add(const Dossier& item) {
  id.push_back(signed_of(item.id));
  newest.push_back(item.newest());
  state.push_back(item.state);
  received_ms.push_back(item.received_ms);
  department.push_back(item.department);
  reference.push_back(item.reference);
  index_no.push_back(item.index_no);
  entry.push_back(item.entry);
  title.push_back(item.title);
}

void Batch::Editions::add(const EditionEntry& entry) {
  const auto& edition = entry.edition;
  item.push_back(signed_of(edition.item_id()));
  number.push_back(edition.number());
  kind.push_back(edition.kind());
  state.push_back(entry.state);
  received_ms.push_back(edition.received_ms());
  log_index.push_back(signed_of(entry.log_index));
  accepted_state.push_back(entry.accepted_state);
  digest.push_back(edition.digest());
  reason.push_back(edition.reason());
  channels.push_back(joined(entry.channels));
  content.push_back(entry.content);
}

void Batch::Deliveries::add(const DeliveryEntry& entry, std::int64_t at) {
  const auto& delivery = entry.delivery;
  owner.push_back(signed_of(entry.owner));
  item.push_back(signed_of(delivery.item_id()));
  edition.push_back(delivery.edition());
  place.push_back(at);
  action.push_back(delivery.action());
  state.push_back(delivery.state());
  attempts.push_back(delivery.attempts());
  due_ms.push_back(delivery.due_ms());
  planned_ms.push_back(delivery.planned_ms());
  settled_ms.push_back(delivery.settled_ms());
  channel.push_back(delivery.channel());
  failure.push_back(delivery.last_failure().SerializeAsString());
  progress.push_back(delivery.progress());
  receipt.push_back(delivery.receipt().SerializeAsString());
  // Groups are of what is in trouble: a cause that was overcome is none.
  const bool overcome = delivery.state() == v1::DELIVERY_STATE_DELIVERED || delivery.last_failure().code().empty();
  code.push_back(overcome ? std::nullopt : std::optional(delivery.last_failure().code()));
}

void Batch::add(const Dossier& dossier) {
  if (dossier.mark != Mark::clean) (dossier.mark == Mark::fresh ? new_items_ : changed_items_).add(dossier);
  for (const auto& edition : dossier.editions) {
    if (edition.mark != Mark::clean) (edition.mark == Mark::fresh ? new_editions_ : changed_editions_).add(edition);
  }
  std::int64_t place = 0;
  for (const auto& entry : dossier.deliveries) {
    ++place;
    if (entry.mark != Mark::clean) (entry.mark == Mark::fresh ? new_deliveries_ : changed_deliveries_).add(entry, place);
  }
}

void Batch::add(const audit::Leaf& leaf) {
  entry_seq_.push_back(signed_of(leaf.seq));
  entry_item_.push_back(leaf.item_id == 0 ? std::nullopt : std::optional(signed_of(leaf.item_id)));
  entry_bytes_.push_back(leaf.bytes);
  entry_opening_.push_back(leaf.opening);
}

void Batch::add(const audit::FullTile& tile) {
  tile_level_.push_back(tile.level);
  tile_place_.push_back(signed_of(tile.index));
  tile_hashes_.push_back(tile.hashes);
  tile_root_.push_back(tile.root.raw());
}

void Batch::add_serial(const std::string& prefix, std::int64_t last) {
  serial_prefix_.push_back(prefix);
  serial_last_.push_back(last);
}

void Batch::add_count(const std::string& channel, std::int64_t open, std::int64_t dead) {
  count_channel_.push_back(channel);
  count_open_.push_back(open);
  count_dead_.push_back(dead);
}

void Batch::send_items(Connection& db) const {
  if (const auto& n = new_items_; !n.id.empty()) {
    db.send(
        "INSERT INTO item(id, department, reference, index_no, entry, title, newest, state, received_ms) "
        "SELECT * FROM unnest($1::int8[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::int8[], $8::int8[], "
        "$9::int8[])",
        Values()
            .numbers(n.id)
            .texts(n.department)
            .texts(n.reference)
            .texts(n.index_no)
            .texts(n.entry)
            .texts(n.title)
            .numbers(n.newest)
            .numbers(n.state)
            .numbers(n.received_ms));
  }
  if (const auto& c = changed_items_; !c.id.empty()) {
    db.send(
        "UPDATE item SET newest = c.newest, state = c.state, entry = c.entry, title = c.title "
        "FROM unnest($1::int8[], $2::int8[], $3::int8[], $4::text[], $5::text[]) AS c(id, newest, state, entry, title) WHERE "
        "item.id = c.id",
        Values().numbers(c.id).numbers(c.newest).numbers(c.state).texts(c.entry).texts(c.title));
  }
}

void Batch::send_editions(Connection& db) const {
  if (const auto& n = new_editions_; !n.item.empty()) {
    db.send(
        "INSERT INTO edition(item, number, kind, state, digest, received_ms, reason, log_index, accepted_state, channels) SELECT "
        "* FROM "
        "unnest($1::int8[], $2::int8[], $3::int8[], $4::int8[], $5::bytea[], $6::int8[], $7::text[], $8::int8[], $9::int8[], "
        "$10::text[])",
        Values()
            .numbers(n.item)
            .numbers(n.number)
            .numbers(n.kind)
            .numbers(n.state)
            .blobs(n.digest)
            .numbers(n.received_ms)
            .texts(n.reason)
            .numbers(n.log_index)
            .numbers(n.accepted_state)
            .texts(n.channels));
    // Beside the row, so that a change of state does not write it again.
    db.send("INSERT INTO content(item, number, bytes) SELECT * FROM unnest($1::int8[], $2::int8[], $3::bytea[])",
            Values().numbers(n.item).numbers(n.number).blobs(n.content));
  }
  if (const auto& c = changed_editions_; !c.item.empty()) {
    db.send(
        "UPDATE edition SET state = c.state FROM unnest($1::int8[], $2::int8[], $3::int8[]) AS c(item, number, state) "
        "WHERE edition.item = c.item AND edition.number = c.number",
        Values().numbers(c.item).numbers(c.number).numbers(c.state));
  }
}

void Batch::send_deliveries(Connection& db) const {
  if (const auto& n = new_deliveries_; !n.item.empty()) {
    db.send(
        "INSERT INTO delivery(item, edition, place, channel, action, state, attempts, due_ms, planned_ms, settled_ms, code, "
        "failure, "
        "progress, receipt, owner) SELECT * FROM unnest($1::int8[], $2::int8[], $3::int8[], $4::text[], $5::int8[], $6::int8[], "
        "$7::int8[], "
        "$8::int8[], $9::int8[], $10::int8[], $11::text[], $12::bytea[], $13::bytea[], $14::bytea[], $15::int8[])",
        Values()
            .numbers(n.item)
            .numbers(n.edition)
            .numbers(n.place)
            .texts(n.channel)
            .numbers(n.action)
            .numbers(n.state)
            .numbers(n.attempts)
            .numbers(n.due_ms)
            .numbers(n.planned_ms)
            .numbers(n.settled_ms)
            .optional_texts(n.code)
            .optional_blobs(n.failure)
            .optional_blobs(n.progress)
            .optional_blobs(n.receipt)
            .numbers(n.owner));
  }
  if (const auto& c = changed_deliveries_; !c.item.empty()) {
    db.send(
        "UPDATE delivery SET state = c.state, attempts = c.attempts, due_ms = c.due_ms, settled_ms = c.settled_ms, code = "
        "c.code, "
        "failure = c.failure, progress = c.progress, receipt = c.receipt, owner = c.owner FROM unnest($1::int8[], $2::int8[], "
        "$3::text[], "
        "$4::int8[], "
        "$5::int8[], $6::int8[], $7::int8[], $8::text[], $9::bytea[], $10::bytea[], $11::bytea[], $12::int8[]) AS c(item, "
        "edition, channel, "
        "state, "
        "attempts, due_ms, settled_ms, code, failure, progress, receipt, owner) "
        "WHERE delivery.item = c.item AND delivery.edition = c.edition AND delivery.channel = c.channel",
        Values()
            .numbers(c.item)
            .numbers(c.edition)
            .texts(c.channel)
            .numbers(c.state)
            .numbers(c.attempts)
            .numbers(c.due_ms)
            .numbers(c.settled_ms)
            .optional_texts(c.code)
            .optional_blobs(c.failure)
            .optional_blobs(c.progress)
            .optional_blobs(c.receipt)
            .numbers(c.owner));
  }
}

void Batch::send_log(Connection& db) const {
  if (!entry_seq_.empty()) {
    db.send(
        "INSERT INTO log_entry(seq, item, bytes, opening) SELECT * FROM unnest($1::int8[], $2::int8[], $3::bytea[], $4::bytea[])",
        Values().numbers(entry_seq_).optional_numbers(entry_item_).blobs(entry_bytes_).optional_blobs(entry_opening_));
  }
  if (!tile_level_.empty()) {
    db.send(
        "INSERT INTO log_tile(level, place, hashes, root) SELECT * FROM unnest($1::int8[], $2::int8[], $3::bytea[], $4::bytea[])",
        Values().numbers(tile_level_).numbers(tile_place_).blobs(tile_hashes_).blobs(tile_root_));
  }
}

void Batch::send_counters(Connection& db) const {
  if (!serial_prefix_.empty()) {
    db.send(
        "INSERT INTO index_serial(prefix, last) SELECT * FROM unnest($1::text[], $2::int8[]) "
        "ON CONFLICT (prefix) DO UPDATE SET last = excluded.last",
        Values().texts(serial_prefix_).numbers(serial_last_));
  }
  if (!count_channel_.empty()) {
    db.send(
        "INSERT INTO channel_count(channel, open, dead) SELECT * FROM unnest($1::text[], $2::int8[], $3::int8[]) "
        "ON CONFLICT (channel) DO UPDATE SET open = channel_count.open + excluded.open, dead = channel_count.dead + "
        "excluded.dead",
        Values().texts(count_channel_).numbers(count_open_).numbers(count_dead_));
  }
}

void Batch::send(Connection& db) {
  send_items(db);
  send_editions(db);
  send_deliveries(db);
  send_log(db);
  send_counters(db);
  *this = Batch();
}

}  // namespace fabu::store::pg
