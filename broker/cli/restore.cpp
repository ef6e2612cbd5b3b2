// fabu restore: puts a backup in place, if it is whole and nothing proves that it is older than what was signed.
#include <fmt/format.h>
#include <sys/stat.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <ostream>
#include <utility>

#include "broker/audit/checkpoint.h"
#include "broker/cli/backup_files.h"
#include "broker/cli/backup_log.h"
#include "broker/cli/backup_manifest.h"
#include "broker/cli/config.h"
#include "broker/cli/data_folder.h"
#include "broker/cli/log_key.h"
#include "broker/cli/lost_records.h"
#include "broker/cli/open_store.h"
#include "broker/cli/program.h"
#include "broker/cli/progress_bar.h"
#include "broker/cli/server_verbs.h"
#include "broker/store/postgresql/connection.h"

namespace fabu::cli {
namespace {

namespace fs = std::filesystem;

struct Options {
  std::string backup, data, store, checkpoint, log_key;
  bool accept_loss = false;
};

constexpr const char* kLogKey = "log/key.pem";
constexpr const char* kCheckpoint = "log/checkpoint";

std::string read_text(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

class Restore {
 public:
  Restore(Context& context, const Options& options) : context_(context), o_(options), backup_(o_.backup), data_(o_.data) {}

  Result<BackupManifest> run() {
    auto manifest = read_manifest(backup_);
    if (!manifest) return manifest.error();
    manifest_ = std::move(*manifest);
    if (const auto good = check_target(); !good) return good.error();
    if (const auto good = check_backup(); !good) return good.error();
    if (const auto good = check_newest(); !good) return good.error();
    if (const auto put = put_files(); !put) return put.error();
    if (const auto put = put_log(); !put) return put.error();
    if (const auto put = put_database(); !put) return put.error();
    if (const auto good = check_restored(); !good) return good.error();
    return manifest_;
  }
  const std::optional<LostRecords>& lost() const { return lost_; }

 private:
  Result<void> check_target() const {
    std::error_code ec;
    if (fs::exists(data_, ec) && !fs::is_empty(data_, ec))
      return Error{ErrorCode::conflict, data_.string(), "There is something in it.", "Name a folder that is new or empty.", {}};
    if (manifest_.postgresql && o_.store.empty())
      return Error{ErrorCode::invalid,
                   "--store",
                   "the backup is of a store on PostgreSQL",
                   "name an empty database: --store postgresql://…",
                   {}};
    if (!manifest_.postgresql && !o_.store.empty())
      return Error{
          ErrorCode::invalid, "--store", "the backup is of SQLite", "restore it as it is; `fabu migrate` moves it then", {}};
    return o_.store.empty() ? Result<void>() : check_database();
  }

  Result<void> check_database() const {
    try {
      store::pg::Connection db(o_.store);
      if (db.query("SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'r' AND "
                   "n.nspname NOT IN ('pg_catalog', 'information_schema')")
              .number(0, 0) == 0)
        return {};
      return Error{ErrorCode::conflict, "--store", "The database is not empty.", "Name an empty one (createdb).", {}};
    } catch (const store::pg::Failure& e) {
      return Error{ErrorCode::unavailable, "--store", e.what(), "See that the database is there and lets this user in.", {}};
    }
  }

  // The digests of all files, and the log's root from its entries against the manifest and the checkpoint that lies beside it.
  Result<void> check_backup() {
    ProgressBar bar(*context_.err, context_.err_is_terminal);
    const auto whole =
        check_files(backup_, manifest_, [&](std::size_t done, std::size_t all) { bar.draw(done, all, 0, context_.now()); });
    bar.erase();
    if (!whole) return whole;
    auto log = BackedUpLog::read(backup_, manifest_.postgresql);
    if (!log) return log.error();
    log_ = std::move(*log);
    const auto head = log_->head();
    if (head.size != manifest_.log.size || head.root != manifest_.log.root)
      return Error{ErrorCode::corrupt,
                   backup_.string(),
                   "The log in it does not have the root that the manifest names.",
                   "Use another backup.",
                   {}};
    if (manifest_.checkpoint.empty()) return {};
    return log_->continues(manifest_.checkpoint, manifest_.verifier_keys);
  }

  // A checkpoint that was kept elsewhere may prove that the log was longer once.
  Result<void> check_newest() {
    newest_ = manifest_.checkpoint;
    if (o_.checkpoint.empty()) return {};
    const auto note = read_text(o_.checkpoint);
    if (note.empty())
      return Error{ErrorCode::io, o_.checkpoint, "cannot be read, or is empty", "name a checkpoint that was kept", {}};
    const auto good = log_->continues(note, manifest_.verifier_keys);
    const auto claimed = audit::read_checkpoint(note);
    if (good) {
      const auto known = newest_.empty() ? 0 : audit::read_checkpoint(newest_)->size;
      if (claimed->size > known) newest_ = note;
      return {};
    }
    if (good.error().code != ErrorCode::precondition) return good.error();
    if (!o_.accept_loss) return older_than(claimed->size);
    lost_ = LostRecords{manifest_.origin, manifest_.log.size, claimed->size, note};
    return {};
  }

  Error older_than(std::uint64_t signed_size) const {
    return Error{
        ErrorCode::precondition,
        backup_.string(),
        fmt::format("The backup is older than the checkpoint: it has {} log records, {} were signed. Records {} to {} would be "
                    "lost: items that were acked and perhaps published, and everybody who kept that checkpoint can prove it.",
                    manifest_.log.size, signed_size, manifest_.log.size, signed_size - 1),
        "Restore a newer backup. If there is none: --accept-loss restores this one and begins a new log, under a new name and "
        "key, that says so (docs/operations.md, Restore)",
        {}};
  }

  Result<void> put_files() {
    std::error_code failed;
    fs::create_directories(data_, failed);
    if (failed) return Error{ErrorCode::io, data_.string(), failed.message(), "Name a folder that can be made.", {}};
    ProgressBar bar(*context_.err, context_.err_is_terminal);
    std::size_t done = 0;
    for (const auto& file : manifest_.files) {
      bar.draw(++done, manifest_.files.size(), 0, context_.now());
      if (file.path == kPostgresDump) continue;
      const auto copied = copy_whole(backup_ / file.path, data_ / file.path);
      if (!copied) return copied.error();
      ::chmod((data_ / file.path).c_str(), file.mode);
    }
    bar.erase();
    return DataFolder(data_).prepare();
  }

  Result<void> put_log() {
    if (!o_.log_key.empty()) {
      std::error_code ignored;
      fs::remove(data_ / kLogKey, ignored);
      const auto copied = copy_whole(o_.log_key, data_ / kLogKey);
      if (!copied) return copied.error();
      ::chmod((data_ / kLogKey).c_str(), 0600);
    }
    if (!manifest_.verifier_keys.empty()) {
      const auto key = audit::SigningKey::load((data_ / kLogKey).string(), manifest_.origin);
      if (key && key->verifier_text() != manifest_.verifier_keys.front())
        return Error{ErrorCode::conflict,
                     (data_ / kLogKey).string(),
                     "It is not the key that signed this log.",
                     "Give the right one as --log-key",
                     {}};
      if (!key && key.error().code != ErrorCode::not_found) return key.error();
      has_key_ = static_cast<bool>(key);
    }
    if (lost_) return begin_new_log(DataFolder(data_), *lost_);
    return newest_.empty() ? Result<void>() : DataFolder(data_).keep_checkpoint(newest_);
  }

  Result<void> put_database() const {
    if (!manifest_.postgresql) return {};
    const auto program = postgres_program("pg_restore");
    if (!program)
      return Error{
          ErrorCode::io, "pg_restore", "is not installed", "apt install postgresql-client, of the server's version or newer", {}};
    return run_program({*program, "--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction",
                        "--dbname=" + o_.store, (backup_ / kPostgresDump).string()});
  }

  // Opened as a server would open it; without the log's key, its root alone is compared.
  Result<void> check_restored() const {
    const DataFolder folder(data_);
    auto opened = open_store(folder, o_.store, true);
    if (!opened) return opened.error();
    auto& store = *opened->store;
    const auto head = store.log_head();
    if (head.size != manifest_.log.size || head.root != manifest_.log.root)
      return Error{ErrorCode::corrupt, data_.string(), "What was restored does not have the backup's log.", "Do not use it.", {}};
    if (has_key_ && !lost_) {
      const auto key = log_key(folder, store, {}, false);
      if (!key) return key.error();
    }
    store.close();
    return {};
  }

  Context& context_;
  const Options& o_;
  const fs::path backup_, data_;
  BackupManifest manifest_;
  std::optional<BackedUpLog> log_;
  std::string newest_;  // the note that goes into log/checkpoint
  std::optional<LostRecords> lost_;
  bool has_key_ = false;
};

void say_done(Context& context, const Options& o, const BackupManifest& manifest, const std::optional<LostRecords>& lost) {
  *context.out << fmt::format("{}: restored from {}; verified: {} log records, root {}\n", o.data, o.backup, manifest.log.size,
                              manifest.log.root.hex());
  if (lost) {
    *context.err << fmt::format(
        "  LOST: log records {} to {}. A new log begins at the next start, with another name and key, and says so in its first "
        "record.\n"
        "  Tell those who follow the log; publish the new `fabu keys show`; keep log/checkpoint.before-loss and "
        "log/key.before-loss.pem\n"
        "  as evidence. Departments send again what they sent after {}: same references, nothing doubles.\n",
        lost->from, lost->signed_size - 1, format_utc(from_ms(manifest.time_ms)));
  } else if (o.checkpoint.empty()) {
    *context.err << fmt::format(
        "  no --checkpoint was given: nothing proves that this is the newest state. What was acked after {} is not in it; "
        "departments\n"
        "  send it again (same references, nothing doubles).\n",
        format_utc(from_ms(manifest.time_ms)));
  }
  if (!manifest.verifier_keys.empty() && !lost && !manifest.has_log_key && o.log_key.empty())
    *context.err << "  put the log's key into " << o.data << "/log/key.pem (mode 0600) before the server starts\n";
  *context.err << "  the files belong to who ran this: chown them to the server's user before it starts\n";
}

void restore(Context& context, const Options& o) {
  if (!o.store.empty()) {
    if (const auto fault = fault_of_store(o.store))
      return context.fail(Exit::usage, "--store " + fault->what + "\n  → " + fault->todo);
  }
  if (o.accept_loss && o.checkpoint.empty())
    return context.fail(Exit::usage, "--accept-loss needs --checkpoint: without one there is no loss to be seen");
  Restore work(context, o);
  const auto done = work.run();
  if (!done) {
    context.fail(done.error());
    if (done.error().code == ErrorCode::invalid) context.exit = Exit::usage;
    return;
  }
  say_done(context, o, *done, work.lost());
}

}  // namespace

void add_restore(Verb app, Context& context) {
  auto o = std::make_shared<Options>();
  auto verb = app.add_subcommand("restore", "Put a backup in place, after checking that it is whole and new enough");
  verb->footer(
      "Checks every digest, computes the audit log's root from its entries, and compares it with the manifest, with the backup's "
      "own "
      "checkpoint and with the newest one that you have anywhere (--checkpoint; /log/checkpoint of a mirror will do). Only then "
      "is "
      "anything written. A backup that such a checkpoint proves to be too old is refused; --accept-loss restores it nevertheless "
      "and "
      "begins a new log that says what was lost.\n"
      "Exit codes: 0 restored and checked; 1 refused: damaged, too old, or the target is not empty; 2 usage; 3 the database "
      "cannot be "
      "reached; 6 files cannot be read or written, or pg_restore failed.\n"
      "Examples:\n"
      "  fabu restore /backup/fabu-2026-11-25 --data /var/lib/fabu --checkpoint newest.checkpoint\n"
      "  fabu restore /backup/today --data /var/lib/fabu --store 'postgresql://fabu@db2/fabu?passfile=/etc/fabu/pgpass'");
  verb->add_option("backup", o->backup, "Folder that `fabu backup` wrote")->required()->type_name("BACKUP");
  verb->add_option("--data", o->data, "Data folder to make, new or empty")->required()->type_name("DIR");
  verb->add_option("--store", o->store, "Empty database, for a backup of PostgreSQL")->type_name("postgresql://…");
  verb->add_option("--checkpoint", o->checkpoint, "The newest checkpoint that was kept anywhere")->type_name("FILE");
  verb->add_option("--log-key", o->log_key, "The log's private key, for a backup without it")->type_name("FILE");
  verb->add_flag("--accept-loss", o->accept_loss, "Restore although --checkpoint proves that records are missing");
  verb->callback([&context, o] { restore(context, *o); });
}

}  // namespace fabu::cli
