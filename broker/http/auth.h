// Who asks: API keys, and the local administrator.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>
#include <chrono>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "broker/domain/caller.h"
#include "broker/domain/result.h"
#include "broker/http/failure_limit.h"
#include "broker/http/key_text.h"
#include "broker/http/request.h"
#include "broker/store/store.h"

namespace fabu::http {

struct AuthOptions {
  std::chrono::milliseconds fresh{5'000};  // a key that was looked up is believed for so long; invalidate() ends it at once
  std::size_t cached_keys = 4096;
  unsigned failures = 20;                   // of one address, at once
  std::chrono::milliseconds regain{3'000};  // one more try
  std::size_t addresses = 4096;
  std::function<std::chrono::steady_clock::time_point()> now = &std::chrono::steady_clock::now;
};

// Thread-safe.
class Auth {
 public:
  // Reads one key's record; blocks.
  using Lookup = std::function<Result<std::optional<store::KeyRecord>>(const std::string& id)>;
  Auth(Lookup lookup, boost::asio::thread_pool& pool, AuthOptions options = {});

  // The caller of `Authorization: Bearer fabu_…`; the local administrator when the request is local. Errors: unauthorized (no
  // key, not one of ours, revoked, wrong secret), busy (too many failures from the address), or as the lookup fails.
  boost::asio::awaitable<Result<Caller>> authenticate(const Request&);
  // The key was revoked or changed.
  void invalidate(const std::string& key_id);

 private:
  struct Known {
    store::KeyRecord record;
    std::chrono::steady_clock::time_point until;
  };
  std::optional<store::KeyRecord> known(const std::string& id);
  Result<Caller> judge(const Request&, const KeyText&, const std::optional<store::KeyRecord>&);
  Error failure(const Request&, std::string what);
  void remember(store::KeyRecord);

  Lookup lookup_;
  boost::asio::thread_pool& pool_;
  AuthOptions options_;
  std::mutex mutex_;
  std::unordered_map<std::string, Known> cache_;  // guarded by mutex_
  FailureLimit failures_;                         // guarded by mutex_
};

Caller local_administrator();

}  // namespace fabu::http
