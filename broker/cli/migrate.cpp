#include "broker/cli/server_verbs.h"

#include <fmt/format.h>

#include <filesystem>
#include <ostream>

#include "broker/audit/checkpoint.h"
#include "broker/cli/config.h"
#include "broker/cli/data_folder.h"
#include "broker/cli/log_key.h"
#include "broker/cli/open_store.h"
#include "broker/cli/progress_bar.h"
#include "broker/store/migration/migration.h"
#include "broker/store/postgresql/connection.h"

namespace fabu::cli {
namespace {

namespace fs = std::filesystem;

struct Options {
  std::string from, to;
  bool dry_run = false;
};

constexpr std::string_view kSqlite = "sqlite:";

// What is there before anything is moved.
struct Source {
  store::LogHead log;
  std::uint64_t newest_item = 0;
};

// Whether the stored log is whole, and continues what was signed, as at every start.
Result<void> check_log(const DataFolder& folder, store::Store& store) {
  const auto key = log_key(folder, store, {}, false);
  if (!key) return key.error();
  return {};
}

Result<Source> look_at_source(const DataFolder& folder) {
  const auto file = folder.root() / "fabu.db";
  std::error_code ec;
  if (!fs::is_regular_file(file, ec)) {
    return Error{ErrorCode::io, "--from", file.string() + " is not there", "name the data folder of a stopped server", {}};
  }
  if (const auto noted = folder.store_address(); !noted.empty()) {
    return Error{ErrorCode::conflict, "--from", "The folder belongs to a store on PostgreSQL already: " + noted, {}, {}};
  }
  const auto opened = open_store(folder, {}, true);
  if (!opened) return opened.error();
  auto& store = *opened->store;
  if (const auto whole = check_log(folder, store); !whole) return whole.error();
  const auto newest = store.items({{}, {}, 0, 1});
  if (!newest) return newest.error();
  Source source{store.log_head(), newest->empty() ? 0 : newest->front().item_id()};
  store.close();
  return source;
}

Result<void> look_at_target(const std::string& address) {
  try {
    store::pg::Connection db(address);
    if (db.query("SELECT to_regclass('log_head')").is_null(0, 0)) return {};
    if (db.query("SELECT size FROM log_head").number(0, 0) == 0) return {};
    return Error{ErrorCode::conflict,
                 "--to",
                 "The database has an audit log already.",
                 "Name an empty one: two histories cannot become one.",
                 {}};
  } catch (const store::pg::Failure& e) {
    return Error{ErrorCode::unavailable, "--to", e.what(), "See that the database is there and lets this user in.", {}};
  }
}

std::string told(const store::LogHead& log) {
  return fmt::format("{} log records, root {}", log.size, log.root.hex());
}

// The moved log, opened as a server would open it.
Result<store::LogHead> look_at_arrival(const DataFolder& folder, const std::string& address) {
  const auto opened = open_store(folder, address, true);
  if (!opened) return opened.error();
  if (const auto whole = check_log(folder, *opened->store); !whole) return whole.error();
  const auto log = opened->store->log_head();
  opened->store->close();
  return log;
}

void say_next(Context& context, const Options& o, const fs::path& data) {
  *context.err << fmt::format(
      "Next:\n"
      "  1. Write into the configuration:  store: {}\n"
      "  2. Start the server on the same folder, {}: it goes on with log/key.pem, log/origin and log/checkpoint. Without the "
      "line\n"
      "     above it refuses to start, so that no second history begins in fabu.db.\n"
      "  3. Make a backup (`fabu backup`). Then {} may be deleted; nothing reads it any more.\n",
      o.to, data.string(), (data / "fabu.db").string());
}

void migrate(Context& context, const Options& o) {
  if (!o.from.starts_with(kSqlite) || o.from.size() == kSqlite.size())
    return context.fail(Exit::usage, "--from: write it as sqlite:DIR, with the data folder of a stopped server");
  if (const auto fault = fault_of_store(o.to)) return context.fail(Exit::usage, "--to " + fault->what + "\n  → " + fault->todo);
  const fs::path data = o.from.substr(kSqlite.size());
  const DataFolder folder(data);
  const auto source = look_at_source(folder);
  if (!source) return context.fail(source.error());
  if (const auto empty = look_at_target(o.to); !empty) return context.fail(empty.error());
  *context.err << fmt::format("from {}: {} items, {}\nto   {}: reachable and empty\n", o.from, source->newest_item,
                              told(source->log), o.to);
  if (o.dry_run) {
    *context.out << "nothing stands in the way; nothing was moved\n";
    return;
  }
  ProgressBar bar(*context.err, context.err_is_terminal);
  store::Migration how{data, o.to, [&](std::uint64_t done, std::uint64_t all) { bar.draw(done, all, 0, context.now()); }};
  const auto moved = store::migrate_to_postgres(how);
  bar.erase();
  if (!moved) return context.fail(moved.error());
  const auto arrived = look_at_arrival(folder, o.to);
  if (!arrived) return context.fail(arrived.error());
  if (arrived->root != source->log.root || arrived->size != source->log.size) {
    return context.fail(
        Exit::refused, fmt::format("the logs differ: {} here, {} there; do not use {}", told(source->log), told(*arrived), o.to));
  }
  *context.out << fmt::format("moved {} items, {} files and the log: {} on both sides\n", moved->items, moved->files,
                              told(*arrived));
  say_next(context, o, data);
}

}  // namespace

void add_migrate(Verb app, Context& context) {
  auto o = std::make_shared<Options>();
  auto verb = app.add_subcommand("migrate", "Move an installation from SQLite to PostgreSQL, its audit log unbroken");
  verb->footer(
      "The server must be stopped. All or nothing: what was moved when it fails is taken back, but for files. The folder's own "
      "files are left as they are; it then belongs to the database.\n"
      "Exit codes: 0 moved; 1 the database has a log already, or the log is not whole; 2 usage; 3 the folder is in use, or the "
      "database cannot be reached; 6 there is no fabu.db.\n"
      "Example:\n"
      "  fabu migrate --from sqlite:/var/lib/fabu --to 'postgresql://fabu@db1/fabu?passfile=/etc/fabu/pgpass'");
  verb->add_option("--from", o->from, "Data folder of a stopped server")->required()->type_name("sqlite:DIR");
  verb->add_option("--to", o->to, "Address of an empty database, without a password")->required()->type_name("postgresql://…");
  verb->add_flag("--dry-run", o->dry_run, "Check both sides and move nothing");
  verb->callback([&context, o] { migrate(context, *o); });
}

}  // namespace fabu::cli
