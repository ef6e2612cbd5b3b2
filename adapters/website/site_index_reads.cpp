// What the pages read: lists, the newest, marks. The writes are in site_index.cpp.
#include "adapters/website/site_index.h"

namespace fabu::website {
namespace {

#define ITEM_COLUMNS FABU_WEBSITE_ITEM_COLUMNS

std::vector<ItemRow> rows_of(Statement& statement) {
  std::vector<ItemRow> rows;
  while (statement.row()) rows.push_back(read_item(statement));
  return rows;
}

ListRow read_list(const Statement& s) {
  return {s.text_at(0), s.text_at(1), s.text_at(2), s.integer_at(3), s.integer_at(4)};
}

}  // namespace

void SiteIndex::mark(std::string_view page) {
  db_("INSERT OR IGNORE INTO marks VALUES(?)").text(page).run();
}

void SiteIndex::mark_everything() {
  for (const std::string_view page : {"home", "feeds", "sitemap/0"}) mark(page);
  for (std::uint64_t n = 1; n <= sitemaps(); ++n) mark("sitemap/" + std::to_string(n));
  for (const ListKind kind : {ListKind::entry, ListKind::department, ListKind::month}) {
    for (const ListRow& row : lists(kind)) {
      const std::uint64_t pages = (static_cast<std::uint64_t>(row.places) + page_size_ - 1) / page_size_;
      for (std::uint64_t page = 0; page <= pages; ++page) {
        mark(std::string(list_name(kind)) + "/" + row.code + "/" + std::to_string(page));
      }
    }
  }
}

std::vector<std::string> SiteIndex::marked(std::size_t limit) {
  // Pages of lists before those that lead to them; what is taken away goes last.
  auto s =
      db_("SELECT page FROM marks ORDER BY page GLOB 'tidy/*', page IN ('home','feeds','sitemap/0'), page GLOB '*/0', "
          "length(page) DESC, page DESC LIMIT ?");
  s.integer(static_cast<std::int64_t>(limit));
  std::vector<std::string> pages;
  while (s.row()) pages.push_back(s.text_at(0));
  return pages;
}

void SiteIndex::unmark(const std::vector<std::string>& pages) {
  for (const std::string& page : pages) db_("DELETE FROM marks WHERE page=?").text(page).run();
}

std::vector<ItemRow> SiteIndex::newest(std::size_t limit) {
  auto s = db_("SELECT " ITEM_COLUMNS " FROM items WHERE state=1 ORDER BY seq DESC LIMIT ?");
  return rows_of(s.integer(static_cast<std::int64_t>(limit)));
}

std::vector<ItemRow> SiteIndex::changed(std::size_t limit) {
  auto s = db_("SELECT " ITEM_COLUMNS " FROM items WHERE state=1 ORDER BY changed DESC LIMIT ?");
  return rows_of(s.integer(static_cast<std::int64_t>(limit)));
}

std::vector<ItemRow> SiteIndex::newest_of(ListKind kind, std::string_view code, std::size_t limit) {
  const char* sql = nullptr;
  switch (kind) {
    case ListKind::entry:
      sql = "SELECT " ITEM_COLUMNS " FROM items WHERE entry=? AND entry_place IS NOT NULL ORDER BY entry_place DESC LIMIT ?";
      break;
    case ListKind::department:
      sql = "SELECT " ITEM_COLUMNS
            " FROM items WHERE department=? AND department_place IS NOT NULL ORDER BY department_place DESC LIMIT ?";
      break;
    case ListKind::month:
      sql = "SELECT " ITEM_COLUMNS " FROM items WHERE month=? AND month_place IS NOT NULL ORDER BY month_place DESC LIMIT ?";
      break;
  }
  auto s = db_(sql);
  return rows_of(s.text(code).integer(static_cast<std::int64_t>(limit)));
}

std::vector<ItemRow> SiteIndex::page_of(ListKind kind, std::string_view code, std::uint64_t page) {
  const char* sql = nullptr;
  switch (kind) {
    case ListKind::entry:
      sql = "SELECT " ITEM_COLUMNS " FROM items WHERE entry=? AND entry_place BETWEEN ? AND ? ORDER BY entry_place DESC";
      break;
    case ListKind::department:
      sql = "SELECT " ITEM_COLUMNS
            " FROM items WHERE department=? AND department_place BETWEEN ? AND ? ORDER BY department_place DESC";
      break;
    case ListKind::month:
      sql = "SELECT " ITEM_COLUMNS " FROM items WHERE month=? AND month_place BETWEEN ? AND ? ORDER BY month_place DESC";
      break;
  }
  const auto last = static_cast<std::int64_t>(page * page_size_);
  auto s = db_(sql);
  return rows_of(s.text(code).integer(last - static_cast<std::int64_t>(page_size_) + 1).integer(last));
}

std::vector<ItemRow> SiteIndex::sitemap_items(std::uint64_t number) {
  const auto last = static_cast<std::int64_t>(number * kSitemapUrls);
  auto s = db_("SELECT " ITEM_COLUMNS " FROM items WHERE seq BETWEEN ? AND ? AND state=1 ORDER BY seq");
  return rows_of(s.integer(last - static_cast<std::int64_t>(kSitemapUrls) + 1).integer(last));
}

std::uint64_t SiteIndex::sitemaps() {
  auto s = db_("SELECT max(seq) FROM items");
  s.row();
  return (static_cast<std::uint64_t>(s.integer_at(0)) + kSitemapUrls - 1) / kSitemapUrls;
}

std::optional<ListRow> SiteIndex::list(ListKind kind, std::string_view code) {
  auto s = db_("SELECT code,name,domain,places,live FROM lists WHERE kind=? AND code=?");
  s.integer(static_cast<int>(kind)).text(code);
  if (!s.row()) return std::nullopt;
  return read_list(s);
}

std::vector<ListRow> SiteIndex::lists(ListKind kind) {
  auto s = db_("SELECT code,name,domain,places,live FROM lists WHERE kind=? ORDER BY code");
  s.integer(static_cast<int>(kind));
  std::vector<ListRow> rows;
  while (s.row()) rows.push_back(read_list(s));
  return rows;
}

std::int64_t SiteIndex::listed() {
  auto s = db_("SELECT value FROM counters WHERE name='listed'");
  return s.row() ? s.integer_at(0) : 0;
}

}  // namespace fabu::website
