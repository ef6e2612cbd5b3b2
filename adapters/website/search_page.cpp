// The search page, rendered on the server, and the same as JSON.
#include <nlohmann/json.hpp>

#include "adapters/website/pages.h"
#include "adapters/website/search.h"
#include "proto/fabu/time.h"

namespace fabu::website {
namespace {

using Json = nlohmann::ordered_json;

std::string query_string(const SearchQuery& q) {
  std::string out = "/search?q=" + percent_encode(q.q);
  if (!q.entry.empty()) out += "&entry=" + percent_encode(q.entry);
  if (!q.department.empty()) out += "&department=" + percent_encode(q.department);
  if (!q.year.empty()) out += "&year=" + percent_encode(q.year);
  if (q.page > 1) out += "&page=" + std::to_string(q.page);
  return out;
}

std::string& filter_of(SearchQuery& q, const std::string& facet) {
  return facet == "entry" ? q.entry : facet == "department" ? q.department : q.year;
}

std::string facet_title(const std::string& facet) {
  return facet == "entry" ? "信息分类" : facet == "department" ? "发布部门" : "发布年份";
}

DataList pieces(const std::vector<Piece>& text) {
  DataList list;
  for (const Piece& piece : text) {
    Data data;
    put(data, "marked", piece.marked);
    put(data, "text", piece.text);
    list.push_back(data);
  }
  return list;
}

std::string total_text(const SearchPage& page) {
  return std::to_string(page.total) + (page.capped ? "+" : "");
}

DataList hits(const SearchPage& page, const PagePaths& paths) {
  DataList list;
  for (const SearchHit& hit : page.hits) {
    Data data = item_line(hit.item, paths);
    put(data, "title_pieces", pieces(hit.title));
    put(data, "text_pieces", pieces(hit.text));
    put(data, "index_no", hit.item.index_no);
    list.push_back(data);
  }
  return list;
}

DataList facets(const SearchPage& page, const PagePaths& paths) {
  DataList list;
  for (const Facet& facet : page.facets) {
    SearchQuery query = page.query;
    query.page = 1;
    std::string& filter = filter_of(query, facet.name);
    const std::string chosen = filter;
    DataList values;
    for (const FacetValue& value : facet.values) {
      filter = value.code == chosen ? "" : value.code;  // choosing again takes the filter away
      Data data;
      put(data, "name", facet.name == "year" ? value.name + " 年" : value.name);
      put(data, "count", std::to_string(value.count));
      put(data, "link", paths.link(query_string(query)));
      put(data, "chosen", value.code == chosen);
      values.push_back(data);
    }
    if (values.size() < 2 && chosen.empty()) continue;  // nothing to choose between
    Data data;
    put(data, "name", facet_title(facet.name));
    put(data, "values", values);
    list.push_back(data);
  }
  return list;
}

// The filters in force, each with the way to be rid of it: also where they leave no hits, and so no facets.
DataList chosen_filters(const SearchPage& page, const Pages& pages) {
  DataList list;
  const auto add = [&](const char* facet, const std::string& code, std::string name) {
    if (code.empty()) return;
    for (const Facet& f : page.facets) {
      if (f.name != facet) continue;
      for (const FacetValue& value : f.values) {
        if (value.code == code && !value.name.empty()) name = value.name;
      }
    }
    SearchQuery without = page.query;
    without.page = 1;
    filter_of(without, facet).clear();
    Data data;
    put(data, "name", facet_title(facet) + "：" + name);
    put(data, "link", pages.paths().link(query_string(without)));
    list.push_back(data);
  };
  ListRow entry, department;
  entry.code = page.query.entry;
  department.code = page.query.department;
  add("entry", entry.code, pages.list_title(ListKind::entry, entry));
  add("department", department.code, pages.list_title(ListKind::department, department));
  add("year", page.query.year, page.query.year);
  return list;
}

DataList pager(const SearchPage& page, const PagePaths& paths) {
  DataList list;
  SearchQuery query = page.query;
  const auto add = [&](const char* name, std::uint64_t number) {
    query.page = number;
    Data data;
    put(data, "name", std::string(name));
    put(data, "link", paths.link(query_string(query)));
    list.push_back(data);
  };
  if (page.query.page > 1) add("上一页", page.query.page - 1);
  if (page.query.page * SiteSearch::kHitsOnPage < page.total) add("下一页", page.query.page + 1);
  return list;
}

}  // namespace

std::string SiteSearch::render_page(const SearchQuery& asked) {
  const SearchPage page = search(asked);
  PageHead head{.title = page.query.q.empty() ? "检索" : "检索：" + page.query.q,
                .path = "/search",
                .column = "检索",
                .column_type = "信息公开目录",
                .crumbs = {{"首页", "/"}},
                .here = "检索",
                .part = MenuPart::search,
                .index = false,
                .own_search = true};
  Data data = pages_.frame(head);
  const bool asked_something =
      !page.query.q.empty() || !page.query.entry.empty() || !page.query.department.empty() || !page.query.year.empty();
  put(data, "q", page.query.q);
  put(data, "entry", page.query.entry);
  put(data, "department", page.query.department);
  put(data, "year", page.query.year);
  put(data, "asked", asked_something);
  put(data, "none", asked_something && page.total == 0);
  put(data, "some", page.total > 0);
  put(data, "total", total_text(page));
  put(data, "capped", page.capped);
  put(data, "page_number", std::to_string(page.query.page));
  put(data, "hits", hits(page, pages_.paths()));
  const DataList filters = chosen_filters(page, pages_);
  put(data, "filters", filters);
  put(data, "has_filters", !filters.empty());
  const DataList shown_facets = facets(page, pages_.paths());
  put(data, "facets", shown_facets);
  put(data, "has_facets", !shown_facets.empty());
  const DataList links = pager(page, pages_.paths());
  put(data, "has_pages", !links.empty());
  put(data, "pages", links);
  return pages_.render("search", data);
}

std::string SiteSearch::render_json(const SearchQuery& asked) {
  const SearchPage page = search(asked);
  const auto text = [](const std::vector<Piece>& found) {
    Json list = Json::array();
    for (const Piece& piece : found) list.push_back({{"text", piece.text}, {"marked", piece.marked}});
    return list;
  };
  Json out{
      {"q", page.query.q}, {"page", page.query.page}, {"total", page.total}, {"capped", page.capped}, {"hits", Json::array()}};
  for (const SearchHit& hit : page.hits) {
    out["hits"].push_back({{"url", pages_.paths().url(PagePaths::item(hit.item.item_id))},
                           {"title", hit.item.title},
                           {"index_no", hit.item.index_no},
                           {"doc_no", hit.item.doc_no},
                           {"published", format_rfc3339(from_ms(hit.item.published_ms))},
                           {"entry", hit.item.entry},
                           {"department", hit.item.department},
                           {"corrected", hit.item.corrected},
                           {"title_pieces", text(hit.title)},
                           {"text_pieces", text(hit.text)}});
  }
  for (const Facet& facet : page.facets) {
    for (const FacetValue& value : facet.values) {
      out["facets"][facet.name].push_back({{"code", value.code}, {"name", value.name}, {"count", value.count}});
    }
  }
  return out.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace fabu::website
