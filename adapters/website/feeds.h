// What machines read of the site: Atom (RFC 4287), JSON Feed 1.1, sitemaps (sitemaps.org 0.9), robots.txt.
#pragma once

#include <string>
#include <vector>

#include "adapters/website/options.h"
#include "adapters/website/page_paths.h"
#include "adapters/website/site_index.h"

namespace fabu::website {

// RFC 4151: the site's domain, the day the item was first published, its number. Never changes.
std::string tag_uri(const ItemRow& row, const SiteIdentity& site);

// Newest change first. `rows` has at most 100.
std::string atom_feed(const std::vector<ItemRow>& rows, const SiteIdentity& site, const PagePaths& paths);
std::string json_feed(const std::vector<ItemRow>& rows, const SiteIdentity& site, const PagePaths& paths);

// One sitemap file, and the index of them all.
std::string sitemap(const std::vector<ItemRow>& rows, const PagePaths& paths);
std::string sitemap_index(std::uint64_t files, const PagePaths& paths);

std::string robots_txt(const PagePaths& paths);

}  // namespace fabu::website
