// Keeps a store's thread busy until released, so that what is written meanwhile waits and is committed as one group.
#pragma once

#include <future>
#include <memory>
#include <utility>

#include "broker/store/store.h"
#include "integration/store/sample.h"

namespace fabu::store {

// It waits inside a Done, which nobody but a test may do.
class HeldStore {
 public:
  explicit HeldStore(Store& store) {
    store.record(audit::started("held"), at(), [gates = gates_](Result<std::uint64_t>) {
      gates->entered.set_value();
      gates->released.get_future().wait();
    });
    gates_->entered.get_future().wait();
  }
  ~HeldStore() { release(); }
  HeldStore(const HeldStore&) = delete;
  HeldStore& operator=(const HeldStore&) = delete;

  void release() {
    if (!std::exchange(over_, true)) gates_->released.set_value();
  }

 private:
  // The store's thread may still be passing them when the test is done with this.
  struct Gates {
    std::promise<void> entered, released;
  };
  std::shared_ptr<Gates> gates_ = std::make_shared<Gates>();
  bool over_ = false;
};

}  // namespace fabu::store
