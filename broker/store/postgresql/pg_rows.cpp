#include "broker/store/postgresql/pg_rows.h"

#include <algorithm>
#include <set>
#include <stdexcept>
#include <utility>

#include "broker/store/postgresql/decode.h"
#include "broker/store/postgresql/ownership.h"

namespace fabu::store::pg {
namespace {

// The items that are asked for, by number or by reference.
#define FABU_PG_WANTED                                                                             \
  "(SELECT unnest($1::int8[]) UNION SELECT item.id FROM unnest($2::text[], $3::text[]) AS r(d, f)" \
  " JOIN item ON item.department = r.d AND item.reference = r.f)"

// How far the prefixes have come, and whether an item of the prefix sorts after that.
constexpr const char* kSerials =
    "SELECT p, last, EXISTS (SELECT 1 FROM item WHERE index_no > p || lpad(last::text, 5, '0') "
    "AND index_no < left(p, -1) || chr(ascii(right(p, 1)) + 1))::int::int8 FROM (SELECT p, coalesce((SELECT last FROM "
    "index_serial "
    "WHERE prefix = p), 0) AS last FROM unnest($1::text[]) AS p) AS known";

// Records appended since, of which only the newest is read itself. Usually none: then nothing else of it is computed.
constexpr const char* kAppended =
    "SELECT sha256('\\x00'::bytea || bytes), CASE WHEN seq = (SELECT max(seq) FROM log_entry) THEN bytes END, "
    "(SELECT max(id) FROM item) FROM log_entry WHERE seq >= $1 ORDER BY seq LIMIT $2";

Head head_of(const Answer& head, const Answer& appended) {
  Head now;
  now.size = static_cast<std::uint64_t>(head.number(0, 0));
  now.root = Digest::from_raw(head.text(0, 1)).value_or(Digest{});
  now.generation = head.number(0, 2);
  for (int row = 0; row < appended.count(); ++row) {
    now.appended.push_back(Digest::from_raw(appended.text(row, 0)).value_or(Digest{}));
    now.newest_record = appended.string(row, 1);
    now.newest_item = static_cast<std::uint64_t>(appended.number(row, 2));
  }
  return now;
}

}  // namespace

struct PgRows::Wanted {
  std::vector<std::int64_t> ids;
  std::vector<std::string> departments, references, indexes, prefixes;
  bool items() const { return !ids.empty() || !references.empty(); }
};

Head PgRows::begin(std::uint64_t session, std::uint64_t known, const std::vector<Need>& needs) {
  session_ = session;
  items_.clear();
  references_.clear();
  indexes_.clear();
  serials_.clear();
  batch_ = Batch();
  notices_ = Notices();
  db_.send("BEGIN");
  db_.send("SELECT size, root, generation FROM log_head FOR UPDATE");
  db_.send(kAppended, Values().number(static_cast<std::int64_t>(known)).number(kFollowed));
  Wanted wanted = this->wanted(needs);
  ask(wanted);
  const auto answers = db_.sync();
  take(wanted, answers, 3);
  return head_of(answers[1], answers[2]);
}

void PgRows::prefetch(const std::vector<Need>& needs) {
  const Wanted wanted = this->wanted(needs);
  ask(wanted);
  take(wanted, db_.sync(), 0);
}

PgRows::Wanted PgRows::wanted(const std::vector<Need>& needs) const {
  Wanted wanted;
  for (const auto& need : needs) {
    if (need.item != 0) wanted.ids.push_back(static_cast<std::int64_t>(need.item));
    if (!need.reference.empty()) {
      wanted.departments.push_back(need.department);
      wanted.references.push_back(need.reference);
    }
    if (!need.index_no.empty()) wanted.indexes.push_back(need.index_no);
    if (!need.index_prefix.empty()) wanted.prefixes.push_back(need.index_prefix);
  }
  std::sort(wanted.prefixes.begin(), wanted.prefixes.end());
  wanted.prefixes.erase(std::unique(wanted.prefixes.begin(), wanted.prefixes.end()), wanted.prefixes.end());
  return wanted;
}

void PgRows::ask(const Wanted& wanted) {
  if (wanted.items()) {
    const auto whose = Values().numbers(wanted.ids).texts(wanted.departments).texts(wanted.references);
    db_.send(
        "SELECT id, department, reference, index_no, entry, title, state, received_ms, (SELECT bytes FROM log_entry WHERE item = "
        "i.id ORDER BY seq DESC LIMIT 1) FROM item AS i WHERE id IN " FABU_PG_WANTED,
        whose);
    db_.send("SELECT " FABU_PG_EDITION " FROM edition WHERE item IN " FABU_PG_WANTED " ORDER BY item, number", whose);
    db_.send("SELECT " FABU_PG_DELIVERY ", owner FROM delivery WHERE item IN " FABU_PG_WANTED " ORDER BY item, edition, place",
             whose);
  }
  if (!wanted.indexes.empty())
    db_.send("SELECT index_no FROM item WHERE index_no = ANY($1::text[])", Values().texts(wanted.indexes));
  if (!wanted.prefixes.empty()) db_.send(kSerials, Values().texts(wanted.prefixes));
}

void PgRows::take(const Wanted& wanted, const std::vector<Answer>& answers, std::size_t next) {
  if (wanted.items()) {
    for (const auto id : wanted.ids) items_[static_cast<std::uint64_t>(id)] = nullptr;
    for (std::size_t i = 0; i < wanted.references.size(); ++i) references_[{wanted.departments[i], wanted.references[i]}] = 0;
    take_dossiers(answers[next], answers[next + 1], answers[next + 2]);
    next += 3;
  }
  if (!wanted.indexes.empty()) {
    for (const auto& index : wanted.indexes) indexes_[index] = false;
    for (int row = 0; row < answers[next].count(); ++row) indexes_[answers[next].string(row, 0)] = true;
    ++next;
  }
  if (wanted.prefixes.empty()) return;
  for (int row = 0; row < answers[next].count(); ++row)
    serials_[answers[next].string(row, 0)] = {answers[next].number(row, 1), answers[next].number(row, 2) != 0};
}

void PgRows::take_dossiers(const Answer& items, const Answer& editions, const Answer& deliveries) {
  for (int row = 0; row < items.count(); ++row) {
    auto dossier = std::make_unique<Dossier>();
    dossier->id = static_cast<std::uint64_t>(items.number(row, 0));
    dossier->department = items.string(row, 1);
    dossier->reference = items.string(row, 2);
    dossier->index_no = items.string(row, 3);
    dossier->entry = items.string(row, 4);
    dossier->title = items.string(row, 5);
    dossier->state = static_cast<v1::EditionState>(items.number(row, 6));
    dossier->received_ms = items.number(row, 7);
    if (!items.is_null(row, 8)) dossier->newest_record = audit::leaf_hash(items.text(row, 8));
    references_[{dossier->department, dossier->reference}] = dossier->id;
    items_[dossier->id] = std::move(dossier);
  }
  for (int row = 0; row < editions.count(); ++row) {
    auto entry = edition_of(editions, row);
    items_.at(entry.edition.item_id())->editions.push_back(std::move(entry));
  }
  for (int row = 0; row < deliveries.count(); ++row) {
    auto delivery = delivery_of(deliveries, row, true);
    items_.at(delivery.item_id())
        ->deliveries.push_back({std::move(delivery), Mark::clean, static_cast<std::uint64_t>(deliveries.number(row, 12))});
  }
}

void PgRows::flush() {
  batch_.send(db_);
  notices_.send(db_);
  db_.sync();
}

void PgRows::commit(std::uint64_t log_size, const Digest& root) {
  batch_.send(db_);
  notices_.send(db_);
  db_.send("UPDATE log_head SET size = $1, root = $2, generation = generation + 1",
           Values().number(static_cast<std::int64_t>(log_size)).bytes(root.view()));
  db_.send("COMMIT");
  db_.sync();
}

std::unique_ptr<Dossier> PgRows::item(std::uint64_t id) {
  if (!items_.contains(id)) {
    flush();
    prefetch({Need{{}, {}, id, {}, {}}});
  }
  const auto found = items_.find(id);
  auto dossier = std::move(found->second);
  items_.erase(found);  // whoever asks again has lost it, and reads it anew
  return dossier;
}

std::unique_ptr<Dossier> PgRows::item(std::string_view department, std::string_view reference) {
  const std::pair key{std::string(department), std::string(reference)};
  auto found = references_.find(key);
  if (found == references_.end()) {
    flush();
    prefetch({Need{key.first, key.second, 0, {}, {}}});
    found = references_.find(key);
  }
  return found->second == 0 ? nullptr : item(found->second);
}

bool PgRows::has_index(std::string_view index_no) {
  const std::string index(index_no);
  if (const auto known = indexes_.find(index); known != indexes_.end()) return known->second;
  flush();
  return db_.query("SELECT 1::int8 FROM item WHERE index_no = $1", Values().text(index)).count() > 0;
}

std::string PgRows::content(std::uint64_t item, std::uint32_t edition) {
  flush();
  const auto rows = db_.query("SELECT bytes FROM content WHERE item = $1 AND number = $2",
                              Values().number(static_cast<std::int64_t>(item)).number(edition));
  if (rows.count() == 0)
    throw std::logic_error("edition " + std::to_string(edition) + " of item " + std::to_string(item) + " has no content");
  return rows.string(0, 0);
}

SerialRow PgRows::serial(const std::string& prefix) {
  if (!serials_.contains(prefix)) {
    flush();
    prefetch({Need{{}, {}, 0, {}, prefix}});
  }
  return serials_[prefix];
}

std::vector<DeliveryKey> PgRows::dead(const std::string& channel, const std::string& code) {
  flush();
  const auto rows = db_.query(
      "SELECT item, edition, channel FROM delivery WHERE state IN (4, 5) AND state = 5 AND ($1 = '' OR channel = $1) AND ($2 = "
      "'' OR "
      "code = $2) ORDER BY item, edition, place",
      Values().text(channel).text(code));
  std::vector<DeliveryKey> dead;
  for (int row = 0; row < rows.count(); ++row) {
    dead.push_back(
        {static_cast<std::uint64_t>(rows.number(row, 0)), static_cast<std::uint32_t>(rows.number(row, 1)), rows.string(row, 2)});
  }
  return dead;
}

std::optional<KeyRecord> PgRows::key(const std::string& id) {
  flush();
  const auto rows = db_.query("SELECT " FABU_PG_KEY " FROM api_key WHERE id = $1", Values().text(id));
  if (rows.count() == 0) return std::nullopt;
  return key_of(rows, 0);
}

void PgRows::write(const Dossier& dossier) {
  batch_.add(dossier);
}

void PgRows::write(const std::vector<audit::Leaf>& leaves, const std::vector<audit::FullTile>& tiles) {
  for (const auto& leaf : leaves) batch_.add(leaf);
  for (const auto& tile : tiles) batch_.add(tile);
}

void PgRows::write_serial(const std::string& prefix, std::int64_t last) {
  batch_.add_serial(prefix, last);
}

void PgRows::count(const std::string& channel, std::int64_t open, std::int64_t dead) {
  batch_.add_count(channel, open, dead);
}

void PgRows::tell_outdated(std::uint64_t owner, const v1::Delivery& delivery) {
  notices_.outdated(owner, delivery.id());
}

void PgRows::tell_due(std::uint64_t owner, const std::string& channel) {
  notices_.due(owner, channel);
}

bool PgRows::adopt(const std::vector<std::uint64_t>& owners, std::uint64_t heir) {
  constexpr std::size_t kAtOnce = 5000;  // some tenths of a second in which nobody else can write
  flush();
  const auto channels = give(db_, owners, heir, kAtOnce);
  for (const auto& channel : std::set(channels.begin(), channels.end())) notices_.due(heir, channel);
  return channels.size() == kAtOnce;
}

void PgRows::write(const KeyRecord& key) {
  db_.query("INSERT INTO api_key(" FABU_PG_KEY
            ") VALUES ($1, $2, $3, $4, $5, $6, $7) "
            "ON CONFLICT (id) DO UPDATE SET revoked_ms = excluded.revoked_ms",
            Values()
                .text(key.id)
                .text(key.department)
                .text(key.name)
                .number(key.scopes)
                .bytes(key.secret.view())
                .number(key.created_ms)
                .number(key.revoked_ms));
}

void PgRows::write_pause(const std::string& channel, const std::optional<std::string>& reason, Instant since) {
  notices_.channels(session_);
  if (!reason) {
    db_.query("DELETE FROM channel_pause WHERE channel = $1", Values().text(channel));
    return;
  }
  db_.query(
      "INSERT INTO channel_pause(channel, reason, since_ms) VALUES ($1, $2, $3) "
      "ON CONFLICT (channel) DO UPDATE SET reason = excluded.reason, since_ms = excluded.since_ms",
      Values().text(channel).text(*reason).number(to_ms(since)));
}

void PgRows::write(const StoredCheckpoint& checkpoint) {
  db_.query(
      "INSERT INTO checkpoint(size, note, time_ms) VALUES ($1, $2, $3) "
      "ON CONFLICT (size) DO UPDATE SET note = excluded.note, time_ms = excluded.time_ms",
      Values().number(static_cast<std::int64_t>(checkpoint.size)).text(checkpoint.note).number(checkpoint.time_ms));
}

}  // namespace fabu::store::pg
