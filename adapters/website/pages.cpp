#include "adapters/website/pages.h"

#include <utility>

#include "proto/fabu/time.h"

namespace fabu::website {
namespace {

void meta(DataList& list, const char* name, const std::string& value) {
  if (value.empty()) return;
  Data tag;
  put(tag, "name", std::string(name));
  put(tag, "value", value);
  list.push_back(tag);
}

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : ",") + word;
  return out;
}

}  // namespace

Pages::Pages(const WebsiteOptions& options) : options_(options), paths_(options.base_url), templates_(options.templates) {}

Data Pages::frame(const PageHead& head) const {
  const SiteIdentity& site = options_.site;
  Data data;
  put(data, "root", paths_.root());
  put(data, "page_title", head.title);
  put(data, "canonical", paths_.url(head.path));
  put(data, "description", head.article ? "" : head.description);
  put(data, "site_name", site.name);
  // A site that is called 政府信息公开 need not say so twice.
  const bool says_so = site.name.find("信息公开") != std::string::npos;
  put(data, "brand_sub", std::string(says_so ? "" : "政府信息公开"));
  put(data, "site_name_en", site.name_en);
  put(data, "organiser", site.organiser);
  put(data, "contact", site.contact);
  put(data, "icp", site.icp);
  put(data, "police_record", site.police_record);
  put(data, "site_id_code", site.id_code);
  put(data, "error_report_url", site.error_report_url);
  put(data, "noindex", !head.index);
  put(data, "own_search", head.own_search);
  put(data, "in_home", head.part == MenuPart::home);
  put(data, "in_lists", head.part == MenuPart::lists);
  put(data, "in_search", head.part == MenuPart::search);
  put(data, "in_help", head.part == MenuPart::help);

  DataList tags;
  meta(tags, "SiteName", site.name);
  meta(tags, "SiteDomain", site.domain);
  meta(tags, "SiteIDCode", site.id_code);
  meta(tags, "ColumnName", head.column);
  meta(tags, "ColumnDescription", head.column.empty() ? "" : site.name + "公开的" + head.column);
  meta(tags, "ColumnKeywords", head.keywords.empty() ? head.column : joined(head.keywords));
  meta(tags, "ColumnType", head.column_type);
  put(data, "column_tags", tags);

  DataList crumbs;
  for (const auto& [name, path] : head.crumbs) {
    Data crumb;
    put(crumb, "name", name);
    put(crumb, "link", paths_.link(path));
    crumbs.push_back(crumb);
  }
  put(data, "crumbs", crumbs);
  put(data, "here", head.here);
  put(data, "has_crumbs", !head.crumbs.empty());
  return data;
}

Data item_line(const ItemRow& row, const PagePaths& paths) {
  Data line;
  put(line, "title", row.title);
  put(line, "link", paths.link(PagePaths::item(row.item_id)));
  put(line, "date", format_date(shanghai_date(from_ms(row.published_ms))));
  put(line, "entry_name", row.entry_name);
  put(line, "department_name", row.department_name);
  put(line, "number", !row.doc_no.empty() ? row.doc_no : row.project_code);
  put(line, "corrected", row.corrected);
  // A page of one list does not repeat that list's name at every item.
  put(line, "show_entry", !row.entry_name.empty());
  put(line, "show_department", false);
  return line;
}

DataList breakable(const std::vector<std::string>& pieces) {
  DataList list;
  for (const std::string& piece : pieces) {
    Data data;
    put(data, "more", !list.empty());
    put(data, "text", piece);
    list.push_back(data);
  }
  return list;
}

std::string month_title(std::string_view month) {
  if (month.size() != 7) return std::string(month);
  const std::string_view number = month[5] == '0' ? month.substr(6) : month.substr(5);
  return std::string(month.substr(0, 4)) + "年" + std::string(number) + "月";
}

std::string Pages::help() const {
  const std::string title = "使用帮助";
  Data data = frame({.title = title,
                     .path = "/help/",
                     .description = options_.site.name + "：怎样查找、订阅和核验公开信息",
                     .column = title,
                     .crumbs = {{"首页", "/"}},
                     .here = title,
                     .part = MenuPart::help});
  put(data, "home_url", paths_.url("/"));
  put(data, "atom_url", paths_.url("/feed.atom"));
  put(data, "json_url", paths_.url("/feed.json"));
  put(data, "log_url", paths_.url("/log"));
  put(data, "checkpoint", paths_.link("/log/checkpoint"));
  return render("help", data);
}

std::string Pages::not_found() const {
  Data data =
      frame({.title = "没有找到这个页面", .path = "/404.html", .crumbs = {{"首页", "/"}}, .here = "没有找到", .index = false});
  return render("not_found", data);
}

}  // namespace fabu::website
