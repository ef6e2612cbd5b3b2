// What operators, reviewers and administrators do. Every act is an audit record in the same transaction.
#pragma once

#include <fabu/v1/api.pb.h>

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <string>
#include <vector>

#include "broker/domain/caller.h"
#include "broker/domain/catalogue.h"
#include "broker/domain/result.h"
#include "broker/flow/channels.h"
#include "broker/flow/installation.h"
#include "broker/store/store.h"
#include "proto/fabu/time.h"

namespace fabu::flow {

class Dispatch;

// The names of the scopes in a bit set, as requests and answers have them.
std::vector<std::string> scope_names(std::uint8_t scopes);

// Thread-safe. Each call checks the caller's scope and answers forbidden, naming the scope, when it lacks it.
class Operate {
 public:
  // Gives a fresh key: its record without department, scopes, name and times, and the text that is shown once.
  struct FreshKey {
    store::KeyRecord record;
    std::string text;
  };
  using MakeKey = std::function<FreshKey()>;
  Operate(store::Store&, const domain::Catalogue&, const Installation&, ChannelBoard&, const Clock&, Dispatch&, MakeKey);

  // Scope::operate, or Scope::submit for one's own department's items.
  boost::asio::awaitable<Result<v1::SubmissionReceipt>> withdraw(Caller, std::uint64_t item_id, v1::WithdrawRequest);
  boost::asio::awaitable<Result<v1::SubmissionReceipt>> review(Caller, std::uint64_t item_id, v1::ReviewRequest);  // review
  boost::asio::awaitable<Result<v1::ReplayAnswer>> replay(Caller, v1::ReplayRequest);                              // operate
  boost::asio::awaitable<Result<v1::ChannelView>> pause(Caller, std::string channel, std::string reason);          // operate
  boost::asio::awaitable<Result<v1::ChannelView>> resume(Caller, std::string channel);                             // operate
  boost::asio::awaitable<Result<v1::KeyAnswer>> create_key(Caller, v1::KeyRequest);                                // admin
  boost::asio::awaitable<Result<std::uint64_t>> revoke_key(Caller, std::string key_id);                            // admin
  // What channels did by themselves: breakers, throttling, refused credentials. Recorded, nothing else.
  boost::asio::awaitable<void> note_channel(std::string channel, bool paused, std::string reason);

 private:
  boost::asio::awaitable<Result<v1::ItemView>> view(std::uint64_t item_id);
  boost::asio::awaitable<Result<std::uint64_t>> record(audit::Draft);
  boost::asio::awaitable<Result<std::uint64_t>> switch_channel(Caller, std::string channel, bool paused, std::string reason);

  store::Store& store_;
  const domain::Catalogue& catalogue_;
  const Installation& installation_;
  ChannelBoard& board_;
  const Clock& clock_;
  Dispatch& dispatch_;
  MakeKey make_key_;
};

}  // namespace fabu::flow
