#include "adapters/website/pages.h"

#include <utility>

#include "proto/fabu/time.h"

namespace fabu::website {
namespace {

void meta(DataList& list, const char* name, const std::string& value) {
  if (value.empty()) return;
  Data tag;
  tag.set("name", name);
  tag.set("value", value);
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
  data.set("root", paths_.root());
  data.set("page_title", head.title);
  data.set("canonical", paths_.url(head.path));
  data.set("description", head.description);
  data.set("site_name", site.name);
  data.set("site_name_en", site.name_en);
  data.set("organiser", site.organiser);
  data.set("contact", site.contact);
  data.set("icp", site.icp);
  data.set("police_record", site.police_record);
  data.set("site_id_code", site.id_code);
  data.set("error_report_url", site.error_report_url);
  data.set("noindex", !head.index);

  DataList tags;
  meta(tags, "SiteName", site.name);
  meta(tags, "SiteDomain", site.domain);
  meta(tags, "SiteIDCode", site.id_code);
  meta(tags, "ColumnName", head.column);
  meta(tags, "ColumnDescription", head.column.empty() ? "" : site.name + "公开的" + head.column);
  meta(tags, "ColumnKeywords", head.keywords.empty() ? head.column : joined(head.keywords));
  meta(tags, "ColumnType", head.column_type);
  data.set("column_tags", tags);

  DataList crumbs;
  for (const auto& [name, path] : head.crumbs) {
    Data crumb;
    crumb.set("name", name);
    crumb.set("link", paths_.link(path));
    crumbs.push_back(crumb);
  }
  data.set("crumbs", crumbs);
  data.set("has_crumbs", !head.crumbs.empty());
  return data;
}

Data item_line(const ItemRow& row, const PagePaths& paths) {
  Data line;
  line.set("title", row.title);
  line.set("link", paths.link(PagePaths::item(row.item_id)));
  line.set("date", format_date(shanghai_date(from_ms(row.published_ms))));
  line.set("entry_name", row.entry_name);
  line.set("department_name", row.department_name);
  line.set("number", !row.doc_no.empty() ? row.doc_no : row.project_code);
  line.set("corrected", row.corrected);
  return line;
}

std::string month_title(std::string_view month) {
  if (month.size() != 7) return std::string(month);
  const std::string_view number = month[5] == '0' ? month.substr(6) : month.substr(5);
  return std::string(month.substr(0, 4)) + "年" + std::string(number) + "月";
}

std::string Pages::not_found() const {
  Data data = frame({.title = "没有找到这个页面", .path = "/404.html", .description = {}, .column = {}, .column_type = {},
                     .keywords = {}, .crumbs = {}, .index = false});
  return render("not_found", data);
}

}  // namespace fabu::website
