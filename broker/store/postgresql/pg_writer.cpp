#include "broker/store/postgresql/pg_writer.h"

#include <spdlog/spdlog.h>

#include <exception>

#include "broker/store/ledger/taking_up.h"
#include "broker/store/postgresql/stored_log.h"

namespace fabu::store::pg {
namespace {

constexpr std::chrono::milliseconds kForSession{2000};  // a lost one is usually replaced within some milliseconds

Error no_session() {
  return Error{ErrorCode::unavailable, "store", "the database cannot be reached, or another fabu has it.", {}, {}};
}

// The COMMIT was sent and not answered.
Error in_doubt(const std::string& what) {
  return Error{ErrorCode::unavailable,
               "store",
               "The database was lost while it committed; whether it is stored is not known: " + what,
               "Send it again: what was stored is answered as it was then.",
               {}};
}

}  // namespace

Result<std::unique_ptr<PgWriter>> PgWriter::open(const std::string& address, GroupOptions options, Deadline deadline,
                                                 Presence& presence) {
  std::unique_ptr<PgWriter> writer(new PgWriter(address, deadline, presence));
  writer->session_ = presence.session();
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

void PgWriter::adopt(std::vector<std::uint64_t> owners, std::uint64_t heir, Done<bool> more) {
  auto work = [this, owners = std::move(owners), heir](Ledger& ledger) -> Result<bool> {
    if (owners.empty()) return false;
    ledger.forget_items();
    return opened_->rows.adopt(owners, heir);
  };
  commits_->submit<bool>(0, Urgency::now, Need{}, std::move(work), std::move(more));
}

Result<void> PgWriter::connect() {
  auto opened = std::make_unique<Opened>(address_, deadline_);
  const auto head = opened->rows.begin(session_, INT64_MAX, {});
  auto stored = read_stored(opened->db);
  if (!stored) return stored.error();
  opened->db.run("COMMIT");
  opened->ledger.begin(std::move(*stored));
  opened->generation = head.generation;
  opened_ = std::move(opened);
  return {};
}

std::optional<Error> PgWriter::commit(GroupCommit::Group& group) {
  committing_ = false;
  try {
    auto error = transact(group);
    if (error) opened_.reset();
    return error;
  } catch (const Failure& e) {
    opened_.reset();
    if (!committing_ || !e.leaves_doubt()) return unavailable(e.what());
    presence_.doubt();
    return in_doubt(e.what());
  } catch (const std::exception& e) {
    opened_.reset();
    return unavailable(e.what());
  }
}

void PgWriter::tend() {
  if (quiet_.owns_lock()) quiet_.unlock();
}

// Nothing has been decided yet: when the connection turns out to be broken, a new one will do.
Result<Head> PgWriter::begin(const GroupCommit::Group& group) {
  session_ = presence_.standing(kForSession);
  if (session_ == 0) return no_session();
  if (opened_) {
    try {
      return opened_->rows.begin(session_, opened_->ledger.edge().size(), needs(group));
    } catch (const Failure& e) {
      spdlog::warn("event=database_lost what=\"{}\"", e.what());
      opened_.reset();
    }
  }
  if (const auto connected = connect(); !connected) return connected.error();
  return opened_->rows.begin(session_, opened_->ledger.edge().size(), needs(group));
}

// What the rows have to be asked for. Where another broker wrote before the last transaction it has probably done so again: then
// what is remembered will be of no use, and all is asked for at once.
std::vector<Need> PgWriter::needs(const GroupCommit::Group& group) const {
  std::vector<Need> needs;
  group.needs([&](const Need& need) {
    auto left = opened_->shared ? std::optional(need) : opened_->ledger.unknown(need);
    if (left) needs.push_back(std::move(*left));
  });
  return needs;
}

// Another broker has written: the log goes on from where this one knew it, if that fits; else its right edge is read.
Result<void> PgWriter::catch_up(const Head& head) {
  auto& [db, rows, ledger, generation, shared] = *opened_;
  auto edge = ledger.edge();
  std::vector<audit::FullTile> stored_by_others;
  for (const auto& hash : head.appended) edge.append(hash, stored_by_others);
  if (edge.size() != head.size || edge.root() != head.root) {
    auto stored = read_stored(db);
    if (!stored) return stored.error();
    ledger.begin(std::move(*stored));
    return {};
  }
  auto last_time = ledger.end().last_time();
  auto next_item = ledger.next_item();
  if (!head.appended.empty()) {
    const auto time = time_of_record(head.newest_record);
    if (!time) return time.error();
    last_time = *time;
    next_item = head.newest_item + 1;
  }
  ledger.begin({Log(std::move(edge), last_time), next_item});
  return {};
}

std::optional<Error> PgWriter::transact(GroupCommit::Group& group) {
  const auto head = begin(group);
  if (!head) return unavailable(head.error().what);
  auto& [db, rows, ledger, generation, shared] = *opened_;
  if (head->generation != generation) {
    if (const auto caught_up = catch_up(*head); !caught_up) return unavailable(caught_up.error().what);
    if (!std::exchange(shared, true)) rows.prefetch(needs(group));
  } else {
    shared = false;
  }
  ledger.act_for(session_);
  group.run(ledger);
  ledger.flush();
  quiet_ = presence_.quiet();
  committing_ = true;
  rows.commit(ledger.edge().size(), ledger.edge().root());
  generation = head->generation + 1;
  return std::nullopt;
}

}  // namespace fabu::store::pg
