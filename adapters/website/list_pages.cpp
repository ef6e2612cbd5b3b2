// Home, the directory of lists, and the lists themselves.
#include <algorithm>
#include <map>

#include "adapters/website/pages.h"
#include "proto/fabu/time.h"

namespace fabu::website {
namespace {

constexpr std::size_t kHomeItems = 15;
constexpr std::size_t kHomeMonths = 12;
constexpr std::ptrdiff_t kOpenEntries = 30;  // that the home page shows at once; with more it shows the domains, to be opened
constexpr std::uint64_t kPagesShown = 6;

DataList lines(const std::vector<ItemRow>& rows, const PagePaths& paths) {
  DataList list;
  for (const ItemRow& row : rows) list.push_back(item_line(row, paths));
  return list;
}

// Of one list: what all of its items have in common is in its heading.
DataList lines_of(ListKind kind, const std::vector<ItemRow>& rows, const PagePaths& paths) {
  DataList list = lines(rows, paths);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (kind == ListKind::entry) put(list[i], "show_entry", false);
    if (kind != ListKind::department) put(list[i], "show_department", !rows[i].department_name.empty());
  }
  return list;
}

Data list_link(const std::string& name, const std::string& link, std::int64_t count) {
  Data data;
  put(data, "name", name);
  put(data, "link", count > 0 ? link : "");
  put(data, "count", std::to_string(count));
  return data;
}

std::string name_in(const std::vector<Named>& names, const std::string& code, const std::string& otherwise) {
  const auto found = std::find_if(names.begin(), names.end(), [&](const Named& n) { return n.code == code; });
  return found != names.end() ? found->name : otherwise.empty() ? code : otherwise;
}

// Entries by domain: the configured ones in catalogue order, then what the index knows besides.
DataList domains(const Pages& pages, SiteIndex& index) {
  std::map<std::string, ListRow> rows;
  for (ListRow& row : index.lists(ListKind::entry)) rows.emplace(row.code, row);
  std::vector<EntryName> entries = pages.options().entries;
  for (const auto& [code, row] : rows) {
    const bool known = std::any_of(entries.begin(), entries.end(), [&c = code](const EntryName& e) { return e.code == c; });
    if (!known) entries.push_back({code, row.name, row.domain});
  }
  std::vector<Named> order = pages.options().domains;
  for (const EntryName& e : entries) {
    const bool known = std::any_of(order.begin(), order.end(), [&](const Named& d) { return d.code == e.domain; });
    if (known) continue;
    const auto newest = index.newest_of(ListKind::entry, e.code, 1);  // not configured: as the last item called it
    order.push_back({e.domain, newest.empty() || newest.front().domain_name.empty() ? e.domain : newest.front().domain_name});
  }
  const auto live_entries = std::count_if(rows.begin(), rows.end(), [](const auto& row) { return row.second.live > 0; });
  DataList out;
  for (const Named& domain : order) {
    DataList live, idle;
    std::int64_t total = 0;
    for (const EntryName& e : entries) {
      if (e.domain != domain.code) continue;
      const auto row = rows.find(e.code);
      const std::int64_t count = row == rows.end() ? 0 : row->second.live;
      total += count;
      (count > 0 ? live : idle).push_back(list_link(e.name, pages.paths().link(PagePaths::list(ListKind::entry, e.code)), count));
    }
    if (live.empty() && idle.empty()) continue;
    Data data;
    put(data, "name", domain.name.empty() ? "其他" : domain.name);
    put(data, "count", std::to_string(total));
    put(data, "entries", live);
    put(data, "has_entries", !live.empty());
    put(data, "open", !live.empty() && live_entries <= kOpenEntries);
    put(data, "idle", idle);
    put(data, "has_idle", !idle.empty());
    put(data, "idle_count", std::to_string(idle.size()));
    out.push_back(data);
  }
  return out;
}

DataList departments(const Pages& pages, SiteIndex& index) {
  DataList out;
  for (const ListRow& row : index.lists(ListKind::department)) {
    out.push_back(list_link(pages.list_title(ListKind::department, row),
                            pages.paths().link(PagePaths::list(ListKind::department, row.code)), row.live));
  }
  return out;
}

DataList months(const Pages& pages, SiteIndex& index, std::size_t limit) {
  std::vector<ListRow> rows = index.lists(ListKind::month);
  std::reverse(rows.begin(), rows.end());
  if (rows.size() > limit) rows.resize(limit);
  DataList out;
  for (const ListRow& row : rows) {
    out.push_back(list_link(month_title(row.code), pages.paths().link(PagePaths::list(ListKind::month, row.code)), row.live));
  }
  return out;
}

PageHead list_head(const Pages& pages, ListKind kind, const ListRow& list, std::string path) {
  const std::string title = pages.list_title(kind, list);
  return {.title = title,
          .path = std::move(path),
          .description = pages.options().site.name + "公开的" + title,
          .column = title,
          .column_type = "信息公开目录",
          .crumbs = {{"首页", "/"}, {"公开目录", "/lists/"}},
          .here = title,
          .part = MenuPart::lists};
}

Data page_link(const std::string& name, const std::string& link) {
  Data data;
  put(data, "name", name);
  put(data, "link", link);
  return data;
}

}  // namespace

std::string Pages::list_title(ListKind kind, const ListRow& list) const {
  switch (kind) {
    case ListKind::entry:
      for (const EntryName& e : options_.entries) {
        if (e.code == list.code) return e.name;
      }
      return list.name.empty() ? list.code : list.name;
    case ListKind::department:
      return name_in(options_.departments, list.code, list.name);
    case ListKind::month:
      return month_title(list.code);
  }
  return list.code;
}

std::string Pages::home(SiteIndex& index) const {
  Data data = frame({.title = {},
                     .path = "/",
                     .description = options_.site.description,
                     .column = "首页",
                     .column_type = "首页",
                     .part = MenuPart::home,
                     .own_search = true});
  const auto newest = index.newest(kHomeItems);
  put(data, "items", lines(newest, paths_));
  put(data, "empty", newest.empty());
  put(data, "domains", domains(*this, index));
  put(data, "departments", departments(*this, index));
  put(data, "months", months(*this, index, kHomeMonths));
  put(data, "total", std::to_string(index.listed()));
  put(data, "more", newest.size() == kHomeItems ? paths_.link(PagePaths::list(ListKind::month, newest.front().month)) : "");
  const bool named = options_.site.name.find("信息公开") != std::string::npos;
  put(data, "heading", std::string(named ? "检索公开信息" : "政府信息公开"));
  put(data, "newest_date", newest.empty() ? "" : format_date(shanghai_date(from_ms(newest.front().published_ms))));
  return render("home", data);
}

std::string Pages::directory(SiteIndex& index) const {
  Data data = frame({.title = "公开目录",
                     .path = "/lists/",
                     .description = options_.site.name + "的全部公开目录",
                     .column = "公开目录",
                     .column_type = "信息公开目录",
                     .crumbs = {{"首页", "/"}},
                     .here = "公开目录",
                     .part = MenuPart::lists});
  put(data, "domains", domains(*this, index));
  put(data, "departments", departments(*this, index));
  put(data, "months", months(*this, index, std::size_t{1} << 20U));
  return render("directory", data);
}

std::string Pages::newest_of(SiteIndex& index, ListKind kind, const ListRow& list) const {
  Data data = frame(list_head(*this, kind, list, PagePaths::list(kind, list.code)));
  const auto rows = index.newest_of(kind, list.code, index.page_size());
  put(data, "heading", list_title(kind, list));
  put(data, "count", std::to_string(list.live));
  put(data, "items", lines_of(kind, rows, paths_));
  put(data, "empty", rows.empty());
  // The pages count from the oldest, so that a page, once full, stays as it is; the newest items stand here.
  const std::uint64_t last = (static_cast<std::uint64_t>(list.places) + index.page_size() - 1) / index.page_size();
  DataList links;
  for (std::uint64_t n = last, shown = 0; n >= 1 && shown < kPagesShown; --n, ++shown) {
    links.push_back(page_link("第 " + std::to_string(n) + " 页", paths_.link(PagePaths::list_page(kind, list.code, n))));
  }
  if (last > kPagesShown) links.push_back(page_link("第 1 页（最早）", paths_.link(PagePaths::list_page(kind, list.code, 1))));
  put(data, "pages", links);
  put(data, "has_pages", last > 1);
  return render("list", data);
}

std::string Pages::page_of(SiteIndex& index, ListKind kind, const ListRow& list, std::uint64_t page) const {
  PageHead head = list_head(*this, kind, list, PagePaths::list_page(kind, list.code, page));
  const std::string name = "第 " + std::to_string(page) + " 页";
  head.title += " " + name;
  head.crumbs.emplace_back(list_title(kind, list), PagePaths::list(kind, list.code));
  head.here = name;
  Data data = frame(head);
  const auto rows = index.page_of(kind, list.code, page);
  put(data, "heading", list_title(kind, list));
  put(data, "page_name", name);
  put(data, "items", lines_of(kind, rows, paths_));
  put(data, "empty", rows.empty());
  DataList links;
  links.push_back(page_link("最新", paths_.link(PagePaths::list(kind, list.code))));
  if (page * index.page_size() < static_cast<std::uint64_t>(list.places)) {
    links.push_back(page_link("较新一页", paths_.link(PagePaths::list_page(kind, list.code, page + 1))));
  }
  if (page > 1) links.push_back(page_link("较早一页", paths_.link(PagePaths::list_page(kind, list.code, page - 1))));
  put(data, "pages", links);
  put(data, "has_pages", true);
  return render("list", data);
}

}  // namespace fabu::website
