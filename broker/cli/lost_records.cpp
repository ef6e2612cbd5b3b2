#include "broker/cli/lost_records.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

namespace fabu::cli {
namespace fs = std::filesystem;

namespace {

fs::path loss_file(const DataFolder& folder) {
  return folder.root() / "log" / "loss";
}

Result<void> put_aside(const fs::path& from, const fs::path& to) {
  std::error_code failed;
  if (fs::exists(from, failed)) fs::rename(from, to, failed);
  if (failed) return Error{ErrorCode::io, from.string(), failed.message(), "Look at the disk.", {}};
  return {};
}

}  // namespace

Result<void> begin_new_log(const DataFolder& folder, const LostRecords& lost) {
  const auto log = folder.root() / "log";
  if (const auto aside = put_aside(log / "key.pem", log / "key.before-loss.pem"); !aside) return aside;
  if (const auto aside = put_aside(log / "checkpoint", log / "checkpoint.of-backup"); !aside) return aside;
  if (const auto aside = put_aside(log / "origin", log / "origin.before-loss"); !aside) return aside;
  std::ofstream(log / "checkpoint.before-loss", std::ios::binary) << lost.checkpoint;
  std::ofstream(loss_file(folder), std::ios::binary)
      << fmt::format("this log goes on from {}, whose records {} to {} are lost: {} were signed, a backup had {}", lost.origin,
                     lost.from, lost.signed_size - 1, lost.signed_size, lost.from);
  const auto fixed = folder.fix_origin(fmt::format("{}-after-{}", lost.origin, lost.from));
  if (!fixed) return fixed.error();
  return {};
}

std::string loss_to_tell(const DataFolder& folder) {
  std::ifstream in(loss_file(folder), std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void loss_was_told(const DataFolder& folder) {
  std::error_code ignored;
  fs::remove(loss_file(folder), ignored);
}

}  // namespace fabu::cli
