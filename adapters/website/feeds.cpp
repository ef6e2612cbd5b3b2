#include "adapters/website/feeds.h"

#include <nlohmann/json.hpp>

#include "adapters/sdk/document.h"
#include "proto/fabu/time.h"

namespace fabu::website {
namespace {

using Json = nlohmann::ordered_json;

std::string element(const char* name, const std::string& text) {
  return text.empty() ? "" : std::string("<") + name + ">" + sdk::escape(text) + "</" + name + ">";
}

std::string link(const char* rel, const char* type, const std::string& href) {
  return std::string("<link rel=\"") + rel + "\" type=\"" + type + "\" href=\"" + sdk::escape(href) + "\"/>";
}

// What a corrected item tells those who have read it before.
std::string summary_of(const ItemRow& row) {
  if (!row.corrected || row.reason.empty()) return row.summary;
  return "【更正说明】" + row.reason + (row.summary.empty() ? "" : "\n" + row.summary);
}

std::string authority(const SiteIdentity& site, const PagePaths& paths) {
  if (!site.domain.empty()) return site.domain;
  const std::string& url = paths.base_url();
  const auto start = url.find("://") + 3;
  return url.substr(start, url.find_first_of(":/", start) - start);
}

std::string tag_of(const ItemRow& row, const SiteIdentity& site, const PagePaths& paths) {
  SiteIdentity named = site;
  named.domain = authority(site, paths);
  return tag_uri(row, named);
}

}  // namespace

std::string tag_uri(const ItemRow& row, const SiteIdentity& site) {
  return "tag:" + site.domain + "," + format_date(shanghai_date(from_ms(row.published_ms))) + ":item/" +
         std::to_string(row.item_id);
}

std::string atom_feed(const std::vector<ItemRow>& rows, const SiteIdentity& site, const PagePaths& paths) {
  // The feed is as new as its newest entry; an empty one has no time of its own, so the epoch.
  const std::int64_t updated = rows.empty() ? 0 : rows.front().updated_ms;
  std::string xml =
      "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"zh-CN\">\n";
  xml += element("id", paths.url("/")) + "\n" + element("title", site.name + " 政府信息公开") + "\n";
  xml += element("subtitle", site.description) + element("updated", format_rfc3339(from_ms(updated))) + "\n";
  xml += link("self", "application/atom+xml", paths.url("/feed.atom")) + link("alternate", "text/html", paths.url("/")) + "\n";
  xml += "<author>" + element("name", site.organiser.empty() ? site.name : site.organiser) + "</author>\n";
  for (const ItemRow& row : rows) {
    xml += "<entry>" + element("id", tag_of(row, site, paths)) + element("title", row.title);
    xml += link("alternate", "text/html", paths.url(PagePaths::item(row.item_id)));
    xml += element("published", format_rfc3339(from_ms(row.published_ms)));
    xml += element("updated", format_rfc3339(from_ms(row.updated_ms)));
    if (!row.department_name.empty()) xml += "<author>" + element("name", row.department_name) + "</author>";
    xml += "<category term=\"" + sdk::escape(row.entry) + "\" label=\"" + sdk::escape(row.entry_name) + "\"/>";
    xml += element("summary", summary_of(row)) + "</entry>\n";
  }
  return xml + "</feed>\n";
}

std::string json_feed(const std::vector<ItemRow>& rows, const SiteIdentity& site, const PagePaths& paths) {
  Json feed{{"version", "https://jsonfeed.org/version/1.1"},
            {"title", site.name + " 政府信息公开"},
            {"home_page_url", paths.url("/")},
            {"feed_url", paths.url("/feed.json")},
            {"language", "zh-CN"},
            {"items", Json::array()}};
  if (!site.description.empty()) feed["description"] = site.description;
  for (const ItemRow& row : rows) {
    const std::string summary = summary_of(row);
    Json item{{"id", tag_of(row, site, paths)},
              {"url", paths.url(PagePaths::item(row.item_id))},
              {"title", row.title},
              {"content_text", summary.empty() ? row.title : summary},
              {"date_published", format_rfc3339(from_ms(row.published_ms))},
              {"date_modified", format_rfc3339(from_ms(row.updated_ms))},
              {"tags", Json::array({row.entry_name})}};
    if (!row.department_name.empty()) item["authors"] = Json::array({Json{{"name", row.department_name}}});
    feed["items"].push_back(std::move(item));
  }
  return feed.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string sitemap(const std::vector<ItemRow>& rows, const PagePaths& paths) {
  std::string xml =
      "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n";
  for (const ItemRow& row : rows) {
    xml += "<url>" + element("loc", paths.url(PagePaths::item(row.item_id)));
    xml += element("lastmod", format_rfc3339(from_ms(row.updated_ms))) + "</url>\n";
  }
  return xml + "</urlset>\n";
}

std::string sitemap_index(std::uint64_t files, const PagePaths& paths) {
  std::string xml =
      "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<sitemapindex xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n";
  for (std::uint64_t n = 1; n <= files; ++n)
    xml += "<sitemap>" + element("loc", paths.url(PagePaths::sitemap(n))) + "</sitemap>\n";
  return xml + "</sitemapindex>\n";
}

std::string robots_txt(const PagePaths& paths) {
  return "User-agent: *\nDisallow: " + paths.link("/search") + "\nSitemap: " + paths.url("/sitemap.xml") + "\n";
}

}  // namespace fabu::website
