#include "broker/cli/backup_log.h"

#include <array>
#include <charconv>
#include <optional>
#include <string_view>
#include <utility>

#include "broker/audit/checkpoint.h"
#include "broker/audit/tree.h"
#include "broker/cli/program.h"
#include "broker/store/sqlite/copy.h"

namespace fabu::cli {
namespace {

using Leaves = std::vector<std::optional<Digest>>;

void put(Leaves& leaves, std::uint64_t seq, std::string_view bytes) {
  if (leaves.size() <= seq) leaves.resize(seq + 1);
  leaves[seq] = audit::leaf_hash(bytes);
}

int nibble(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

// "\\x6162", as COPY writes bytea.
std::optional<std::string> bytes_of(std::string_view field) {
  constexpr std::string_view kHex = "\\\\x";
  if (!field.starts_with(kHex) || field.size() % 2 == 0) return std::nullopt;
  std::string bytes;
  for (std::size_t i = kHex.size(); i < field.size(); i += 2) {
    const int high = nibble(field[i]), low = nibble(field[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes += static_cast<char>(high * 16 + low);
  }
  return bytes;
}

// Reads `COPY public.log_entry (seq, item, bytes, …) FROM stdin;` and its rows out of what pg_restore prints.
class CopyReader {
 public:
  explicit CopyReader(Leaves& leaves) : leaves_(leaves) {}
  void take(std::string_view piece) {
    for (;;) {
      const auto end = piece.find('\n');
      rest_.append(piece.substr(0, end));
      if (end == std::string_view::npos) return;
      line(rest_);
      rest_.clear();
      piece.remove_prefix(end + 1);
    }
  }
  bool good() const { return seen_ && !bad_; }

 private:
  void line(std::string_view text) {
    constexpr std::string_view kRows = "(seq, item, bytes, opening) FROM stdin;";
    if (!rows_) {
      rows_ = text.starts_with("COPY ") && text.ends_with(kRows);
      seen_ = seen_ || rows_;
      return;
    }
    if (text == "\\.") {
      rows_ = false;
      return;
    }
    std::array<std::string_view, 4> fields;
    for (auto& field : fields) {
      const auto tab = text.find('\t');
      field = text.substr(0, tab);
      text.remove_prefix(tab == std::string_view::npos ? text.size() : tab + 1);
    }
    std::uint64_t seq = 0;
    const auto read = std::from_chars(fields[0].data(), fields[0].data() + fields[0].size(), seq);
    const auto bytes = bytes_of(fields[2]);
    bad_ = bad_ || read.ec != std::errc{} || !bytes;
    if (!bad_) put(leaves_, seq, *bytes);
  }

  Leaves& leaves_;
  std::string rest_;
  bool rows_ = false, seen_ = false, bad_ = false;
};

Result<void> read_dump(const std::filesystem::path& dump, Leaves& leaves) {
  const auto program = postgres_program("pg_restore");
  if (!program)
    return Error{
        ErrorCode::io, "pg_restore", "is not installed", "apt install postgresql-client, of the server's version or newer", {}};
  CopyReader reader(leaves);
  const auto run = run_program({*program, "--data-only", "--table=log_entry", "--file=-", dump.string()},
                               [&](std::string_view piece) { reader.take(piece); });
  if (!run) return run.error();
  if (!reader.good()) return Error{ErrorCode::corrupt, dump.string(), "The dump has no audit log that can be read.", {}, {}};
  return {};
}

}  // namespace

Result<BackedUpLog> BackedUpLog::read(const std::filesystem::path& backup, bool postgresql) {
  Leaves leaves;
  const auto done = postgresql ? read_dump(backup / kPostgresDump, leaves)
                               : store::each_entry(backup / kSqliteCopy,
                                                   [&](std::uint64_t seq, std::string_view bytes) { put(leaves, seq, bytes); });
  if (!done) return done.error();
  BackedUpLog log;
  log.leaves_.reserve(leaves.size());
  for (const auto& leaf : leaves) {
    if (!leaf)
      return Error{ErrorCode::corrupt,
                   backup.string(),
                   "Record " + std::to_string(log.leaves_.size()) + " of the log is missing.",
                   {},
                   {}};
    log.leaves_.push_back(*leaf);
  }
  return log;
}

Digest BackedUpLog::root_over(std::uint64_t size) const {
  audit::Edge edge;
  std::vector<audit::FullTile> filled;
  for (std::uint64_t i = 0; i < size; ++i) {
    edge.append(leaves_[i], filled);
    filled.clear();
  }
  return edge.root();
}

store::LogHead BackedUpLog::head() const {
  return {leaves_.size(), root_over(leaves_.size())};
}

Result<void> BackedUpLog::continues(const std::string& note, const std::vector<std::string>& verifiers) const {
  std::vector<audit::VerifierKey> known;
  for (const auto& text : verifiers) {
    auto key = audit::VerifierKey::parse(text);
    if (!key) return key.error();
    known.push_back(std::move(*key));
  }
  const auto checkpoint = audit::open_checkpoint(note, known);
  if (!checkpoint) return checkpoint.error();
  if (checkpoint->size > leaves_.size()) {
    return Error{ErrorCode::precondition,
                 "log",
                 "The copy has " + std::to_string(leaves_.size()) + " records, but a checkpoint over " +
                     std::to_string(checkpoint->size) + " was signed.",
                 {},
                 {}};
  }
  if (root_over(checkpoint->size) != checkpoint->root) {
    return Error{ErrorCode::corrupt,
                 "log",
                 "The first " + std::to_string(checkpoint->size) + " records are not those that were signed.",
                 {},
                 {}};
  }
  return {};
}

}  // namespace fabu::cli
