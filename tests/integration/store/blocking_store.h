// The writes of a Store as calls that wait for their Done. From several threads they are as concurrent as the store lets them be.
#pragma once

#include <chrono>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include "broker/store/store.h"

namespace fabu::store {

class BlockingStore {
 public:
  explicit BlockingStore(Store& store) : store_(store) {}

  Result<Accepted> accept(Accept c) {
    return wait<Accepted>([&](auto done) { store_.accept(std::move(c), std::move(done)); });
  }
  Result<std::uint64_t> refuse(Refuse c) {
    return wait<std::uint64_t>([&](auto done) { store_.refuse(std::move(c), std::move(done)); });
  }
  Result<Withdrawn> withdraw(Withdraw c) {
    return wait<Withdrawn>([&](auto done) { store_.withdraw(std::move(c), std::move(done)); });
  }
  Result<Reviewed> review(Review c) {
    return wait<Reviewed>([&](auto done) { store_.review(std::move(c), std::move(done)); });
  }
  Result<Settled> settle(Settle c) {
    return wait<Settled>([&](auto done) { store_.settle(std::move(c), std::move(done)); });
  }
  Result<Replayed> replay(Replay c) {
    return wait<Replayed>([&](auto done) { store_.replay(std::move(c), std::move(done)); });
  }
  Result<std::uint64_t> switch_channel(SwitchChannel c) {
    return wait<std::uint64_t>([&](auto done) { store_.switch_channel(std::move(c), std::move(done)); });
  }
  Result<std::uint64_t> create_key(KeyRecord key, Caller caller, Instant now) {
    return wait<std::uint64_t>([&](auto done) { store_.create_key(std::move(key), std::move(caller), now, std::move(done)); });
  }
  Result<std::uint64_t> revoke_key(std::string id, Caller caller, Instant now) {
    return wait<std::uint64_t>([&](auto done) { store_.revoke_key(std::move(id), std::move(caller), now, std::move(done)); });
  }
  Result<std::uint64_t> record(audit::Draft draft, Instant now) {
    return wait<std::uint64_t>([&](auto done) { store_.record(std::move(draft), now, std::move(done)); });
  }
  Result<std::uint64_t> save_checkpoint(StoredCheckpoint c) {
    return wait<std::uint64_t>([&](auto done) { store_.save_checkpoint(std::move(c), std::move(done)); });
  }

 private:
  // A Done that is called twice ends the test program: the promise throws on the store's thread.
  template <typename T, typename Start>
  static Result<T> wait(Start start) {
    auto promise = std::make_shared<std::promise<Result<T>>>();
    auto answer = promise->get_future();
    start(Done<T>([promise](Result<T> result) { promise->set_value(std::move(result)); }));
    if (answer.wait_for(std::chrono::seconds(30)) != std::future_status::ready) {
      throw std::runtime_error("the store did not answer within 30 s");
    }
    return answer.get();
  }

  Store& store_;
};

}  // namespace fabu::store
