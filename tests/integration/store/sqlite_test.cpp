// SQLite joins the conformance suite.
#include "broker/store/sqlite/sqlite_store.h"
#include "integration/store/conformance.h"

namespace fabu::store {
namespace {

Result<std::unique_ptr<Store>> open_in(const std::filesystem::path& folder, const StoreBounds& bounds) {
  SqliteOptions options;
  options.folder = folder;
  options.max_waiting = bounds.max_waiting;
  options.max_waiting_bytes = bounds.max_waiting_bytes;
  return open_sqlite(options);
}

INSTANTIATE_TEST_SUITE_P(Sqlite, StoreConformance, testing::Values(StoreFactory{"sqlite", &open_in}), store_name);

}  // namespace
}  // namespace fabu::store
