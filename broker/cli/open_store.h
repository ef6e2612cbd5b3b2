// Opens the store that a data folder belongs to, and keeps the folder for this process alone.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "broker/cli/data_folder.h"
#include "broker/store/s3/s3_bucket.h"
#include "broker/store/sqlite/folder_lock.h"
#include "broker/store/store.h"

namespace fabu::cli {

struct OpenStore {
  std::optional<store::FolderLock> lock;  // SQLite's store holds its own
  std::unique_ptr<store::Store> store;
};

// `address`: of a PostgreSQL database; empty = SQLite under the folder. `alone`: no other broker may have the database.
// The folder notes which it was, so that it is never opened with the other one by mistake: a second history would begin. Fails
// (conflict) then, and as the stores do. `bucket`: where attachments lie; none = in the database, or under the folder.
Result<OpenStore> open_store(const DataFolder&, const std::string& address, bool alone,
                             const std::optional<store::S3Options>& bucket = std::nullopt);

// The same, with the store that the folder noted; attachments in a bucket cannot be read.
Result<OpenStore> open_noted_store(const DataFolder&, bool alone);

}  // namespace fabu::cli
