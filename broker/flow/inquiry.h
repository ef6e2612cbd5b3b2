// Inquiry: where is my item, what happened to it, and why. Reads only.
#pragma once

#include <fabu/v1/api.pb.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>
#include <functional>
#include <string>

#include "broker/domain/caller.h"
#include "broker/domain/catalogue.h"
#include "broker/domain/result.h"
#include "broker/flow/channels.h"
#include "broker/flow/installation.h"
#include "broker/store/store.h"
#include "proto/fabu/time.h"

namespace fabu::flow {

// A signed checkpoint that covers at least the log's present size. Seals one if the newest is older.
using Seal = std::function<boost::asio::awaitable<Result<store::StoredCheckpoint>>()>;

// Thread-safe. Every call blocks on the store and therefore runs on `pool`. Items that the caller may not see are not_found.
class Inquiry {
 public:
  Inquiry(store::Store&, const domain::Catalogue&, const Installation&, const ChannelBoard&, const Clock&,
          boost::asio::thread_pool& pool, Seal seal, std::string verifier_key);

  // `name`: an item number, an 索引号, or "DEPARTMENT:REFERENCE".
  boost::asio::awaitable<Result<std::uint64_t>> resolve(Caller, std::string name);
  boost::asio::awaitable<Result<v1::ItemView>> item(Caller, std::string name);
  boost::asio::awaitable<Result<v1::ItemList>> items(Caller, store::ItemQuery);
  boost::asio::awaitable<Result<v1::Trace>> trace(Caller, std::string name);  // openings only with Scope::audit
  boost::asio::awaitable<Result<v1::Why>> why(Caller, std::string name);
  // Errors: busy while the item goes on faster than it can be sealed.
  boost::asio::awaitable<Result<v1::EvidenceBundle>> bundle(Caller, std::string name);
  boost::asio::awaitable<Result<v1::DeliveryList>> deliveries(Caller, store::DeliveryQuery);
  boost::asio::awaitable<Result<v1::DeliveryGroups>> groups(Caller);
  boost::asio::awaitable<Result<v1::ChannelList>> channels(Caller);

 private:
  store::Store& store_;
  const domain::Catalogue& catalogue_;
  const Installation& installation_;
  const ChannelBoard& board_;
  const Clock& clock_;
  boost::asio::thread_pool& pool_;
  Seal seal_;
  std::string verifier_key_;
};

}  // namespace fabu::flow
