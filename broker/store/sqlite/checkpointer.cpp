#include "broker/store/sqlite/checkpointer.h"

#include <spdlog/spdlog.h>

#include <memory>
#include <utility>

#include "broker/store/sqlite/database.h"

namespace fabu::store {

Checkpointer::Checkpointer(std::string file, std::string vfs, int every_pages)
    : file_(std::move(file)), vfs_(std::move(vfs)), every_pages_(every_pages), thread_([this] { loop(); }) {}

Checkpointer::~Checkpointer() {
  stop();
}

void Checkpointer::notice(int wal_pages) {
  if (wal_pages < every_pages_) return;
  {
    const std::lock_guard lock(mutex_);
    due_ = true;
  }
  wake_.notify_one();
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
  std::unique_ptr<Database> db;
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return due_ || stopped_; });
      if (stopped_) return;
      due_ = false;
    }
    try {
      if (!db) db = std::make_unique<Database>(file_, Database::Mode::write, vfs_.empty() ? nullptr : vfs_.c_str(), 1024);
      const int code = sqlite3_wal_checkpoint_v2(db->handle(), nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
      if (code != SQLITE_OK && code != SQLITE_BUSY) throw SqliteFailure(code, sqlite3_errmsg(db->handle()));
    } catch (const SqliteFailure& e) {
      db.reset();
      spdlog::warn("event=checkpoint_failed what=\"{}\"", e.what());
    }
  }
}

}  // namespace fabu::store
