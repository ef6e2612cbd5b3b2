#include "broker/store/postgresql/pg_writer.h"

#include <spdlog/spdlog.h>

#include <exception>

#include "broker/store/postgresql/schema.h"
#include "broker/store/postgresql/stored_log.h"

namespace fabu::store::pg {

Result<std::unique_ptr<PgWriter>> PgWriter::open(const std::string& address, GroupOptions options) {
  std::unique_ptr<PgWriter> writer(new PgWriter(address));
  try {
    if (const auto connected = writer->connect(); !connected) return connected.error();
  } catch (const std::exception& e) {
    return Error{ErrorCode::unavailable, "store", e.what(), "Check the database's address and that it runs.", {}};
  }
  writer->commits_.reset(new GroupCommit(options, *writer));
  return writer;
}

PgWriter::~PgWriter() {
  close();
}

void PgWriter::close() {
  if (commits_) commits_->close();
  opened_.reset();
}

Result<void> PgWriter::connect() {
  auto opened = std::make_unique<Opened>(address_);
  if (const auto migrated = migrate(opened->db); !migrated) return migrated.error();
  const auto head = opened->rows.begin({});
  auto stored = read_stored(opened->db);
  if (!stored) return stored.error();
  opened->db.run("COMMIT");
  opened->ledger.begin(std::move(*stored));
  opened->generation = head.generation;
  opened_ = std::move(opened);
  return {};
}

std::optional<Error> PgWriter::commit(GroupCommit::Group& group) {
  try {
    auto error = transact(group);
    if (error) opened_.reset();
    return error;
  } catch (const std::exception& e) {
    opened_.reset();
    return unavailable(e.what());
  }
}

// Nothing has been decided yet: when the connection turns out to be broken, a new one will do.
Result<Head> PgWriter::begin(const GroupCommit::Group& group) {
  if (opened_) {
    try {
      return opened_->rows.begin(unknown(group));
    } catch (const Failure& e) {
      spdlog::warn("event=database_lost what=\"{}\"", e.what());
      opened_.reset();
    }
  }
  if (const auto connected = connect(); !connected) return connected.error();
  return opened_->rows.begin(unknown(group));
}

std::vector<Need> PgWriter::unknown(const GroupCommit::Group& group) const {
  std::vector<Need> needs;
  group.needs([&](const Need& need) {
    auto left = opened_->ledger.unknown(need);
    if (left) needs.push_back(std::move(*left));
  });
  return needs;
}

std::optional<Error> PgWriter::transact(GroupCommit::Group& group) {
  const auto head = begin(group);
  if (!head) return unavailable(head.error().what);
  auto& [db, rows, ledger, generation] = *opened_;
  if (head->generation != generation) {  // another broker has written
    auto stored = read_stored(db);
    if (!stored) return unavailable(stored.error().what);
    ledger.begin(std::move(*stored));
    rows.prefetch(unknown(group));
  }
  group.run(ledger);
  ledger.flush();
  rows.commit(ledger.edge().size(), ledger.edge().root());
  generation = head->generation + 1;
  return std::nullopt;
}

}  // namespace fabu::store::pg
