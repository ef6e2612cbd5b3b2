#include "broker/cli/audit_verify.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <ostream>
#include <vector>

#include "broker/audit/verify_bundle.h"
#include "broker/audit/verify_log.h"
#include "broker/cli/progress_bar.h"
#include "broker/cli/sender.h"

namespace fabu::cli {
namespace {

namespace fs = std::filesystem;

// A log that a server shows. Reads ask again while the server is busy or away, at most six times.
class UrlReader final : public audit::LogReader {
 public:
  UrlReader(Context& context, std::unique_ptr<Door> door, std::string prefix)
      : context_(context), door_(std::move(door)), prefix_(std::move(prefix)) {}

  Result<std::string> read(const std::string& path) override {
    constexpr unsigned kTries = 6;
    for (unsigned tries = 1;; ++tries) {
      auto answer = door_->call("GET", prefix_ + "/" + path);
      const bool again = answer ? worth_another_try(answer->status) : answer.error().code == ErrorCode::unavailable;
      if (again && tries < kTries) {
        context_.wait(backoff(tries, answer ? answer->retry_after : std::nullopt, 0));
        continue;
      }
      if (!answer) return answer.error();
      if (answer->ok()) return std::move(answer->body);
      const ErrorCode code = answer->status == 404 ? ErrorCode::not_found : ErrorCode::unavailable;
      return Error{code, path, fmt::format("the server answered {}", answer->status), "see whether the log is served there", {}};
    }
  }

  // The log's own prefix may be left out: "http://host" stands for "http://host/log". Fails when no server answers.
  Result<void> find_prefix() {
    const auto there = read("checkpoint");
    if (there) return {};
    if (there.error().code != ErrorCode::not_found) return there.error();
    prefix_ += "/log";
    return {};
  }

 private:
  Context& context_;
  std::unique_ptr<Door> door_;
  std::string prefix_;
};

// "https://host:1/a/log/checkpoint" → ("https://host:1", "/a/log").
std::pair<std::string, std::string> split_url(std::string url) {
  constexpr std::string_view kCheckpoint = "/checkpoint";
  if (url.size() > kCheckpoint.size() && url.ends_with(kCheckpoint)) url.erase(url.size() - kCheckpoint.size());
  while (!url.empty() && url.back() == '/') url.pop_back();
  const auto path = url.find('/', url.find("://") + 3);
  if (path == std::string::npos) return {url, ""};
  return {url.substr(0, path), url.substr(path)};
}

std::optional<std::string> read_file(Context& context, const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::string bytes((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  if (in) return bytes;
  context.fail({ErrorCode::io, path, "cannot be read", "check that it exists and is readable", {}});
  return std::nullopt;
}

nlohmann::ordered_json json_of(const audit::Verdict& verdict) {
  nlohmann::ordered_json out{{"ok", verdict.ok},           {"fault", audit::fault_name(verdict.fault)},
                             {"failure", verdict.failure}, {"records", verdict.records},
                             {"origin", verdict.origin},   {"size", verdict.size},
                             {"root", verdict.root.hex()}, {"trusted", verdict.trusted}};
  if (verdict.bad_seq) out["badRecord"] = *verdict.bad_seq;
  return out;
}

void say(Context& context, const VerifyOptions& o, const audit::Verdict& verdict) {
  if (!verdict.ok) context.exit = Exit::refused;
  if (o.json) {
    *context.out << json_of(verdict).dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) << '\n';
    return;
  }
  if (!verdict.ok) {
    *context.err << fmt::format("{}: NOT VERIFIED: {}\n", o.what, verdict.failure);
    if (verdict.bad_seq) *context.err << fmt::format("  first bad record: {}\n", *verdict.bad_seq);
    return;
  }
  *context.out << fmt::format("{}: verified: {} records; log {} of {} leaves, root {}\n", o.what, verdict.records, verdict.origin,
                              verdict.size, verdict.root.hex());
  if (!verdict.trusted)
    *context.err << "  note: consistent with itself; give --key to check it against the log's key that you trust\n";
}

audit::Verdict verify_whole_log(Context& context, audit::LogReader& reader, audit::VerifyLogOptions options) {
  ProgressBar bar(*context.err, context.err_is_terminal);
  options.progress = [&](std::uint64_t done, std::uint64_t of) { bar.draw(done, of, 0, context.now()); };
  auto verdict = audit::verify_log(reader, options);
  bar.erase();
  return verdict;
}

}  // namespace

void verify(Context& context, const VerifyOptions& o) {
  audit::VerifyLogOptions options;
  if (!o.key.empty()) {
    auto key = audit::VerifierKey::parse(o.key);
    if (!key) return context.fail(Exit::usage, "--key is no verifier key (name+hash+base64): " + key.error().what);
    options.trusted.push_back(std::move(*key));
  }
  if (!o.older.empty()) {
    auto older = read_file(context, o.older);
    if (!older) return;
    options.older_checkpoint = std::move(*older);
  }
  std::error_code ec;
  if (o.what.find("://") != std::string::npos) {
    auto [server, prefix] = split_url(o.what);
    HttpTarget target;
    target.url = std::move(server);
    UrlReader reader(context, context.open_http(std::move(target)), std::move(prefix));
    const auto reached = reader.find_prefix();
    if (!reached) return context.fail(reached.error());
    say(context, o, verify_whole_log(context, reader, std::move(options)));
  } else if (fs::is_directory(o.what, ec)) {
    audit::FolderReader reader(o.what);
    say(context, o, verify_whole_log(context, reader, std::move(options)));
  } else {
    if (!o.older.empty()) return context.fail(Exit::usage, "--older is for a whole log; a bundle holds one item");
    const auto bytes = read_file(context, o.what);
    if (bytes) say(context, o, audit::verify_bundle(*bytes, options.trusted));
  }
}

}  // namespace fabu::cli
