// A store on a disk that fails when it is told to.
#pragma once

#include <gtest/gtest.h>
#include <spdlog/spdlog.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include "broker/store/sqlite/sqlite_store.h"
#include "fault/disk/faulty_vfs.h"
#include "fault/disk/script.h"
#include "integration/store/blocking_store.h"
#include "integration/store/conformance.h"
#include "integration/store/sample.h"
#include "integration/store/soundness.h"
#include "temp_folder.h"

namespace fabu::store {

inline Result<std::unique_ptr<Store>> open_on(const std::filesystem::path& folder, const std::string& vfs) {
  SqliteOptions options;
  options.folder = folder;
  options.vfs = vfs;
  return open_sqlite(options);
}

// One machine: its disk, and the broker's store on it while that runs.
class Machine {
 public:
  Machine() { spdlog::set_level(spdlog::level::off); }  // every failure is asked for
  ~Machine() {
    store_.reset();
    spdlog::set_level(spdlog::level::info);
  }

  FaultyVfs& disk() { return disk_; }
  Store& store() { return *store_; }
  BlockingStore write() { return BlockingStore(*store_); }
  Result<void> try_start() {
    store_.reset();
    auto opened = open_on(folder_.path() / "data", disk_.name());
    if (!opened) return opened.error();
    store_ = std::move(*opened);
    return {};
  }
  void start() { try_start().value(); }
  // Waits until what was written before is answered: a record may be grouped with it, and fail with it.
  void drain() {
    for (int tries = 0; !write().record(audit::started("drain"), at()); ++tries) {
      if (tries == 10) throw std::runtime_error("the store does not go on");
    }
  }
  // The process is gone. Without a fault of the disk that is an orderly end.
  void stop() { store_.reset(); }

  // Another machine on which the disk is found as the loss of power left it.
  std::unique_ptr<Store> after_crash(Survival survival, std::uint64_t seed = 0) {
    const auto there = folder_.path() / ("crash-" + std::to_string(++crashes_));
    disk_.leave(there, survival, seed);
    return std::move(open_on(there, "").value());
  }

 private:
  TempFolder folder_;
  FaultyVfs disk_;
  std::unique_ptr<Store> store_;
  int crashes_ = 0;
};

// How many calls the whole script makes on an undisturbed disk, from the store's opening to its end.
struct Calls {
  std::uint64_t opening = 0, all = 0;
};
inline Calls count_calls(Call call) {
  Machine machine;
  Calls calls;
  machine.start();
  calls.opening = machine.disk().calls(call);
  run_script(machine.store());
  machine.stop();
  calls.all = machine.disk().calls(call);
  return calls;
}

}  // namespace fabu::store
