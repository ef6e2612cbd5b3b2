#include "broker/cli/backup_manifest.h"

#include <fcntl.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <utility>

namespace fabu::cli {
namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

namespace {

constexpr const char* kFormat = "fabu-backup/1";

std::string read_text(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

Result<void> write_synced(const fs::path& file, const std::string& text) {
  const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  const bool good = fd >= 0 && ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && ::fsync(fd) == 0;
  if (fd >= 0) ::close(fd);
  if (!good) return Error{ErrorCode::io, file.string(), "cannot be written", "Look at the disk.", {}};
  return {};
}

// As GNU coreutils writes it: a name with a backslash or a line break is escaped, and the line says so.
std::string digest_line(const std::string& path, const Digest& digest) {
  std::string escaped;
  for (const char c : path) {
    if (c == '\\')
      escaped += "\\\\";
    else if (c == '\n')
      escaped += "\\n";
    else if (c == '\r')
      escaped += "\\r";
    else
      escaped += c;
  }
  return (escaped == path ? "" : "\\") + digest.hex() + "  " + escaped + "\n";
}

bool is_below(const fs::path& path) {
  if (path.empty() || path.is_absolute()) return false;
  for (const auto& part : path) {
    if (part == ".." || part == ".") return false;
  }
  return true;
}

Json json_of(const BackupManifest& m) {
  Json files = Json::array();
  for (const auto& file : m.files)
    files.push_back({{"path", file.path}, {"size", file.size}, {"mode", file.mode}, {"sha256", file.digest.hex()}});
  return {{"format", kFormat},
          {"version", m.version},
          {"time", format_utc(from_ms(m.time_ms))},
          {"timeMs", m.time_ms},
          {"store", m.postgresql ? "postgresql" : "sqlite"},
          {"log", {{"origin", m.origin}, {"size", m.log.size}, {"root", m.log.root.hex()}}},
          {"checkpoint", m.checkpoint},
          {"verifierKeys", m.verifier_keys},
          {"logKey", m.has_log_key ? "included" : "left out"},
          {"files", std::move(files)}};
}

Digest digest_of(const std::string& hex) {
  const auto digest = Digest::from_hex(hex);
  if (!digest) throw std::runtime_error("a digest is not 64 hex digits");
  return *digest;
}

// Throws what nlohmann throws, or std::runtime_error.
BackupManifest manifest_of(const Json& json) {
  if (json.at("format") != kFormat) throw std::runtime_error("it is not of the form " + std::string(kFormat));
  BackupManifest m;
  m.version = json.at("version");
  m.time_ms = json.at("timeMs");
  m.postgresql = json.at("store") == "postgresql";
  m.origin = json.at("log").at("origin");
  m.log = {json.at("log").at("size"), digest_of(json.at("log").at("root"))};
  m.checkpoint = json.at("checkpoint");
  m.verifier_keys = json.at("verifierKeys").get<std::vector<std::string>>();
  m.has_log_key = json.at("logKey") == "included";
  for (const auto& file : json.at("files")) {
    BackupFile one{file.at("path"), file.at("size"), file.at("mode"), digest_of(file.at("sha256"))};
    if (!is_below(one.path)) throw std::runtime_error("a path leads out of the backup");
    m.files.push_back(std::move(one));
  }
  return m;
}

}  // namespace

const BackupFile* BackupManifest::file(const std::string& path) const {
  for (const auto& one : files) {
    if (one.path == path) return &one;
  }
  return nullptr;
}

Result<void> write_manifest(const fs::path& backup, const BackupManifest& manifest) {
  const auto text = json_of(manifest).dump(1) + "\n";
  if (const auto written = write_synced(backup / kManifest, text); !written) return written;
  std::string digests = digest_line(kManifest, sha256(text));
  for (const auto& file : manifest.files) digests += digest_line(file.path, file.digest);
  return write_synced(backup / kDigests, digests);
}

Result<BackupManifest> read_manifest(const fs::path& backup) {
  std::error_code ec;
  if (!fs::exists(backup / kManifest, ec) || !fs::exists(backup / kDigests, ec)) {
    return Error{ErrorCode::io,
                 backup.string(),
                 "is no backup, or one that was not finished",
                 "name the folder that `fabu backup` wrote: it holds " + std::string(kManifest) + " and " + kDigests,
                 {}};
  }
  const auto text = read_text(backup / kManifest);
  const auto damaged = [&](const std::string& what) {
    return Error{ErrorCode::corrupt, (backup / kManifest).string(), what, "use another backup", {}};
  };
  const auto digests = read_text(backup / kDigests);
  if (digests.rfind(digest_line(kManifest, sha256(text)), 0) != 0) return damaged("It was changed: its digest is another.");
  try {
    return manifest_of(Json::parse(text));
  } catch (const std::exception& e) {
    return damaged(std::string("It cannot be read: ") + e.what());
  }
}

}  // namespace fabu::cli
