// fabu backup: a copy of an installation, while its server runs or not, that has been checked against the audit log.
#include <fmt/format.h>
#include <sys/stat.h>

#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <ostream>
#include <utility>

#include "broker/audit/checkpoint.h"
#include "broker/cli/backup_files.h"
#include "broker/cli/backup_log.h"
#include "broker/cli/backup_manifest.h"
#include "broker/cli/data_folder.h"
#include "broker/cli/program.h"
#include "broker/cli/progress_bar.h"
#include "broker/cli/server_verbs.h"
#include "broker/store/sqlite/copy.h"

namespace fabu::cli {
namespace {

namespace fs = std::filesystem;

struct Options {
  std::string data, to;
  bool without_log_key = false, json = false;
};

constexpr const char* kLogKey = "log/key.pem";
constexpr const char* kCheckpoint = "log/checkpoint";

std::string read_text(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

Result<void> make_target(const fs::path& to) {
  std::error_code failed;
  if (fs::exists(to, failed) && !fs::is_empty(to, failed)) {
    return Error{ErrorCode::conflict, to.string(), "There is something in it.", "Name a folder that is new or empty.", {}};
  }
  fs::create_directories(to, failed);
  if (failed) return Error{ErrorCode::io, to.string(), failed.message(), "Name a folder that can be made.", {}};
  ::chmod(to.c_str(), 0700);  // it holds what the data folder keeps to itself
  return {};
}

// One backup, on its way. The order makes the copy whole: the checkpoint that was signed before the database was copied; the
// database; then the files, which it names and which only become more.
class Backup {
 public:
  Backup(Context& context, const Options& options)
      : context_(context), data_(options.data), to_(options.to), with_key_(!options.without_log_key) {}

  Result<BackupManifest> make() {
    manifest_.version = FABU_VERSION;
    manifest_.time_ms = to_ms(SystemClock().now());
    const auto address = DataFolder(data_).store_address();
    manifest_.postgresql = !address.empty();
    if (!manifest_.postgresql && !fs::exists(data_ / kSqliteCopy))
      return Error{ErrorCode::io, data_.string(), "is no data folder: it has neither fabu.db nor a store on PostgreSQL", {}, {}};
    if (const auto made = make_target(to_); !made) return made.error();
    if (const auto noted = note_checkpoint(); !noted) return noted.error();
    if (const auto copied = copy_store(address); !copied) return copied.error();
    if (const auto copied = copy_folder(); !copied) return copied.error();
    if (const auto good = verify(); !good) return good.error();
    if (const auto written = write_manifest(to_, manifest_); !written) return written.error();
    return std::move(manifest_);
  }

 private:
  Result<void> note_checkpoint() {
    manifest_.checkpoint = read_text(data_ / kCheckpoint);
    manifest_.origin = DataFolder(data_).origin();
    if (manifest_.origin.empty()) return {};
    const auto key = audit::SigningKey::load((data_ / kLogKey).string(), manifest_.origin);
    if (!key) return key.error();
    const auto signers = DataFolder(data_).signers(*key);
    if (!signers) return signers.error();
    for (const auto& signer : *signers) manifest_.verifier_keys.push_back(signer.text());
    if (manifest_.checkpoint.empty()) return {};
    return add_file(kCheckpoint);
  }

  Result<void> copy_store(const std::string& address) {
    if (!manifest_.postgresql) {
      if (const auto copied = store::copy_database(data_ / kSqliteCopy, to_ / kSqliteCopy); !copied) return copied;
      return described(kSqliteCopy);
    }
    const auto program = postgres_program("pg_dump");
    if (!program)
      return Error{
          ErrorCode::io, "pg_dump", "is not installed", "apt install postgresql-client, of the server's version or newer", {}};
    const auto dumped = run_program(
        {*program, "--format=custom", "--no-owner", "--no-privileges", "--file=" + (to_ / kPostgresDump).string(), address});
    if (!dumped) return dumped;
    return described(kPostgresDump);
  }

  Result<void> copy_folder() {
    const auto files = files_under(data_);
    if (!files) return files.error();
    for (const auto& path : files->databases) {
      if (path == kSqliteCopy) continue;
      std::error_code ignored;
      fs::create_directories((to_ / path).parent_path(), ignored);
      if (const auto copied = store::copy_database(data_ / path, to_ / path); !copied) return copied;
      if (const auto done = described(path); !done) return done;
    }
    ProgressBar bar(*context_.err, context_.err_is_terminal);
    std::size_t done = 0;
    for (const auto& path : files->plain) {
      bar.draw(++done, files->plain.size(), 0, context_.now());
      const bool key = path.starts_with("log/key");
      const bool copy = manifest_.postgresql && path.starts_with("attachments/");  // of what the database or a bucket holds
      if (path == kCheckpoint || (key && !with_key_) || copy) continue;
      manifest_.has_log_key = manifest_.has_log_key || path == kLogKey;
      if (const auto copied = add_file(path); !copied) return copied;
    }
    bar.erase();
    return {};
  }

  // A file that is gone by now was replaced, or never finished.
  Result<void> add_file(const std::string& path) {
    const auto copied = copy_whole(data_ / path, to_ / path);
    if (!copied) return copied.error();
    return *copied ? described(path) : Result<void>();
  }

  Result<void> described(const std::string& path) {
    auto file = describe(to_, path);
    if (!file) return file.error();
    manifest_.files.push_back(std::move(*file));
    return {};
  }

  // What was written, not what was read.
  Result<void> verify() {
    const auto log = BackedUpLog::read(to_, manifest_.postgresql);
    if (!log) return log.error();
    manifest_.log = log->head();
    if (const auto checkpoint = manifest_.file(kCheckpoint)) manifest_.checkpoint = read_text(to_ / checkpoint->path);
    if (!manifest_.checkpoint.empty()) {
      if (const auto good = log->continues(manifest_.checkpoint, manifest_.verifier_keys); !good) return good;
    }
    ProgressBar bar(*context_.err, context_.err_is_terminal);
    const auto good =
        check_files(to_, manifest_, [&](std::size_t done, std::size_t all) { bar.draw(done, all, 0, context_.now()); });
    bar.erase();
    return good;
  }

  Context& context_;
  const fs::path data_, to_;
  const bool with_key_;
  BackupManifest manifest_;
};

void backup(Context& context, Options o) {
  if (o.data.empty()) o.data = context.environment("FABU_DATA");
  if (o.data.empty()) return context.fail(Exit::usage, "which installation? Give --data DIR");
  const auto made = Backup(context, o).make();
  if (!made) {
    context.fail(made.error());
    return;
  }
  std::uint64_t bytes = 0;
  for (const auto& file : made->files) bytes += file.size;
  if (o.json) {
    *context.out << fmt::format("{{\"backup\":\"{}\",\"files\":{},\"bytes\":{},\"logSize\":{},\"logRoot\":\"{}\"}}\n", o.to,
                                made->files.size(), bytes, made->log.size, made->log.root.hex());
    return;
  }
  *context.out << fmt::format("{}: {} files, {} bytes; verified: {} log records, root {}\n", o.to, made->files.size(), bytes,
                              made->log.size, made->log.root.hex());
  if (!made->verifier_keys.empty() && !made->has_log_key)
    *context.err << "  the log's key is not in it: a restore needs log/key.pem from where you keep it\n";
  if (!made->checkpoint.empty())
    *context.err << "  keep a copy of " << (fs::path(o.to) / kCheckpoint).string()
                 << " somewhere else: it proves how far the log was\n";
}

}  // namespace

void add_backup(Verb app, Context& context) {
  auto o = std::make_shared<Options>();
  auto verb = app.add_subcommand("backup", "Copy an installation, while its server runs or not, and check the copy");
  verb->footer(
      "Writes a folder: the database as it was at one moment (SQLite's online copy, or pg_dump), then everything else under the "
      "data "
      "folder, manifest.json, and SHA256SUMS for `sha256sum -c`. Then it reads the copy again: every digest, and the audit log's "
      "root "
      "from its entries against the newest signed checkpoint. What was acked before it began is in it.\n"
      "Folders that the configuration puts outside of the data folder are not in it.\n"
      "Exit codes: 0 done and checked; 1 the copy is no good, or the target is not empty; 6 files cannot be read or written, or "
      "pg_dump failed.\n"
      "Examples:\n"
      "  fabu backup --data /var/lib/fabu --to /backup/fabu-$(date +%F)\n"
      "  fabu backup --data /var/lib/fabu --to /mnt/offsite/today --without-log-key");
  verb->add_option("--data", o->data, "Data folder of the server [env FABU_DATA]")->type_name("DIR");
  verb->add_option("--to", o->to, "Folder to write, new or empty")->required()->type_name("BACKUP");
  verb->add_flag("--without-log-key", o->without_log_key, "Leave the log's private key out");
  verb->add_flag("--json", o->json, "What was written, as a JSON object");
  verb->callback([&context, o] { backup(context, *o); });
}

}  // namespace fabu::cli
