#include "broker/cli/open_store.h"

#include <utility>

#include "broker/store/postgresql/pg_store.h"
#include "broker/store/sqlite/sqlite_store.h"

namespace fabu::cli {
namespace {

Result<OpenStore> open_sqlite(const DataFolder& folder) {
  store::SqliteOptions options;
  options.folder = folder.root();
  auto opened = store::open_sqlite(options);
  if (!opened) return opened.error();
  return OpenStore{std::nullopt, std::move(*opened)};
}

Result<OpenStore> open_postgres(const DataFolder& folder, const std::string& address, bool alone,
                                const std::optional<store::S3Options>& bucket) {
  auto lock = store::FolderLock::take(folder.root());
  if (!lock) return lock.error();
  store::PostgresOptions options;
  options.address = address;
  options.copies = folder.root() / "attachments";
  options.alone = alone;
  options.s3 = bucket;
  auto opened = store::open_postgres(options);
  if (!opened) return opened.error();
  return OpenStore{std::move(*lock), std::move(*opened)};
}

}  // namespace

Result<OpenStore> open_store(const DataFolder& folder, const std::string& address, bool alone,
                             const std::optional<store::S3Options>& bucket) {
  const auto noted = folder.store_address();
  if (address.empty() && !noted.empty()) {
    return Error{ErrorCode::conflict,
                 folder.root().string(),
                 "The folder belongs to a store on PostgreSQL: " + noted,
                 "Say `store: " + noted + "` in the configuration; SQLite here would begin a second history.",
                 {}};
  }
  if (address.empty()) return open_sqlite(folder);
  auto opened = open_postgres(folder, address, alone, bucket);
  if (!opened || noted == address) return opened;
  if (const auto kept = folder.note_store_address(address); !kept) return kept.error();
  return opened;
}

Result<OpenStore> open_noted_store(const DataFolder& folder, bool alone) {
  return open_store(folder, folder.store_address(), alone);
}

}  // namespace fabu::cli
