#include "broker/store/sqlite/serials.h"

namespace fabu::store {
namespace {

constexpr std::size_t kRemembered = 1024;  // prefixes: one for each department and month

std::int64_t stored(Database& db, const std::string& prefix) {
  auto query = db.query("SELECT last FROM index_serial WHERE prefix = ?");
  query.bind(prefix);
  return query.row() ? query.number(0) : 0;
}

}  // namespace

std::int64_t Serials::next(Database& db, const std::string& prefix) {
  auto known = last_.find(prefix);
  if (known == last_.end()) known = last_.emplace(prefix, Last{stored(db, prefix), true}).first;
  known->second.written = false;
  return ++known->second.number;
}

void Serials::flush(Database& db) {
  for (auto& [prefix, last] : last_) {
    if (last.written) continue;
    db.query("INSERT INTO index_serial(prefix, last) VALUES(?1, ?2) ON CONFLICT(prefix) DO UPDATE SET last = ?2")
        .bind(prefix)
        .bind(last.number)
        .done();
    last.written = true;
  }
  if (last_.size() > kRemembered) last_.clear();
}

}  // namespace fabu::store
