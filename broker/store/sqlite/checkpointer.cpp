#include "broker/store/sqlite/checkpointer.h"

#include <spdlog/spdlog.h>

#include <utility>

namespace fabu::store {
namespace {

void sync_database(Database& db) {
  sqlite3_file* file = nullptr;
  int code = sqlite3_file_control(db.handle(), "main", SQLITE_FCNTL_FILE_POINTER, &file);
  if (code == SQLITE_OK && file != nullptr && file->pMethods != nullptr) code = file->pMethods->xSync(file, SQLITE_SYNC_NORMAL);
  if (code != SQLITE_OK) throw SqliteFailure(code, std::string("sync the database: ") + sqlite3_errstr(code));
}

}  // namespace

Checkpointer::Checkpointer(std::string file, std::string vfs, int every_pages)
    : file_(std::move(file)), vfs_(std::move(vfs)), every_pages_(every_pages), thread_([this] { loop(); }) {}

Checkpointer::~Checkpointer() {
  stop();
}

int Checkpointer::notice(int wal_pages) {
  if (wal_pages < noticed_) copied_ = 0;  // the log began again
  noticed_ = wal_pages;
  if (wal_pages - copied_ >= every_pages_) {
    {
      const std::lock_guard lock(mutex_);
      due_ = true;
    }
    wake_.notify_one();
  }
  return copied_;
}

void Checkpointer::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void Checkpointer::loop() {
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return due_ || stopped_; });
      if (stopped_) return;
      due_ = false;
    }
    try {
      copy();
    } catch (const SqliteFailure& e) {
      db_.reset();
      spdlog::warn("event=checkpoint_failed what=\"{}\"", e.what());
    }
  }
}

// SQLite syncs the database only when it copied all there is, which it never does under load. Synced here, beside the writer,
// little is left for whoever completes the checkpoint.
void Checkpointer::copy() {
  if (!db_) db_ = std::make_unique<Database>(file_, Database::Mode::write, vfs_.empty() ? nullptr : vfs_.c_str(), 1024);
  int in_log = 0, copied = 0;
  const int code = sqlite3_wal_checkpoint_v2(db_->handle(), nullptr, SQLITE_CHECKPOINT_PASSIVE, &in_log, &copied);
  if (code == SQLITE_BUSY) return;
  if (code != SQLITE_OK) throw SqliteFailure(code, sqlite3_errmsg(db_->handle()));
  if (copied < in_log) sync_database(*db_);
  copied_ = copied;
}

}  // namespace fabu::store
