#include "broker/store/sqlite/readers.h"

namespace fabu::store {

Readers::Readers(std::string file, std::string vfs, int cache_kib, std::size_t count)
    : file_(std::move(file)), vfs_(std::move(vfs)), cache_kib_(cache_kib) {
  idle_.resize(count);
}

Readers::Loan::Loan(Readers& readers) : readers_(readers) {
  {
    std::unique_lock lock(readers_.mutex_);
    readers_.free_.wait(lock, [this] { return !readers_.idle_.empty(); });
    db_ = std::move(readers_.idle_.back());
    readers_.idle_.pop_back();
  }
  if (db_) return;
  try {
    const char* const vfs = readers_.vfs_.empty() ? nullptr : readers_.vfs_.c_str();
    db_ = std::make_unique<Database>(readers_.file_, Database::Mode::read, vfs, readers_.cache_kib_);
  } catch (...) {
    readers_.give_back(nullptr);
    throw;
  }
}

Readers::Loan::~Loan() {
  if (!kept_) db_.reset();
  readers_.give_back(std::move(db_));
}

void Readers::give_back(std::unique_ptr<Database> db) {
  {
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(db));
  }
  free_.notify_one();
}

}  // namespace fabu::store
