#include "broker/store/ledger/taking_up.h"

#include <fabu/v1/audit.pb.h>

#include <utility>

namespace fabu::store {

Error log_contradiction(const std::string& what) {
  return Error{ErrorCode::corrupt, "log", what, "Do not start on this database; restore a backup and run fabu audit verify.", {}};
}

Error newer_schema(std::int64_t found, std::int64_t known) {
  return Error{ErrorCode::unsupported,
               "store",
               "The database has schema version " + std::to_string(found) + ", this program knows " + std::to_string(known) + ".",
               "Start the newer program that wrote it, or restore the backup made before the upgrade.",
               {}};
}

Result<audit::Edge> stored_edge(std::uint64_t size, const StoredHashes& hashes_of) {
  std::vector<std::vector<Digest>> partial;
  std::uint64_t count = size;
  for (unsigned level = 0; count > 0; ++level, count /= audit::kTileWidth) {
    auto hashes = hashes_of(level, count / audit::kTileWidth * audit::kTileWidth, count);
    if (!hashes) return hashes.error();
    partial.push_back(std::move(*hashes));
  }
  return audit::Edge::resume(size, std::move(partial));
}

Result<Instant> time_of_record(std::string_view bytes) {
  v1::AuditRecord record;
  if (!record.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())))
    return log_contradiction("The last record cannot be read.");
  return from_ms(record.time_ms());
}

}  // namespace fabu::store
