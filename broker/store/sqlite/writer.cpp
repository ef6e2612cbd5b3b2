#include "broker/store/sqlite/writer.h"

#include <exception>

#include "broker/store/sqlite/leftover_wal.h"
#include "broker/store/sqlite/schema.h"
#include "broker/store/sqlite/stored.h"

namespace fabu::store {
namespace {

constexpr int kRest = 400;  // pages that the writer moves by itself

int count_wal_pages(void* pages, sqlite3*, const char*, int count) {
  *static_cast<int*>(pages) = count;
  return SQLITE_OK;
}

}  // namespace

Result<std::unique_ptr<Writer>> Writer::open(WriterOptions options) {
  std::unique_ptr<Writer> writer(new Writer(std::move(options)));
  try {
    if (const auto opened = writer->reopen(); !opened) return opened.error();
  } catch (const std::exception& e) {
    return Error{
        ErrorCode::io, writer->options_.file, e.what(), "Check that the file is a fabu database and can be written.", {}};
  }
  writer->publish();
  writer->commits_.reset(new GroupCommit(writer->options_.groups, *writer));
  return writer;
}

Writer::~Writer() {
  close();
}

// Also after a failed transaction: what is in memory must be what is on disk. The old connection is closed only then: while one
// is open, the index of the write-ahead log lives on, which knows nothing of the frames whose sync failed, and the next
// transaction overwrites them. Recovery would find those frames and take them for committed, though they may never reach the
// disk.
Result<void> Writer::reopen() {
  auto fresh = std::make_unique<Database>(options_.file, Database::Mode::write,
                                          options_.vfs.empty() ? nullptr : options_.vfs.c_str(), options_.cache_kib);
  if (!opened_) make_leftover_wal_durable(*fresh);
  sqlite3_wal_hook(fresh->handle(), count_wal_pages, &wal_pages_);
  if (const auto migrated = migrate(*fresh); !migrated) return migrated.error();
  auto next = std::make_unique<Opened>(std::move(fresh));
  auto stored = read_stored(*next->db);
  if (!stored) return stored.error();
  next->ledger.begin(std::move(*stored));
  opened_ = std::move(next);
  return {};
}

std::optional<Error> Writer::commit(GroupCommit::Group& group) {
  if (suspect_) {
    try {
      if (const auto opened = reopen(); !opened) return unavailable(opened.error().what);
      suspect_ = false;
    } catch (const std::exception& e) {
      return unavailable(e.what());
    }
  }
  auto error = transact(group);
  suspect_ = error.has_value();
  if (!error) publish();
  return error;
}

std::optional<Error> Writer::transact(GroupCommit::Group& group) {
  try {
    auto& [db, rows, ledger] = *opened_;
    db->query("BEGIN IMMEDIATE").done();
    group.run(ledger);
    ledger.flush();
    db->query("COMMIT").done();
    return std::nullopt;
  } catch (const std::exception& e) {
    return unavailable(e.what());
  }
}

void Writer::publish() {
  Committed now;
  now.edge = opened_->ledger.edge();
  now.counts = opened_->rows.counts();
  const std::lock_guard lock(mutex_);
  committed_ = std::move(now);
}

// The checkpointer moves pages beside the writes. Once it is nearly through, the writer moves the rest and the log begins again
// from its start: a commit that overwrites costs less than one that makes the file grow. When the checkpointer cannot keep up,
// the writer stops for it, so that the log stays bounded.
void Writer::tend() {
  const int rest = wal_pages_ - (wal_notice_ ? wal_notice_(wal_pages_) : 0);
  const bool nearly_through = wal_pages_ >= options_.full_wal_pages && rest <= kRest;
  if (suspect_ || wal_pages_ < next_restart_ || !(nearly_through || wal_pages_ > options_.max_wal_pages)) return;
  const int code = sqlite3_wal_checkpoint_v2(opened_->db->handle(), nullptr, SQLITE_CHECKPOINT_RESTART, nullptr, nullptr);
  next_restart_ = code == SQLITE_OK ? 0 : wal_pages_ + kRest;
  if (code == SQLITE_OK) wal_pages_ = 0;
}

LogHead Writer::head() const {
  audit::Edge edge;
  {
    const std::lock_guard lock(mutex_);
    edge = committed_.edge;
  }
  return {edge.size(), edge.root()};
}

ChannelCounts Writer::counts(const std::string& channel) const {
  const std::lock_guard lock(mutex_);
  const auto found = committed_.counts.find(channel);
  return found == committed_.counts.end() ? ChannelCounts{} : found->second;
}

void Writer::close() {
  if (commits_) commits_->close();
  opened_.reset();
}

}  // namespace fabu::store
