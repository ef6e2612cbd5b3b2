#include "broker/cli/log_key.h"

#include <utility>

#include "broker/audit/checkpoint.h"

namespace fabu::cli {
namespace {

// "https://ggj.example.gov.cn" → "ggj.example.gov.cn/log": the scheme-less prefix of the log's address. Empty stays empty.
std::string origin_of(const std::string& base_url) {
  const auto scheme = base_url.find("://");
  return scheme == std::string::npos ? std::string() : base_url.substr(scheme + 3) + "/log";
}

// What the store's newest checkpoint is named; empty before one was signed.
Result<std::string> signed_origin(const std::optional<store::StoredCheckpoint>& newest) {
  if (!newest || newest->note.empty()) return std::string();
  const auto checkpoint = audit::read_checkpoint(newest->note);
  if (!checkpoint) return checkpoint.error();
  return checkpoint->origin;
}

Result<void> check_signer(const DataFolder& folder, const audit::SigningKey& key, const store::StoredCheckpoint& newest) {
  const auto signed_by = audit::read_checkpoint(newest.note);
  const auto known = folder.signers(key);
  if (!known) return known.error();
  if (!signed_by || signed_by->origin != key.verifier().name || audit::open_checkpoint(newest.note, *known)) return {};
  return Error{
      ErrorCode::conflict,
      (folder.root() / "log" / "key.pem").string(),
      "The store's log is signed by another key.",
      "Copy log/key.pem and log/origin of the broker that began the log: all brokers of a store share them. If the key was "
      "changed, write the former one's `fabu keys show` into log/former-keys.",
      {}};
}

}  // namespace

Result<std::optional<audit::SigningKey>> log_key(const DataFolder& folder, store::Store& store, const std::string& base_url,
                                                 bool begin) {
  if (!begin && folder.origin().empty()) return std::optional<audit::SigningKey>{};
  const auto newest = store.latest_checkpoint();
  if (!newest) return newest.error();
  const auto other = signed_origin(*newest);
  if (!other) return other.error();
  const auto origin = folder.fix_origin(other->empty() ? origin_of(base_url) : *other);
  if (!origin) return origin.error();
  auto key = folder.key(*origin);
  if (!key) return key.error();
  if (*newest) {
    if (const auto same = check_signer(folder, *key, **newest); !same) return same.error();
  }
  if (const auto good = folder.check_not_rolled_back(store, *key); !good) return good.error();
  return std::optional<audit::SigningKey>(std::move(*key));
}

bool is_of_log(const store::StoredCheckpoint& stored, const DataFolder& folder) {
  const auto checkpoint = audit::read_checkpoint(stored.note);
  return checkpoint && checkpoint->origin == folder.origin();
}

}  // namespace fabu::cli
