// Sealing: signs the log's head, at most once a second and only when the tree grew, never before its entries are durable.
//
// The newest checkpoint is kept in the store and, written first, in a file beside it: a store that was put back to an older
// state is then seen to contradict what was signed, and the broker refuses to run.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "broker/flow/events.h"
#include "broker/store/store.h"
#include "proto/fabu/time.h"

namespace fabu::flow {

// Signs a checkpoint: the note for (size, root). Made from the log's key; pure.
using SignCheckpoint = std::function<std::string(std::uint64_t size, const Digest& root)>;
// Keeps the note outside the store, durably, before it is shown to anyone.
using KeepCheckpoint = std::function<Result<void>(const std::string& note)>;

// Thread-safe.
class Sealer {
 public:
  Sealer(store::Store&, SignCheckpoint, KeepCheckpoint, const Clock&, Events&, boost::asio::any_io_executor executor,
         boost::asio::thread_pool& blocking);

  // Seals every `interval` while the log grows, until stop().
  boost::asio::awaitable<void> run(Millis interval);
  void stop();
  // A checkpoint of at least the log's size at the time of the call; seals one if there is none.
  boost::asio::awaitable<Result<store::StoredCheckpoint>> seal();
  // The newest one; empty note when nothing was ever sealed.
  store::StoredCheckpoint newest() const;
  void adopt(store::StoredCheckpoint);  // what was sealed before this start

 private:
  Result<store::StoredCheckpoint> seal_blocking();
  Result<store::StoredCheckpoint> seal_head();

  store::Store& store_;
  SignCheckpoint sign_;
  KeepCheckpoint keep_;
  const Clock& clock_;
  Events& events_;
  boost::asio::any_io_executor executor_;
  boost::asio::thread_pool& blocking_;
  boost::asio::steady_timer timer_;
  bool stopped_ = false;  // of the executor's thread
  mutable std::mutex newest_mutex_;
  store::StoredCheckpoint newest_;
  std::mutex sealing_;  // one at a time, so that two heads are never signed out of order
};

}  // namespace fabu::flow
