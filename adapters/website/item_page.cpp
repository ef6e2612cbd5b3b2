// The page of one item: record table, body, attachments, history, proof. And the notice that a withdrawn one leaves.
#include <nlohmann/json.hpp>

#include "adapters/sdk/qr.h"
#include "adapters/website/article_body.h"
#include "adapters/website/pages.h"
#include "proto/fabu/digest.h"
#include "proto/fabu/time.h"

namespace fabu::website {
namespace {

using Json = nlohmann::ordered_json;

std::string label(v1::Stage stage) {
  switch (stage) {
    case v1::STAGE_DECISION:
      return "决策公开";
    case v1::STAGE_EXECUTION:
      return "执行公开";
    case v1::STAGE_MANAGEMENT:
      return "管理公开";
    case v1::STAGE_SERVICE:
      return "服务公开";
    case v1::STAGE_RESULT:
      return "结果公开";
    default:  // protobuf's enums are open: a value from a newer contract is shown as nothing
      return {};
  }
}

std::string label(v1::Validity validity) {
  switch (validity) {
    case v1::VALIDITY_IN_FORCE:
      return "有效";
    case v1::VALIDITY_PARTIAL:
      return "部分失效";
    case v1::VALIDITY_LAPSED:
      return "失效";
    case v1::VALIDITY_REPEALED:
      return "废止";
    default:
      return {};
  }
}

std::string label(v1::EditionKind kind) {
  switch (kind) {
    case v1::EDITION_KIND_CORRECTION:
      return "更正";
    case v1::EDITION_KIND_WITHDRAWAL:
      return "撤回";
    default:
      return "首次发布";
  }
}

template <typename Strings>
std::string list_of(const Strings& words, std::string_view between) {
  std::string out;
  for (const std::string& word : words) {
    if (!out.empty()) out += between;
    out += word;
  }
  return out;
}

std::string language_of(const v1::Item& item) {
  return item.language().empty() ? "zh-CN" : item.language();
}

std::string publishers(const v1::Item& item) {
  std::string out = item.publisher().name();
  for (const auto& body : item.joint_publishers()) out += "、" + body.name();
  return out;
}

std::string size_text(std::uint64_t bytes) {
  if (bytes < 1024) return std::to_string(bytes) + " 字节";
  const bool mega = bytes >= 1024 * 1024;
  const std::uint64_t unit = mega ? 1024 * 1024 : 1024;
  const std::uint64_t tenths = (bytes * 10 + unit / 2) / unit;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + (mega ? " MB" : " KB");
}

std::string media_name(const v1::Attachment& attachment) {
  const auto dot = attachment.name().rfind('.');
  std::string ext = dot == std::string::npos ? "" : attachment.name().substr(dot + 1);
  for (char& c : ext) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return ext.empty() || ext.size() > 5 ? "文件" : ext;
}

// Names and values, two to a line or one that takes the whole line.
class Record {
 public:
  void add(const char* name, const std::string& value) { add(name, {value}, false); }
  void wide(const char* name, const std::string& value) { add(name, {value}, true); }
  void number(const char* name, const std::string& value) { add(name, number_pieces(value), false); }

  DataList take() {
    end_line();
    return std::move(rows_);
  }

 private:
  void add(const char* name, const std::vector<std::string>& value, bool wide) {
    if (value.empty() || value.front().empty()) return;
    if (wide) end_line();
    Data row;
    put(row, "name", std::string(name));
    put(row, "value", breakable(value));
    put(row, "wide", wide);
    rows_.push_back(row);
    half_ = !wide && !half_;
  }
  // What stands alone on its line takes all of it.
  void end_line() {
    if (half_) put(rows_.back(), "wide", true);
    half_ = false;
  }

  DataList rows_;
  bool half_ = false;  // the line has room for another
};

// The record table, in the order of the State Council's own: 索引号, 主题分类, 发文机关, 成文日期, 标题, 发文字号, 发布日期,
// 主题词; 名称 as article 12 of 政府信息公开条例 calls it. responsible_person is internal and is not read anywhere in this room.
DataList record_table(const ItemView& view) {
  const v1::Item& item = view.item;
  const v1::CatalogueFacts& facts = view.work.catalogue();
  const auto& period = item.notice_period();
  Record table;
  table.number("索引号", view.work.edition().index_no());
  table.add("信息分类", facts.domain_name() + (facts.domain_name().empty() || facts.name().empty() ? "" : " / ") + facts.name());
  table.add("发布机构", publishers(item));
  table.add("成文日期", item.formed_date());
  table.wide("名称", item.title());
  table.add("发文字号", item.doc_no());
  table.add("发布日期", format_minute(from_ms(view.first_ms)));
  if (view.published_ms != view.first_ms) table.add("更新日期", format_minute(from_ms(view.published_ms)));
  table.add("主题词", list_of(item.keywords(), "　"));
  table.add("公开方式", item.disclosure() == v1::DISCLOSURE_ON_REQUEST ? "依申请公开" : "主动公开");
  table.add("公开环节", label(item.stage() != v1::STAGE_UNSPECIFIED ? item.stage() : facts.stage()));
  table.add("有效性", label(item.validity()));
  table.add("生效日期", item.effective_date());
  table.add("废止日期", item.expiry_date());
  if (!period.start().empty()) table.add("公示期", period.start() + " 至 " + period.end());
  table.add("项目编号", item.project_code());
  table.add("标段（包）编号", list_of(item.lot_codes(), "、"));
  table.add("统一交易标识码", item.unified_deal_code());
  table.add("信息来源", item.content_source());
  table.add("责任科室", item.responsible_section());
  table.wide("内容概述", item.summary());
  table.wide("公开依据", item.legal_basis().empty() ? facts.legal_basis() : list_of(item.legal_basis(), "；"));
  return table.take();
}

DataList attachment_list(const v1::Item& item) {
  DataList list;
  for (const v1::Attachment& a : item.attachments()) {
    Data row;
    put(row, "name", a.name());
    put(row, "link", "attachments/" + percent_encode(attachment_file_name(a.name(), a.sha256())));
    put(row, "kind", media_name(a));
    put(row, "size", size_text(a.size()));
    put(row, "sha256", a.sha256());
    put(row, "about", a.description());
    list.push_back(row);
  }
  return list;
}

DataList history_list(const ItemView& view, const PagePaths& paths) {
  DataList list;
  for (const HistoryLine& line : view.history) {
    Data row;
    put(row, "number", std::to_string(line.number));
    put(row, "kind", label(line.kind));
    put(row, "time", format_minute(from_ms(line.time_ms)));
    put(row, "reason", line.reason);
    put(row, "link", line.path.empty() || line.shown ? "" : paths.link(line.path));
    put(row, "shown", line.shown);
    put(row, "absent", line.path.empty());
    list.push_back(row);
  }
  return list;
}

DataList related_list(const ItemView& view, const PagePaths& paths) {
  DataList list;
  for (const RelatedLine& line : view.related) {
    Data row;
    put(row, "relation", line.relation.empty() ? "相关信息" : line.relation);
    put(row, "title", line.title);
    put(row, "link", paths.link(line.path));
    list.push_back(row);
  }
  return list;
}

DataList article_tags(const ItemView& view, const std::string& url) {
  const v1::Item& item = view.item;
  const std::string source = item.content_source().empty() ? item.publisher().name() : item.content_source();
  const std::pair<const char*, std::string> tags[] = {
      {"ArticleTitle", item.title()},
      {"PubDate", format_minute(from_ms(view.first_ms))},
      {"ContentSource", source},
      {"Keywords", list_of(item.keywords(), ",")},
      {"Author", item.publisher().name()},
      {"Description", item.summary()},
      {"Url", url},
  };
  DataList list;
  for (const auto& [name, value] : tags) {
    if (value.empty()) continue;
    Data tag;
    put(tag, "name", std::string(name));
    put(tag, "value", value);
    list.push_back(tag);
  }
  return list;
}

// https://schema.org/Article, with the bodies as GovernmentOrganization. "<" cannot appear: it would end the script element.
std::string json_ld(const ItemView& view, const SiteIdentity& site, const PagePaths& paths, const std::string& path) {
  const v1::Item& item = view.item;
  Json ld{{"@context", "https://schema.org"},
          {"@type", "Article"},
          {"@id", paths.url(path)},
          {"url", paths.url(path)},
          {"headline", item.title()},
          {"inLanguage", language_of(item)},
          {"isAccessibleForFree", true},
          {"identifier", view.work.edition().index_no()},
          {"version", view.work.edition().number()},
          {"datePublished", format_rfc3339(from_ms(view.first_ms))},
          {"dateModified", format_rfc3339(from_ms(view.published_ms))}};
  if (!item.formed_date().empty()) ld["dateCreated"] = item.formed_date();
  if (!item.summary().empty()) ld["description"] = item.summary();
  if (!item.keywords().empty()) ld["keywords"] = std::vector<std::string>(item.keywords().begin(), item.keywords().end());
  if (!view.work.catalogue().name().empty()) ld["articleSection"] = view.work.catalogue().name();
  ld["publisher"] = Json{{"@type", "GovernmentOrganization"}, {"name", item.publisher().name()}};
  ld["isPartOf"] = Json{{"@type", "WebSite"}, {"name", site.name}, {"url", paths.url("/")}};
  for (const v1::Attachment& a : item.attachments()) {
    ld["associatedMedia"].push_back(
        {{"@type", "MediaObject"},
         {"name", a.name()},
         {"contentUrl", paths.url(path) + "attachments/" + percent_encode(attachment_file_name(a.name(), a.sha256()))},
         {"encodingFormat", a.media_type()},
         {"contentSize", std::to_string(a.size())},
         {"sha256", a.sha256()}});
  }
  const std::string text = ld.dump(-1, ' ', false, Json::error_handler_t::replace);
  std::string safe;
  for (const char c : text) {
    if (c == '<' || c == '>' || c == '&') {
      safe += c == '<' ? "\\u003c" : c == '>' ? "\\u003e" : "\\u0026";
    } else {
      safe += c;
    }
  }
  return safe;
}

}  // namespace

std::string Pages::item(const ItemView& view) const {
  const v1::Item& item = view.item;
  const v1::Edition& edition = view.work.edition();
  const v1::CatalogueFacts& facts = view.work.catalogue();
  const std::string standing = PagePaths::item(edition.item_id());
  const std::string path = view.superseded ? PagePaths::edition(edition.item_id(), edition.number()) : standing;
  PageHead head{.title = item.title(),
                .path = path,
                .description = item.summary(),
                .column = facts.name(),
                .column_type = "信息公开目录",
                .keywords = {item.keywords().begin(), item.keywords().end()},
                .crumbs = {{"首页", "/"}, {"公开目录", "/lists/"}},
                .here = view.superseded ? "第 " + std::to_string(edition.number()) + " 版" : "正文",
                .index = !view.superseded,
                .article = true};
  if (!facts.name().empty()) head.crumbs.emplace_back(facts.name(), PagePaths::list(ListKind::entry, item.catalogue_entry()));

  Data data = frame(head);
  put(data, "article_tags", article_tags(view, paths_.url(path)));
  put(data, "json_ld", json_ld(view, options_.site, paths_, path));
  put(data, "title", breakable(title_pieces(item.title())));
  put(data, "lang", language_of(item));
  put(data, "publisher", publishers(item));
  put(data, "published", format_minute(from_ms(view.first_ms)));
  put(data, "source", item.content_source() == publishers(item) ? "" : item.content_source());
  put(data, "record", record_table(view));
  put(data, "body", view.body_html);
  put(data, "attachments", attachment_list(item));
  put(data, "has_attachments", !item.attachments().empty());
  put(data, "related", related_list(view, paths_));
  put(data, "has_related", !view.related.empty());
  put(data, "history", history_list(view, paths_));
  put(data, "has_history", view.history.size() > 1);
  put(data, "superseded", view.superseded);
  put(data, "standing", paths_.link(standing));
  const bool correction = edition.kind() == v1::EDITION_KIND_CORRECTION;
  put(data, "corrected", correction && !view.superseded);
  put(data, "reason", edition.reason());
  put(data, "updated", format_minute(from_ms(view.published_ms)));
  put(data, "edition", std::to_string(edition.number()));
  put(data, "digest", Digest::from_raw(edition.digest()).value_or(sha256(edition.content())).hex());
  put(data, "url", paths_.url(standing));
  put(data, "qr", view.qr_svg);
  put(data, "checkpoint", paths_.link("/log/checkpoint"));
  return render("item", data);
}

std::string Pages::qr_of(std::uint64_t item_id) const {
  return sdk::qr_svg(sdk::qr_code(paths_.url(PagePaths::item(item_id))), "本页网址的二维码");
}

std::string Pages::withdrawn(const v1::Edition& notice, const ItemRow& row) const {
  const std::string path = PagePaths::item(notice.item_id());
  PageHead head{.title = "信息已撤回",
                .path = path,
                .column = row.entry_name,
                .column_type = "信息公开目录",
                .crumbs = {{"首页", "/"}, {"公开目录", "/lists/"}},
                .here = "信息已撤回",
                .index = false};
  Data data = frame(head);
  Record record;
  record.wide("撤回原因", row.reason);
  record.add("首次发布", row.published_ms == 0 ? "" : format_minute(from_ms(row.published_ms)));
  record.add("撤回时间", format_minute(from_ms(row.updated_ms)));
  record.number("索引号", row.index_no);
  record.add("信息分类", row.entry_name);
  record.add("发布部门", row.department_name);
  put(data, "record", record.take());
  put(data, "checkpoint", paths_.link("/log/checkpoint"));
  return render("withdrawn", data);
}

}  // namespace fabu::website
