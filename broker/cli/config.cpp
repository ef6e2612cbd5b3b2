#include "broker/cli/config.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>

#include "broker/domain/yaml_fields.h"

namespace fabu::cli {
namespace {

namespace fs = std::filesystem;

bool is_code(const std::string& text) {
  return !text.empty() && text.size() <= 32 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

bool is_channel_name(const std::string& text) {
  return is_code(text) && text.front() >= 'a' && text.front() <= 'z' &&
         std::none_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

bool is_digits(const std::string& text, std::size_t length) {
  return text.size() == length && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

void read_site(domain::YamlFields& fields, SiteConfig& site) {
  fields.text("name", site.name);
  if (site.name.empty()) fields.fault("name", "is empty", "give the site's name");
  fields.text("name_en", site.name_en);
  fields.text("url", site.url);
  while (!site.url.empty() && site.url.back() == '/') site.url.pop_back();
  if (!site.url.empty() && site.url.rfind("http://", 0) != 0 && site.url.rfind("https://", 0) != 0) {
    fields.fault("url", "is not an http or https address", "write it as https://www.example.gov.cn");
  }
  fields.text("domain", site.domain);
  fields.text("id_code", site.id_code);
  if (!site.id_code.empty() && !is_digits(site.id_code, 10))
    fields.fault("id_code", "is not 10 digits", "see the site's 党政机关 mark");
  fields.text("organisation", site.organisation);
  fields.text("contact", site.contact);
  fields.text("icp", site.icp);
  fields.text("police_record", site.police_record);
  fields.text("error_report_url", site.error_report_url);
  fields.text("description", site.description);
  fields.no_others();
}

void read_department(domain::YamlFields& fields, Config& config) {
  DepartmentConfig department;
  fields.required_text("code", department.code);
  fields.required_text("name", department.name);
  fields.text("uscc", department.uscc);
  fields.no_others();
  if (!department.code.empty() && !is_code(department.code)) {
    fields.fault("code", "is not a department code", "use 1-32 letters, digits, - and _");
  }
  if (!department.uscc.empty() && department.uscc.size() != 18)
    fields.fault("uscc", "is not 18 characters long", "see GB 32100-2015");
  const auto same = [&](const DepartmentConfig& other) { return other.code == department.code; };
  if (std::any_of(config.departments.begin(), config.departments.end(), same)) {
    fields.fault("code", fmt::format("{} is there twice", department.code), "take one away");
  }
  config.departments.push_back(std::move(department));
}

void read_cups(domain::YamlFields fields, ChannelConfig& channel) {
  channel.cups.emplace();
  fields.text("server", channel.cups->server);
  fields.required_text("queue", channel.cups->queue);
  fields.no_others();
}

void read_noticeboard(domain::YamlFields& fields, ChannelConfig& channel, const fs::path& base) {
  fields.path("spool", channel.spool, base);
  if (fields.has("cups")) read_cups(fields.map("cups"), channel);
  if (channel.cups && !channel.spool.empty()) fields.fault("cups", "is there beside spool", "choose one: print, or keep files");
  fields.text("media", channel.media);
  if (channel.media != "A4" && channel.media != "A3") fields.fault("media", "is neither A4 nor A3", "write media: A4");
}

void read_channel(domain::YamlFields& fields, Config& config, const fs::path& base) {
  ChannelConfig channel;
  fields.required_text("name", channel.name);
  if (!channel.name.empty() && !is_channel_name(channel.name)) {
    fields.fault("name", "is not a channel name", "begin with a-z; then a-z, digits, - and _, at most 32");
  }
  const auto same = [&](const ChannelConfig& other) { return other.name == channel.name; };
  if (std::any_of(config.channels.begin(), config.channels.end(), same)) {
    fields.fault("name", fmt::format("{} is there twice", channel.name), "give each channel its own name");
  }
  if (fields.choice("kind", {"website", "noticeboard"}, channel.name) == 1) channel.kind = ChannelKind::noticeboard;
  if (channel.kind == ChannelKind::website) {
    fields.path("folder", channel.folder, base);
  } else {
    read_noticeboard(fields, channel, base);
  }
  channel.concurrency = fields.whole("concurrency", 1, 64);
  channel.per_second = fields.decimal("per_second", 10'000);
  fields.no_others();
  config.channels.push_back(std::move(channel));
}

void read_log(domain::YamlFields fields, Config& config) {
  constexpr LogLevel kLevels[] = {LogLevel::debug, LogLevel::info, LogLevel::warn, LogLevel::error};
  config.log_level = kLevels[fields.choice("level", {"debug", "info", "warn", "error"}, "info")];
  config.log_format = fields.choice("format", {"text", "json"}, "text") == 1 ? LogFormat::json : LogFormat::text;
  fields.no_others();
}

void read_top(domain::YamlFields& fields, Config& config, const fs::path& base) {
  fields.text("listen", config.listen);
  if (!is_listen_address(config.listen)) {
    fields.fault("listen", "is not HOST:PORT", "write it as 127.0.0.1:8080 or [::1]:8080; port 0 picks one");
  }
  fields.path("data", config.data, base);
  fields.path("catalogue", config.catalogue, base);
  if (fields.has("site")) {
    auto site = fields.map("site");
    read_site(site, config.site);
  }
  for (auto& one : fields.list("departments")) read_department(one, config);
  if (fields.has("channels")) {
    config.channels.clear();
    for (auto& one : fields.list("channels")) read_channel(one, config, base);
    if (config.channels.empty())
      fields.fault("channels", "is empty", "name at least one channel, or leave it out for the usual two");
  }
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
