// The site's own index: what stands on the site, which pages still have to be rewritten, and the text that search reads.
//
// One SQLite file beside the site (WAL, synchronous=FULL), owned by the site's one writer; search reads it through connections
// of its own. Every item has a number of publication (seq) that never changes, and a place in each of its lists, counted from the
// oldest: so a publication touches only the newest page of a list, however long the list is. A withdrawn item leaves its place
// empty.
#pragma once

#include <fabu/v1/delivery.pb.h>

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/website/page_paths.h"
#include "adapters/website/sqlite.h"

namespace fabu::website {

enum class ItemState : std::uint8_t { listed = 1, withdrawn = 2 };

// What lists, feeds and search show of an item.
struct ItemRow {
  std::int64_t seq = 0;  // order of first publication, from 1
  std::uint64_t item_id = 0;
  std::uint32_t edition = 0;  // that stands
  ItemState state = ItemState::listed;
  bool corrected = false;  // the standing edition replaced another
  std::string title, summary, doc_no, index_no, project_code;
  std::string entry, entry_name, domain, domain_name, department, department_name;
  std::string month;              // yyyy-mm of first publication, Asia/Shanghai
  std::int64_t published_ms = 0;  // first publication
  std::int64_t updated_ms = 0;    // publication of what stands
  std::string reason;             // of the last correction or the withdrawal
};

// One edition as it was put on the site.
struct EditionRow {
  std::uint64_t item_id = 0;
  std::uint32_t number = 0;
  std::string delivery_id;
  v1::Action action = v1::ACTION_PUBLISH;
  std::int64_t published_ms = 0;
  std::string page_digest;     // SHA-256 of the page's bytes, 32 bytes
  std::string content_digest;  // of the edition, 32 bytes
  std::string work;            // v1::Work, to write the page again as an old edition; empty once withdrawn
  std::int64_t files = 0;      // written for it, pages of the item only
};

struct SearchText {
  std::string title, body, facts;  // facts: numbers, names and keywords
};

// A list and how many stand in it.
struct ListRow {
  std::string code, name, domain;
  std::int64_t places = 0;  // ever given out
  std::int64_t live = 0;
};

class SiteIndex {
 public:
  // Opens or makes the index. `page_size` counts only when it is made. Throws DatabaseError.
  SiteIndex(const std::filesystem::path& file, std::size_t page_size, bool sync);

  std::size_t page_size() const { return page_size_; }
  Connection& connection() { return db_; }

  std::optional<ItemRow> item(std::uint64_t item_id);
  std::optional<ItemRow> by_index_no(std::string_view index_no);
  std::optional<ItemRow> by_reference(std::string_view department, std::string_view reference);
  std::optional<EditionRow> edition(std::uint64_t item_id, std::uint32_t number);
  std::optional<EditionRow> delivered(std::string_view delivery_id);

  // All of these belong in one Transaction of connection(); they also mark the pages that must be rewritten.
  // A new item gets its seq and its places; a known one keeps them, unless its entry or department changed.
  void put(ItemRow row, const EditionRow& edition, const SearchText& text, std::string_view reference);
  // The page of a known edition was written again.
  void set_page_digest(const EditionRow& edition);
  // Takes the item off every list and forgets its texts.
  void withdraw(ItemRow row, const EditionRow& notice);

  // What must be rewritten: "home", "feeds", "sitemap/0" (the index), "sitemap/N", "entry/CODE/0" (newest), "entry/CODE/N" …,
  // "tidy/ITEM" (files of an item that no longer belong). In the order in which they are to be put in place: a page before those
  // that lead to it.
  void mark(std::string_view page);
  void mark_everything();
  std::vector<std::string> marked(std::size_t limit);
  void unmark(const std::vector<std::string>& pages);

  // Listed items, newest first but on numbered pages, which run as the list grew.
  std::vector<ItemRow> newest(std::size_t limit);
  std::vector<ItemRow> changed(std::size_t limit);
  std::vector<ItemRow> newest_of(ListKind kind, std::string_view code, std::size_t limit);
  std::vector<ItemRow> page_of(ListKind kind, std::string_view code, std::uint64_t page);
  std::vector<ItemRow> sitemap_items(std::uint64_t number);
  std::uint64_t sitemaps();  // how many files there are
  std::optional<ListRow> list(ListKind kind, std::string_view code);
  std::vector<ListRow> lists(ListKind kind);  // by code
  std::int64_t listed();                      // items on the site now

  static constexpr std::uint64_t kSitemapUrls = 2'000;

 private:
  void create(std::size_t page_size);
  void write_item(const ItemRow& row, std::string_view reference);
  void write_edition(const EditionRow& edition);
  void write_text(const ItemRow& row, const SearchText& text);
  void erase_text(std::int64_t seq);
  void enter(ListKind kind, const ItemRow& row);
  void leave(ListKind kind, std::int64_t seq, std::string_view code);
  void mark_places(const ItemRow& row);
  std::int64_t place(ListKind kind, std::int64_t seq);
  std::uint64_t page_at(std::int64_t place) const;

  Connection db_;
  std::size_t page_size_ = 20;
};

// Reads a row of "SELECT kItemColumns FROM items".
ItemRow read_item(const Statement& row);
#define FABU_WEBSITE_ITEM_COLUMNS                                                                                       \
  "seq,item_id,edition,state,corrected,title,summary,doc_no,index_no,project_code,entry,entry_name,domain,domain_name," \
  "department,department_name,month,published_ms,updated_ms,reason"

// The token by which search filters on a code: letters and digits only, whatever the code.
std::string filter_token(std::string_view kind, std::string_view code);

}  // namespace fabu::website
