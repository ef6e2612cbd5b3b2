#include "broker/http/auth.h"

#include <openssl/crypto.h>

#include <boost/beast/core/string.hpp>
#include <utility>

#include "broker/flow/off_thread.h"

namespace fabu::http {
namespace asio = boost::asio;

namespace {

constexpr std::uint8_t kAllScopes = 63;

// The token of "Bearer TOKEN"; empty for anything else.
std::string_view bearer(std::string_view authorization) {
  constexpr std::string_view kScheme = "Bearer ";
  if (authorization.size() < kScheme.size()) return {};
  if (!boost::beast::iequals({authorization.data(), kScheme.size()}, {kScheme.data(), kScheme.size()})) return {};
  return authorization.substr(kScheme.size());
}

Caller caller_of(const store::KeyRecord& record) {
  Caller caller;
  const auto has = [&](Scope scope) { return (record.scopes & static_cast<std::uint8_t>(scope)) != 0; };
  caller.kind = has(Scope::operate) || has(Scope::admin) ? v1::ACTOR_KIND_OPERATOR
                : has(Scope::review)                     ? v1::ACTOR_KIND_REVIEWER
                                                         : v1::ACTOR_KIND_DEPARTMENT;
  caller.department = record.department;
  caller.key_id = record.id;
  caller.scopes = record.scopes;
  return caller;
}

// IPv6 callers own whole /64 networks: they count as one.
std::string network_of(const std::string& address) {
  if (address.find(':') == std::string::npos) return address;
  std::size_t end = 0;
  for (int group = 0; group < 4 && end != std::string::npos; ++group) end = address.find(':', end == 0 ? 0 : end + 1);
  return address.substr(0, end);
}

}  // namespace

Caller local_administrator() {
  return {v1::ACTOR_KIND_LOCAL, {}, {}, kAllScopes};
}

Auth::Auth(Lookup lookup, asio::thread_pool& pool, AuthOptions options)
    : lookup_(std::move(lookup)),
      pool_(pool),
      options_(std::move(options)),
      failures_(options_.failures, options_.regain, options_.addresses) {}

asio::awaitable<Result<Caller>> Auth::authenticate(const Request& request) {
  if (request.local) co_return local_administrator();
  const auto authorization = request.header("Authorization");
  if (authorization.empty()) {
    co_return Error{ErrorCode::unauthorized, "Authorization", "No key was sent.", "Send `Authorization: Bearer fabu_…`.", {}};
  }
  const auto key = parse_key(bearer(authorization));
  if (key) {
    if (const auto record = known(key->id)) co_return judge(request, *key, record);
  }
  {
    const std::lock_guard lock(mutex_);
    if (failures_.exhausted(network_of(request.address), options_.now())) {
      co_return Error{
          ErrorCode::busy, "Authorization", "Too many wrong keys came from this address.", "Wait, and check the key.", {}};
    }
  }
  if (!key) co_return failure(request, "This is not one of our keys.");
  auto work = [this, &id = key->id] { return lookup_(id); };
  auto found = co_await flow::off_thread(pool_, work);
  if (!found) co_return found.error();
  if (*found) remember(**found);
  co_return judge(request, *key, *found);
}

std::optional<store::KeyRecord> Auth::known(const std::string& id) {
  const std::lock_guard lock(mutex_);
  const auto found = cache_.find(id);
  if (found == cache_.end() || found->second.until <= options_.now()) return std::nullopt;
  return found->second.record;
}

Result<Caller> Auth::judge(const Request& request, const KeyText& key, const std::optional<store::KeyRecord>& record) {
  const Digest given = key.digest();
  // Compared even when there is no such key, so that the time tells nothing about which ids exist.
  const Digest stored = record ? record->secret : Digest{};
  const bool same = CRYPTO_memcmp(given.bytes.data(), stored.bytes.data(), given.bytes.size()) == 0;
  if (!record || !same) return failure(request, "This key is not known here.");
  if (record->revoked_ms != 0) return failure(request, "This key was revoked.");
  return caller_of(*record);
}

Error Auth::failure(const Request& request, std::string what) {
  const std::lock_guard lock(mutex_);
  failures_.failed(network_of(request.address), options_.now());
  return {ErrorCode::unauthorized, "Authorization", std::move(what), "Ask an administrator for a key: fabu key create.", {}};
}

void Auth::remember(store::KeyRecord record) {
  const std::lock_guard lock(mutex_);
  const auto now = options_.now();
  if (cache_.size() >= options_.cached_keys) {
    std::erase_if(cache_, [now](const auto& entry) { return entry.second.until <= now; });
    if (cache_.size() >= options_.cached_keys) cache_.erase(cache_.begin());
  }
  const std::string id = record.id;
  cache_[id] = {std::move(record), now + options_.fresh};
}

void Auth::invalidate(const std::string& key_id) {
  const std::lock_guard lock(mutex_);
  cache_.erase(key_id);
}

}  // namespace fabu::http
