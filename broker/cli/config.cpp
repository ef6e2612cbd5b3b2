#include "broker/cli/config.h"

#include <fmt/format.h>

#include <fstream>
#include <iterator>

#include "broker/cli/config_sections.h"

namespace fabu::cli {
namespace {

namespace fs = std::filesystem;

void read_log(domain::YamlFields fields, Config& config) {
  constexpr LogLevel kLevels[] = {LogLevel::debug, LogLevel::info, LogLevel::warn, LogLevel::error};
  config.log_level = kLevels[fields.choice("level", {"debug", "info", "warn", "error"}, "info")];
  config.log_format = fields.choice("format", {"text", "json"}, "text") == 1 ? LogFormat::json : LogFormat::text;
  fields.no_others();
}

void read_top(domain::YamlFields& fields, Config& config, const fs::path& base) {
  config.listen_given = fields.has("listen");
  fields.text("listen", config.listen);
  if (!is_listen_address(config.listen)) {
    fields.fault("listen", "is not HOST:PORT", "write it as 127.0.0.1:8080 or [::1]:8080; port 0 picks one");
  }
  fields.path("data", config.data, base);
  fields.text("store", config.store);
  if (const auto fault = config.store.empty() ? std::nullopt : fault_of_store(config.store))
    fields.fault("store", fault->what, fault->todo);
  fields.path("catalogue", config.catalogue, base);
  if (fields.has("site")) read_site(fields.map("site"), config.site);
  for (auto& one : fields.list("departments")) read_department(one, config);
  if (fields.has("channels")) {
    config.channels.clear();
    for (auto& one : fields.list("channels")) read_channel(one, config, base);
    if (config.channels.empty())
      fields.fault("channels", "is empty", "name at least one channel, or leave it out for the usual two");
  }
  if (fields.has("attachments")) read_bucket(fields.map("attachments"), config, base);
  if (config.attachments && config.store.empty())
    fields.fault("attachments", "is there without store",
                 "SQLite keeps attachments under the data folder; only PostgreSQL can use a bucket");
  if (fields.has("rabbitmq")) read_rabbitmq(fields.map("rabbitmq"), config, base);
  if (fields.has("broker")) read_broker_address(fields.map("broker"), config, base);
  if (fields.has("log")) read_log(fields.map("log"), config);
  fields.no_others();
}

}  // namespace

bool is_listen_address(const std::string& text) {
  const auto colon = text.rfind(':');
  if (colon == std::string::npos || colon == 0) return false;
  const std::string port = text.substr(colon + 1);
  const bool bracketed = text.front() == '[' && text[colon - 1] == ']';
  if (text.find(':') != colon && !bracketed) return false;
  return !port.empty() && port.size() <= 5 && is_digits(port, port.size()) && std::stoul(port) <= 65535;
}

std::vector<ChannelConfig> Config::default_channels() {
  ChannelConfig website, noticeboard;
  website.name = "website";
  noticeboard.name = "noticeboard";
  noticeboard.kind = ChannelKind::noticeboard;
  return {website, noticeboard};
}

Result<Config> Config::parse(std::string_view yaml, const std::string& file) {
  Config config;
  Error faults{ErrorCode::invalid, file, {}, "mend these; `fabu config example` shows every setting", {}};
  auto root = domain::YamlFields::of_document(yaml, file, faults.problems);
  if (root) read_top(*root, config, fs::path(file).parent_path());
  if (faults.problems.empty()) return config;
  faults.what = faults.problems.size() == 1 ? "one fault" : fmt::format("{} faults", faults.problems.size());
  return faults;
}

Result<Config> Config::load(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  if (!in) return Error{ErrorCode::io, file.string(), "cannot be read", "check that it exists and is readable", {}};
  return parse(text, file.string());
}

std::string_view name_of(ChannelKind kind) {
  switch (kind) {
    case ChannelKind::website:
      return "website";
    case ChannelKind::noticeboard:
      return "noticeboard";
  }
  return "";
}

}  // namespace fabu::cli
