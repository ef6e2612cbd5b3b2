#include "broker/cli/public_channels.h"

#include <charconv>
#include <memory>
#include <string>
#include <utility>

#include "adapters/noticeboard/channel.h"
#include "adapters/website/search.h"
#include "adapters/website/website_channel.h"
#include "broker/cli/shipped.h"
#include "broker/http/media.h"

namespace fabu::cli {
namespace {

namespace fs = std::filesystem;

fs::path website_folder(const ChannelConfig& channel, const fs::path& data) {
  return channel.folder.empty() ? data / "site" : channel.folder;
}

website::SiteIdentity identity_of(const SiteConfig& site) {
  website::SiteIdentity identity;
  identity.name = site.name;
  identity.name_en = site.name_en;
  identity.domain = site.domain;
  identity.id_code = site.id_code;
  identity.organiser = site.organisation;
  identity.contact = site.contact;
  identity.icp = site.icp;
  identity.police_record = site.police_record;
  identity.error_report_url = site.error_report_url;
  identity.description = site.description;
  return identity;
}

fs::path website_index(const ChannelConfig& channel, const fs::path& data, Sharing sharing) {
  if (!channel.index.empty()) return channel.index;
  if (sharing == Sharing::shared && !channel.folder.empty()) return channel.folder.string() + "-index.db";
  return data / (channel.name + "-index.db");
}

website::WebsiteOptions website_options(const Config& config, const ChannelConfig& channel, const domain::Catalogue& catalogue,
                                        const fs::path& index, const fs::path& data, const std::string& base_url) {
  website::WebsiteOptions options;
  options.folder = website_folder(channel, data);
  options.templates = shipped_templates();
  options.index_file = index;
  options.base_url = base_url;
  options.site = identity_of(config.site);
  for (const auto& domain : catalogue.domains()) options.domains.push_back({domain.code, domain.name});
  for (const auto& department : config.departments) options.departments.push_back({department.code, department.name});
  for (const auto& entry : catalogue.entries()) options.entries.push_back({entry.code, entry.name, entry.domain});
  if (channel.concurrency) options.concurrency = *channel.concurrency;
  return options;
}

noticeboard::NoticeboardOptions noticeboard_options(const Config& config, const ChannelConfig& channel, const fs::path& data,
                                                    const std::string& base_url) {
  noticeboard::NoticeboardOptions options;
  options.name = channel.name;
  if (channel.cups) {
    noticeboard::CupsQueue queue;
    queue.name = channel.cups->queue;
    const std::string& server = channel.cups->server;
    const auto colon = server.find_last_not_of("0123456789");
    const bool has_port = colon != std::string::npos && server[colon] == ':' && colon + 1 < server.size();
    queue.host = has_port ? server.substr(0, colon) : server.empty() ? "localhost" : server;
    if (has_port) std::from_chars(server.data() + colon + 1, server.data() + server.size(), queue.port);
    options.cups = std::move(queue);
  } else {
    options.spool = channel.spool.empty() ? data / "noticeboard" : channel.spool;
  }
  options.sheet.base_url = base_url;
  options.sheet.site_name = config.site.name;
  options.sheet.media = channel.media == "A3" ? noticeboard::Media::a3 : noticeboard::Media::a4;
  return options;
}

http::Response search_answer(website::SiteSearch& search, const http::Request& request) {
  website::SearchQuery query;
  query.q = request.query.get("q");
  query.entry = request.query.get("entry");
  query.department = request.query.get("department");
  query.year = request.query.get("year");
  const std::string page = request.query.get("page");
  std::from_chars(page.data(), page.data() + page.size(), query.page);
  static const std::vector<std::string> kOffers{"text/html; charset=utf-8", "application/json"};
  const bool json = http::best_offer(request.header("Accept"), kOffers) == std::size_t{1};
  auto response = json ? http::text_response(200, kOffers[1], search.render_json(query))
                       : http::text_response(200, kOffers[0], search.render_page(query));
  response.set("Vary", "Accept").set("Cache-Control", "no-cache");
  return response;
}

ChannelSetup set_up(const ChannelConfig& config, std::unique_ptr<sdk::Channel> channel) {
  ChannelSetup setup;
  setup.name = config.name;
  setup.kind = name_of(config.kind);
  setup.channel = std::move(channel);
  if (config.concurrency) setup.host.concurrency = *config.concurrency;
  setup.host.per_second = config.per_second;
  setup.host.seed = std::hash<std::string>{}(config.name);
  return setup;
}

}  // namespace

fs::path site_folder(const Config& config, const fs::path& data) {
  for (const auto& channel : config.channels) {
    if (channel.kind == ChannelKind::website) return website_folder(channel, data);
  }
  return {};
}

MakeChannels public_channels(const Config& config, const domain::Catalogue& catalogue, const fs::path& data, Sharing sharing) {
  return [&config, &catalogue, data, sharing](const Surroundings& around) {
    ChannelSet set;
    for (const auto& channel : config.channels) {
      if (channel.kind == ChannelKind::noticeboard) {
        auto options = noticeboard_options(config, channel, data, around.base_url);
        set.channels.push_back(
            set_up(channel, std::make_unique<noticeboard::NoticeboardChannel>(std::move(options), around.pool, around.clock)));
        continue;
      }
      const auto options =
          website_options(config, channel, catalogue, website_index(channel, data, sharing), data, around.base_url);
      set.channels.push_back(
          set_up(channel, std::make_unique<website::WebsiteChannel>(options, around.pool, around.attachments, around.clock)));
      if (set.search) continue;
      const auto search = std::make_shared<website::SiteSearch>(options);
      set.search = [search](const http::Request& request) { return search_answer(*search, request); };
    }
    return set;
  };
}

}  // namespace fabu::cli
