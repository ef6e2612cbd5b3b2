// The pages of the site as HTML, from the templates of web/site. Pure: the same arguments give the same bytes, which is what
// makes a retried delivery harmless and a read-back comparable.
#pragma once

#include <fabu/v1/delivery.pb.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/website/options.h"
#include "adapters/website/page_paths.h"
#include "adapters/website/site_index.h"
#include "adapters/website/templates.h"

namespace fabu::website {

// A line of an item's history of editions.
struct HistoryLine {
  std::uint32_t number = 0;
  v1::EditionKind kind = v1::EDITION_KIND_ORIGINAL;
  std::int64_t time_ms = 0;  // of publication here, or of acceptance when it never stood here
  std::string reason;
  std::string path;    // site path of the page that shows it; empty = never stood on this site
  bool shown = false;  // it is the one on this page
};

// Another item to see; `path` may be a search when the other item is not on the site.
struct RelatedLine {
  std::string relation, title, path;
};

// Everything an item's page shows.
struct ItemView {
  v1::Work work;
  v1::Item item;                  // parsed from work.edition().content()
  std::int64_t published_ms = 0;  // of this edition
  std::int64_t first_ms = 0;      // of the item
  bool superseded = false;        // an old edition: points at the one that stands
  std::string body_html;          // safe; made by article_html
  std::string qr_svg;             // of the address of the standing edition
  std::vector<HistoryLine> history;
  std::vector<RelatedLine> related;
};

// The part of the main menu that a page belongs to.
enum class MenuPart : std::uint8_t { none, home, lists, search, help };

// What a page's <head>, menu and breadcrumb need.
struct PageHead {
  std::string title;  // without the site's name
  std::string path;   // site path, for canonical and Url
  std::string description{};
  std::string column{}, column_type{};  // ColumnName, ColumnType (国办发〔2017〕47号)
  std::vector<std::string> keywords{};
  std::vector<std::pair<std::string, std::string>> crumbs{};  // name, site path
  std::string here{};                                         // the breadcrumb's end: this page, without a link
  MenuPart part = MenuPart::none;
  bool index = true;        // false: robots stay away
  bool article = false;     // has tags of its own: description is said by them
  bool own_search = false;  // the page has a search box: the masthead needs none
};

class Pages {
 public:
  explicit Pages(const WebsiteOptions& options);

  std::string item(const ItemView& view) const;
  // What stands where a withdrawn item stood: says why and when, and nothing of what it said, its title included, since that may
  // be what had to go.
  std::string withdrawn(const v1::Edition& notice, const ItemRow& row) const;

  std::string home(SiteIndex& index) const;
  std::string directory(SiteIndex& index) const;  // /lists/: every list there is
  std::string newest_of(SiteIndex& index, ListKind kind, const ListRow& list) const;
  std::string page_of(SiteIndex& index, ListKind kind, const ListRow& list, std::uint64_t page) const;
  std::string help() const;  // /help/: how to search, subscribe, verify
  std::string not_found() const;

  const PagePaths& paths() const { return paths_; }
  const WebsiteOptions& options() const { return options_; }
  // Of the address of an item, for its page and for paper.
  std::string qr_of(std::uint64_t item_id) const;
  // The name of a catalogue entry as configured, else as last published.
  std::string list_title(ListKind kind, const ListRow& list) const;
  // Fills in what the layout needs.
  Data frame(const PageHead& head) const;
  std::string render(std::string_view name, Data& data) const { return templates_.page(name, data); }

 private:
  WebsiteOptions options_;
  PagePaths paths_;
  Templates templates_;
};

// A row of a list, as the part_items template shows it.
Data item_line(const ItemRow& row, const PagePaths& paths);
// Text between whose pieces a line may be broken; the template puts <wbr> there.
DataList breakable(const std::vector<std::string>& pieces);
// "2026年8月" from "2026-08".
std::string month_title(std::string_view month);

}  // namespace fabu::website
