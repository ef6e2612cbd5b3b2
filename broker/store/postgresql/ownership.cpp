#include "broker/store/postgresql/ownership.h"

#include "broker/store/postgresql/locks.h"

namespace fabu::store::pg {
namespace {

// From one owner to the next, by the index delivery_owned.
#define FABU_PG_OWNERS                                                                                                     \
  "WITH RECURSIVE owners AS ((SELECT owner FROM delivery WHERE state IN (1, 4) ORDER BY owner LIMIT 1) UNION ALL "         \
  "SELECT (SELECT owner FROM delivery WHERE state IN (1, 4) AND owner > o.owner ORDER BY owner LIMIT 1) FROM owners AS o " \
  "WHERE o.owner IS NOT NULL) SELECT owner FROM owners WHERE owner IS NOT NULL"

constexpr const char* kDead =
    FABU_PG_OWNERS " AND NOT EXISTS (SELECT 1 FROM " FABU_PG_LOCKS(FABU_PG_SESSIONS) " AND objid::int8 = owner)";

}  // namespace

std::uint64_t take_session(Connection& db) {
  const auto number = db.query("SELECT nextval('session_number')").number(0, 0);
  db.query("SELECT pg_advisory_lock(" FABU_PG_SESSIONS ", $1::int8::int4)::text", Values().number(number));
  return static_cast<std::uint64_t>(number);
}

std::vector<std::uint64_t> owners_in(const Answer& rows) {
  std::vector<std::uint64_t> owners;
  for (int row = 0; row < rows.count(); ++row) owners.push_back(static_cast<std::uint64_t>(rows.number(row, 0)));
  return owners;
}

std::vector<std::uint64_t> owners_of_open(Connection& db) {
  return owners_in(db.query(FABU_PG_OWNERS));
}

std::vector<std::uint64_t> dead_owners(Connection& db) {
  return owners_in(db.query(kDead));
}

void ask_dead_owners(Connection& db) {
  db.send(kDead);
}

std::vector<std::string> give(Connection& db, const std::vector<std::uint64_t>& owners, std::uint64_t heir, std::size_t bound) {
  const auto rows = db.query(
      "UPDATE delivery SET owner = $2 WHERE state IN (1, 4) AND (item, edition, channel) IN (SELECT item, edition, channel FROM "
      "delivery "
      "WHERE state IN (1, 4) AND owner = ANY($1::int8[]) LIMIT $3) RETURNING channel",
      Values()
          .numbers({owners.begin(), owners.end()})
          .number(static_cast<std::int64_t>(heir))
          .number(static_cast<std::int64_t>(bound)));
  std::vector<std::string> channels;
  for (int row = 0; row < rows.count(); ++row) channels.push_back(rows.string(row, 0));
  return channels;
}

}  // namespace fabu::store::pg
