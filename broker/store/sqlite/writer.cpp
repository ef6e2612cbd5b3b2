#include "broker/store/sqlite/writer.h"

#include <spdlog/spdlog.h>

#include <exception>

#include "broker/store/sqlite/leftover_wal.h"
#include "broker/store/sqlite/schema.h"

namespace fabu::store {
namespace {

constexpr int kRest = 400;  // pages that the writer moves by itself

Error unavailable(const std::string& what) {
  return Error{ErrorCode::unavailable,
               "store",
               "Nothing was stored: " + what,
               "Send it again later; an operator must look at the disk.",
               {}};
}

Error busy() {
  return Error{ErrorCode::busy,
               "store",
               "The store has as much to do as it may hold. Nothing was stored.",
               "Send it again in a second.",
               {}};
}

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
  writer->thread_ = std::thread([w = writer.get()] { w->loop(); });
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
  if (!db_) make_leftover_wal_durable(*fresh);
  sqlite3_wal_hook(fresh->handle(), count_wal_pages, &wal_pages_);
  if (const auto migrated = migrate(*fresh); !migrated) return migrated.error();
  if (const auto resumed = state_.resume(*fresh); !resumed) return resumed.error();
  db_ = std::move(fresh);
  return {};
}

void Writer::push(std::unique_ptr<Command> command) {
  {
    std::unique_lock lock(mutex_);
    const bool full = waiting_.size() >= options_.max_waiting || waiting_bytes_ + command->bytes > options_.max_waiting_bytes;
    if (closed_ || full) {
      const bool closing = closed_;
      lock.unlock();
      return command->failed(closing ? unavailable("the server is stopping") : busy());
    }
    const bool before = worth_a_commit();
    waiting_bytes_ += command->bytes;
    urgent_ += command->urgency == Urgency::now ? 1 : 0;
    waiting_.push_back(std::move(command));
    if (waiting_.size() > 1 && (before || !worth_a_commit())) return;  // the thread is awake, or wakes by itself
  }
  wake_.notify_one();
}

bool Writer::worth_a_commit() const {
  return urgent_ > 0 || waiting_.size() >= options_.enough;
}

// A commit costs a sync, whoever is in it. What channels report can wait a moment for the next submission: one that comes right
// after an ack then shares a sync with what its predecessor's channels did, and need not wait for theirs first.
Writer::Group Writer::take() {
  std::unique_lock lock(mutex_);
  wake_.wait(lock, [this] { return !waiting_.empty() || closed_; });
  if (!worth_a_commit() && !closed_) wake_.wait_for(lock, options_.patience, [this] { return worth_a_commit() || closed_; });
  Group group;
  while (!waiting_.empty() && group.size() < options_.max_group) {
    waiting_bytes_ -= waiting_.front()->bytes;
    urgent_ -= waiting_.front()->urgency == Urgency::now ? 1 : 0;
    group.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
  }
  return group;
}

void Writer::loop() {
  for (;;) {
    Group group = take();
    if (group.empty()) return;
    commit(group);
    tend_wal();
  }
}

void Writer::commit(Group& group) {
  std::optional<Error> error;
  if (suspect_) {
    try {
      const auto opened = reopen();
      suspect_ = !opened;
      if (!opened) error = unavailable(opened.error().what);
    } catch (const std::exception& e) {
      error = unavailable(e.what());
    }
  }
  if (!error) error = transact(group);
  if (error) {
    suspect_ = true;
    spdlog::error("event=commit_failed commands={} what=\"{}\"", group.size(), error->what);
    for (auto& command : group) command->failed(*error);
    return;
  }
  publish();
  for (auto& command : group) command->committed();
}

std::optional<Error> Writer::transact(Group& group) {
  try {
    db_->query("BEGIN IMMEDIATE").done();
    Transaction transaction{*db_, state_};
    for (auto& command : group) command->run(transaction);
    state_.serials.flush(*db_);
    state_.log.flush(*db_);
    db_->query("COMMIT").done();
    return std::nullopt;
  } catch (const std::exception& e) {
    return unavailable(e.what());
  }
}

void Writer::publish() {
  Committed now;
  now.edge = state_.log.edge();
  for (const auto& [name, number] : state_.channels.numbers()) now.counts[name] = state_.channels.counts(number);
  const std::lock_guard lock(mutex_);
  committed_ = std::move(now);
}

// The checkpointer moves pages beside the writes. Once it is nearly through, the writer moves the rest and the log begins again
// from its start: a commit that overwrites costs less than one that makes the file grow. When the checkpointer cannot keep up,
// the writer stops for it, so that the log stays bounded.
void Writer::tend_wal() {
  const int rest = wal_pages_ - (wal_notice_ ? wal_notice_(wal_pages_) : 0);
  const bool nearly_through = wal_pages_ >= options_.full_wal_pages && rest <= kRest;
  if (suspect_ || wal_pages_ < next_restart_ || !(nearly_through || wal_pages_ > options_.max_wal_pages)) return;
  const int code = sqlite3_wal_checkpoint_v2(db_->handle(), nullptr, SQLITE_CHECKPOINT_RESTART, nullptr, nullptr);
  next_restart_ = code == SQLITE_OK ? 0 : wal_pages_ + kRest;
  if (code == SQLITE_OK) wal_pages_ = 0;
}

std::size_t Writer::backlog() const {
  const std::lock_guard lock(mutex_);
  return waiting_.size();
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
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
  db_.reset();
}

}  // namespace fabu::store
