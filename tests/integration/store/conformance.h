// What every Store must do, run against each implementation. Another store joins with one line in a file of its own:
//
//   INSTANTIATE_TEST_SUITE_P(Postgres, StoreConformance, testing::Values(StoreFactory{"postgres", &open_postgres}), store_name);
//
// The tests lie beside this file, one idea each; CMakeLists.txt lists them as FABU_STORE_CONFORMANCE. After every test the whole
// store is inspected (soundness.h).
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <thread>
#include <utility>

#include "broker/store/store.h"
#include "integration/store/blocking_store.h"
#include "integration/store/sample.h"
#include "integration/store/soundness.h"
#include "temp_folder.h"
#include "unit/print_result.h"

namespace fabu::store {

struct StoreBounds {
  std::size_t max_waiting = 4096;
  std::size_t max_waiting_bytes = 64 << 20;
};

struct StoreFactory {
  std::string name;
  // Opens the store of this folder; a new one when there is none. A store that lies elsewhere keeps one for each folder.
  std::function<Result<std::unique_ptr<Store>>(const std::filesystem::path& folder, const StoreBounds&)> open;
};
inline void PrintTo(const StoreFactory& factory, std::ostream* out) {
  *out << factory.name;
}

inline std::string store_name(const testing::TestParamInfo<StoreFactory>& suite) {
  return suite.param.name;
}

class StoreConformance : public testing::TestWithParam<StoreFactory> {
 protected:
  StoreConformance() { open(); }
  void TearDown() override {
    if (!store_) return;
    EXPECT_TRUE(is_sound(*store_));
  }

  Store& store() { return *store_; }
  BlockingStore write() { return BlockingStore(*store_); }
  const std::filesystem::path& folder() const { return folder_.path(); }

  void open(StoreBounds bounds = {}) {
    store_.reset();
    store_ = std::move(GetParam().open(folder(), bounds).value());
  }
  void close_and_reopen() {
    store_->close();
    open();
  }
  // Waits until all that was written before is answered; it may be too much for one more write as yet.
  void drain() {
    for (;;) {
      const auto last = write().record(audit::started("drain"), at());
      if (last || last.error().code != ErrorCode::busy) return;
      std::this_thread::yield();
    }
  }
  // Gives the store up without closing it first; open() has it again.
  void release() { store_.reset(); }

  // What most tests begin with. Throws when the store does otherwise.
  Accepted accepted(Accept command) {
    auto outcome = write().accept(std::move(command)).value();
    if (outcome.kind != AcceptKind::accepted) throw std::logic_error("the sample was not accepted");
    return outcome;
  }
  // An item that both channels have.
  Accepted published(const std::string& reference) {
    auto outcome = accepted(submission(reference));
    for (const auto& delivery : outcome.deliveries) write().settle(delivered(delivery.id())).value();
    return outcome;
  }
  v1::DeliveryState state_of(const std::string& delivery_id) { return store_->delivery(delivery_id).value().state(); }
  v1::EditionState edition_state(std::uint64_t item, int number) {
    return store_->item(item).value().editions(number - 1).state();
  }
  std::vector<v1::AuditAction> acts(std::uint64_t item) {
    std::vector<v1::AuditAction> actions;
    for (const auto& bytes : store_->item_records(item).value()) {
      v1::AuditRecord record;
      record.ParseFromString(bytes);
      actions.push_back(record.action());
    }
    return actions;
  }

 private:
  TempFolder folder_;
  std::unique_ptr<Store> store_;
};

template <typename T>
ErrorCode code_of(const Result<T>& result) {
  return result ? throw std::logic_error("there was no error") : result.error().code;
}

}  // namespace fabu::store
