// Configuration: the channels.
#include <fmt/format.h>

#include <algorithm>

#include "broker/cli/config_sections.h"

namespace fabu::cli {
namespace {

namespace fs = std::filesystem;

bool is_channel_name(const std::string& text) {
  return is_code(text) && text.front() >= 'a' && text.front() <= 'z' &&
         std::none_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
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

}  // namespace

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
    fields.path("index", channel.index, base);
  } else {
    read_noticeboard(fields, channel, base);
  }
  channel.concurrency = fields.whole("concurrency", 1, 64);
  channel.per_second = fields.decimal("per_second", 10'000);
  fields.no_others();
  config.channels.push_back(std::move(channel));
}

}  // namespace fabu::cli
