#include "broker/store/sqlite/readers.h"

namespace fabu::store {

Readers::Readers(std::string file, std::string vfs, int cache_kib, std::size_t count)
    : file_(std::move(file)), vfs_(std::move(vfs)), cache_kib_(cache_kib) {
  idle_.resize(count);
}

std::unique_ptr<Database> Readers::lend() {
  std::unique_ptr<Database> db;
  {
    std::unique_lock lock(mutex_);
    free_.wait(lock, [this] { return !idle_.empty(); });
    db = std::move(idle_.back());
    idle_.pop_back();
  }
  if (db) return db;
  try {
    return std::make_unique<Database>(file_, Database::Mode::read, vfs_.empty() ? nullptr : vfs_.c_str(), cache_kib_);
  } catch (...) {
    give_back(nullptr);
    throw;
  }
}

void Readers::give_back(std::unique_ptr<Database> db) {
  {
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(db));
  }
  free_.notify_one();
}

}  // namespace fabu::store
