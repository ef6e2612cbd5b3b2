// How the public site is set up. Everything that a page shows and no item carries comes from here.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/sdk/channel.h"

namespace fabu::website {

// A code and what the public calls it.
struct Named {
  std::string code, name;
};

// A catalogue entry (信息分类), for the home page and for lists that are still empty.
struct EntryName {
  std::string code, name, domain;  // domain: code of a Named in WebsiteOptions::domains
};

// Who runs the site. Source of the tags and the footer: 国办发〔2017〕47号 (see facts: page tags, page furniture).
struct SiteIdentity {
  std::string name, name_en;     // SiteName
  std::string domain;            // SiteDomain, e.g. ggj.chengzhou.gov.cn
  std::string id_code;           // SiteIDCode, 10 digits
  std::string organiser;         // 主办单位
  std::string contact;           // address and telephone, one line
  std::string icp;               // ICP备案号
  std::string police_record;     // 公安备案号
  std::string error_report_url;  // 我为政府网站找错; empty = not shown
  std::string description;       // one sentence, for search engines and the home page
};

// A page as it was read back over HTTP.
struct Fetched {
  unsigned status = 0;
  std::string body;
};

struct WebsiteOptions {
  std::filesystem::path folder;      // the site root that is served; made when missing
  std::filesystem::path templates;   // web/site
  std::filesystem::path index_file;  // the site's own index; empty = folder/../site-index.db. Never under `folder`
  std::string base_url;              // absolute, without a final slash, e.g. https://ggj.chengzhou.gov.cn
  SiteIdentity site;
  std::vector<Named> domains, departments;
  std::vector<EntryName> entries;  // in catalogue order
  std::size_t page_size = 20;      // items a list page, 5-100; fixed for a site when its index is made
  std::size_t feed_entries = 50;   // 1-100
  std::size_t concurrency = 64;    // deliveries that may be written as one group
  // Reads a page back as the public sees it; without it observe() reads the file.
  std::function<boost::asio::awaitable<sdk::Outcome<Fetched>>(std::string url)> fetch;
  bool sync = true;  // false: no syncing to disk; for tests that write thousands of items
  // Called before every step that changes the disk, with its name; what it throws ends the step there. For fault tests.
  std::function<void(std::string_view step)> fault;
};

// Where the site's index is.
inline std::filesystem::path index_file(const WebsiteOptions& options) {
  return options.index_file.empty() ? options.folder.parent_path() / "site-index.db" : options.index_file;
}

}  // namespace fabu::website
