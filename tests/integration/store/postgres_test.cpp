// PostgreSQL joins the conformance suite: a real server, a database for each folder.
#include "broker/store/postgresql/pg_store.h"
#include "integration/store/conformance.h"
#include "peers/postgres/postgres_server.h"

namespace fabu::store {
namespace {

peers::PostgresServer& server() {
  static peers::PostgresServer running;
  return running;
}

Result<std::unique_ptr<Store>> open_here(const std::filesystem::path& folder, const StoreBounds& bounds) {
  PostgresOptions options;
  options.address = server().address(folder.filename().string());
  options.copies = folder / "copies";
  options.alone = true;  // as one process has it, which owns all
  options.max_waiting = bounds.max_waiting;
  options.max_waiting_bytes = bounds.max_waiting_bytes;
  return open_postgres(options);
}

INSTANTIATE_TEST_SUITE_P(Postgres, StoreConformance, testing::Values(StoreFactory{"postgres", &open_here}), store_name);

}  // namespace
}  // namespace fabu::store
