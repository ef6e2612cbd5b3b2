#include "fault/disk/faulty_vfs.h"

#include <atomic>
#include <cstddef>
#include <fstream>
#include <memory>
#include <utility>
#include <vector>

namespace fabu::store {

// One open of one file.
struct FaultyVfs::Handle {
  FaultyVfs& vfs;
  std::string name;
  unsigned failed_syncs;  // of the file that this handle has been told of
  bool new_name;          // its first sync is to sync the folder as well, as the default VFS does for journals
  std::vector<std::max_align_t> memory;

  sqlite3_file* below() { return reinterpret_cast<sqlite3_file*>(memory.data()); }
  const sqlite3_io_methods& methods() { return *below()->pMethods; }
};

// What SQLite allocates.
struct FaultyVfs::OpenFile {
  sqlite3_file base;
  Handle* handle;

  static Handle& of(sqlite3_file* file) { return *reinterpret_cast<OpenFile*>(file)->handle; }
};

namespace {

// Version 2: without memory-mapped reads, so that every byte goes through here.
constexpr int kIoVersion = 2;

FaultyVfs& owner(sqlite3_vfs* vfs) {
  return *static_cast<FaultyVfs*>(vfs->pAppData);
}
bool makes_a_name(int flags) {
  return (flags & SQLITE_OPEN_CREATE) != 0 && (flags & (SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL)) != 0;
}
std::string name_of(const char* path) {
  return path == nullptr ? "" : std::filesystem::path(path).filename().string();
}

}  // namespace

const sqlite3_io_methods FaultyVfs::kMethods{kIoVersion,
                                             &close,
                                             &read,
                                             &write,
                                             &truncate,
                                             &sync,
                                             &file_size,
                                             &lock,
                                             &unlock,
                                             &check_reserved_lock,
                                             &file_control,
                                             &sector_size,
                                             &device_characteristics,
                                             &shm_map,
                                             &shm_lock,
                                             &shm_barrier,
                                             &shm_unmap,
                                             nullptr,
                                             nullptr};

FaultyVfs::FaultyVfs() : below_(sqlite3_vfs_find(nullptr)) {
  static std::atomic<int> serial{0};
  name_ = "faulty-" + std::to_string(++serial);
  vfs_ = *below_;
  vfs_.szOsFile = sizeof(OpenFile);
  vfs_.pNext = nullptr;
  vfs_.zName = name_.c_str();
  vfs_.pAppData = this;
  vfs_.xOpen = &open;
  vfs_.xDelete = &remove;
  sqlite3_vfs_register(&vfs_, 0);
}

FaultyVfs::~FaultyVfs() {
  sqlite3_vfs_unregister(&vfs_);
}

// --- orders -----------------------------------------------------------------------------------------------------------

void FaultyVfs::arm(Call call, std::uint64_t nth, int code, std::uint64_t times, std::string file, bool stops) {
  const std::lock_guard guard(mutex_);
  calls_.clear();
  call_ = call;
  first_ = nth;
  last_ = times == kForEver ? kForEver : nth + times - 1;
  seen_ = 0;
  code_ = code;
  file_ = std::move(file);
  stops_ = stops;
  struck_ = false;
}

void FaultyVfs::fail(Call call, std::uint64_t nth, int code, std::uint64_t times, std::string file) {
  arm(call, nth, code, times, std::move(file), false);
}

void FaultyVfs::stop_at(Call call, std::uint64_t nth, std::string file) {
  arm(call, nth, SQLITE_IOERR, kForEver, std::move(file), true);
}

void FaultyVfs::restore() {
  arm(Call::write, 0, 0, 0, "", false);
  const std::lock_guard guard(mutex_);
  stopped_ = false;
}

std::uint64_t FaultyVfs::calls(Call call) const {
  const std::lock_guard guard(mutex_);
  const auto found = calls_.find(call);
  return found == calls_.end() ? 0 : found->second;
}

bool FaultyVfs::struck() const {
  const std::lock_guard guard(mutex_);
  return struck_;
}

bool FaultyVfs::unsynced(const std::string& file) const {
  const std::lock_guard guard(mutex_);
  return disk_.unsynced(file);
}

void FaultyVfs::leave(const std::filesystem::path& folder, Survival survival, std::uint64_t seed) const {
  std::filesystem::create_directories(folder);
  const std::lock_guard guard(mutex_);
  for (const auto& [name, content] : disk_.after_crash(survival, seed)) std::ofstream(folder / name, std::ios::binary) << content;
}

// With the mutex held.
FaultyVfs::Verdict FaultyVfs::judge(Call call, const std::string& file) {
  if (stopped_) return Verdict::stopped;
  ++calls_[call];
  if (first_ == 0 || call != call_ || (!file_.empty() && file != file_)) return Verdict::go_on;
  ++seen_;
  if (seen_ < first_ || seen_ > last_) return Verdict::go_on;
  struck_ = true;
  stopped_ = stops_;
  return stops_ ? Verdict::stopped : Verdict::fail;
}

// --- calls that change the disk ---------------------------------------------------------------------------------------

int FaultyVfs::open(sqlite3_vfs* vfs, const char* path, sqlite3_file* file, int flags, int* out_flags) {
  auto& self = owner(vfs);
  file->pMethods = nullptr;  // SQLite closes only what was opened
  auto handle = std::make_unique<Handle>(Handle{self, name_of(path), 0, makes_a_name(flags), {}});
  handle->memory.resize(static_cast<std::size_t>(self.below_->szOsFile) / sizeof(std::max_align_t) + 1);
  const int code = self.below_->xOpen(self.below_, path, handle->below(), flags, out_flags);
  if (code != SQLITE_OK) return code;
  {
    const std::lock_guard guard(self.mutex_);
    handle->failed_syncs = self.failed_syncs_[handle->name];
  }
  file->pMethods = &kMethods;
  reinterpret_cast<OpenFile*>(file)->handle = handle.release();
  return SQLITE_OK;
}

int FaultyVfs::remove(sqlite3_vfs* vfs, const char* path, int sync_folder) {
  auto& self = owner(vfs);
  const std::lock_guard guard(self.mutex_);
  if (self.stopped_) return SQLITE_IOERR_DELETE;
  const int code = self.below_->xDelete(self.below_, path, 0);
  if (code != SQLITE_OK) return code;
  self.disk_.remove(name_of(path));
  if (sync_folder != 0) self.disk_.sync(name_of(path));
  return SQLITE_OK;
}

int FaultyVfs::write(sqlite3_file* file, const void* bytes, int count, sqlite3_int64 offset) {
  auto& handle = OpenFile::of(file);
  const std::lock_guard guard(handle.vfs.mutex_);
  switch (handle.vfs.judge(Call::write, handle.name)) {
    case Verdict::stopped:
      return SQLITE_IOERR_WRITE;
    case Verdict::fail:
      return handle.vfs.code_;
    case Verdict::go_on:
      break;
  }
  const int code = handle.methods().xWrite(handle.below(), bytes, count, offset);
  if (code != SQLITE_OK) return code;
  handle.vfs.disk_.write(handle.name, static_cast<std::uint64_t>(offset),
                         {static_cast<const char*>(bytes), static_cast<std::size_t>(count)});
  return SQLITE_OK;
}

int FaultyVfs::truncate(sqlite3_file* file, sqlite3_int64 size) {
  auto& handle = OpenFile::of(file);
  const std::lock_guard guard(handle.vfs.mutex_);
  if (handle.vfs.stopped_) return SQLITE_IOERR_TRUNCATE;
  const int code = handle.methods().xTruncate(handle.below(), size);
  if (code == SQLITE_OK) handle.vfs.disk_.truncate(handle.name, static_cast<std::uint64_t>(size));
  return code;
}

// A failed sync is told to every handle that was open, once (Linux's errseq_t).
int FaultyVfs::sync(sqlite3_file* file, int) {
  auto& handle = OpenFile::of(file);
  auto& self = handle.vfs;
  const std::lock_guard guard(self.mutex_);
  switch (self.judge(Call::sync, handle.name)) {
    case Verdict::stopped:
      return SQLITE_IOERR_FSYNC;
    case Verdict::fail:
      self.disk_.fail_sync(handle.name);
      handle.failed_syncs = ++self.failed_syncs_[handle.name];
      return self.code_;
    case Verdict::go_on:
      break;
  }
  self.disk_.sync(handle.name);
  if (std::exchange(handle.new_name, false)) self.disk_.sync_folder();
  if (std::exchange(handle.failed_syncs, self.failed_syncs_[handle.name]) != self.failed_syncs_[handle.name])
    return SQLITE_IOERR_FSYNC;
  return SQLITE_OK;
}

int FaultyVfs::close(sqlite3_file* file) {
  const std::unique_ptr<Handle> handle(&OpenFile::of(file));
  return handle->methods().xClose(handle->below());
}

// --- calls that go through --------------------------------------------------------------------------------------------

int FaultyVfs::read(sqlite3_file* file, void* to, int count, sqlite3_int64 offset) {
  auto& handle = OpenFile::of(file);
  return handle.methods().xRead(handle.below(), to, count, offset);
}
int FaultyVfs::file_size(sqlite3_file* file, sqlite3_int64* size) {
  auto& handle = OpenFile::of(file);
  return handle.methods().xFileSize(handle.below(), size);
}
int FaultyVfs::lock(sqlite3_file* file, int level) {
  auto& handle = OpenFile::of(file);
  return handle.methods().xLock(handle.below(), level);
}
int FaultyVfs::unlock(sqlite3_file* file, int level) {
  auto& handle = OpenFile::of(file);
  return handle.methods().xUnlock(handle.below(), level);
}
int FaultyVfs::check_reserved_lock(sqlite3_file* file, int* reserved) {
  auto& handle = OpenFile::of(file);
  return handle.methods().xCheckReservedLock(handle.below(), reserved);
}
int FaultyVfs::file_control(sqlite3_file* file, int what, void* with) {
  auto& handle = OpenFile::of(file);
  return handle.methods().xFileControl(handle.below(), what, with);
}
int FaultyVfs::sector_size(sqlite3_file* file) {
  auto& handle = OpenFile::of(file);
  return handle.methods().xSectorSize(handle.below());
}
int FaultyVfs::device_characteristics(sqlite3_file* file) {
  auto& handle = OpenFile::of(file);
  return handle.methods().xDeviceCharacteristics(handle.below());
}
int FaultyVfs::shm_map(sqlite3_file* file, int region, int size, int extend, void volatile** to) {
  auto& handle = OpenFile::of(file);
  return handle.methods().xShmMap(handle.below(), region, size, extend, to);
}
int FaultyVfs::shm_lock(sqlite3_file* file, int offset, int count, int flags) {
  auto& handle = OpenFile::of(file);
  return handle.methods().xShmLock(handle.below(), offset, count, flags);
}
void FaultyVfs::shm_barrier(sqlite3_file* file) {
  auto& handle = OpenFile::of(file);
  handle.methods().xShmBarrier(handle.below());
}
int FaultyVfs::shm_unmap(sqlite3_file* file, int remove_it) {
  auto& handle = OpenFile::of(file);
  return handle.methods().xShmUnmap(handle.below(), remove_it);
}

}  // namespace fabu::store
