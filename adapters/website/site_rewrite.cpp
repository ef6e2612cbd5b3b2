// The parts of SiteWriter that bring pages in line with the index: old editions, history, lists, and what has to go.
#include <charconv>
#include <set>

#include "adapters/sdk/document.h"
#include "adapters/website/article_body.h"
#include "adapters/website/feeds.h"
#include "adapters/website/site_lock.h"
#include "adapters/website/site_writer.h"

namespace fabu::website {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kMarksAtOnce = 512;

fs::path folder_of(std::uint64_t item_id) {
  return PagePaths::file(PagePaths::item(item_id)).parent_path();
}

std::uint64_t number_of(std::string_view text) {
  std::uint64_t n = 0;
  std::from_chars(text.data(), text.data() + text.size(), n);
  return n;
}

}  // namespace

ItemView SiteWriter::view_of(const Plan& plan) {
  const Job& job = *plan.job;
  ItemView view;
  view.work = job.work;
  view.item = job.item;
  view.published_ms = plan.edition.published_ms;
  view.first_ms = plan.row.published_ms;
  view.body_html = job.body_html;
  view.qr_svg = job.qr_svg;
  view.history = history_of(job.work, plan.edition.published_ms, false);
  view.related = related_of(job.item);
  return view;
}

std::vector<HistoryLine> SiteWriter::history_of(const v1::Work& work, std::int64_t published_ms, bool superseded) {
  const v1::Edition& edition = work.edition();
  std::vector<HistoryLine> history;
  const std::string own =
      superseded ? PagePaths::edition(edition.item_id(), edition.number()) : PagePaths::item(edition.item_id());
  history.push_back({edition.number(), edition.kind(), published_ms, edition.reason(), own, true});
  for (auto note = work.history().rbegin(); note != work.history().rend(); ++note) {
    const auto stood = index_.edition(edition.item_id(), note->number());
    const bool readable = stood && !stood->work.empty();
    history.push_back({note->number(), note->kind(), stood ? stood->published_ms : note->received_ms(), note->reason(),
                       readable ? PagePaths::edition(edition.item_id(), note->number()) : "", false});
  }
  return history;
}

std::vector<RelatedLine> SiteWriter::related_of(const v1::Item& item) {
  std::vector<RelatedLine> lines;
  for (const v1::RelatedItem& related : item.related()) {
    const bool by_number = !related.index_no().empty();
    const auto row =
        by_number ? index_.by_index_no(related.index_no()) : index_.by_reference(item.department(), related.reference());
    if (row) {
      lines.push_back({related.relation(), row->title, PagePaths::item(row->item_id)});
    } else if (by_number) {  // not here yet, or no longer: the search will find it when it is
      lines.push_back({related.relation(), "索引号 " + related.index_no(), "/search?q=" + percent_encode(related.index_no())});
    }
  }
  return lines;
}

// The edition that stands moves to a page of its own, with its attachments, before anything of it is replaced. Doing it again
// changes nothing: links are kept, the page has the same bytes.
void SiteWriter::keep_old_edition(const Plan& plan) {
  if (!plan.before || plan.before->state != ItemState::listed) return;
  const auto old = index_.edition(plan.before->item_id, plan.before->edition);
  if (!old || old->work.empty()) return;
  ItemView view;
  if (!view.work.ParseFromString(old->work) || !view.item.ParseFromString(view.work.edition().content())) {
    throw std::runtime_error("the index holds an edition that cannot be read: item " + std::to_string(old->item_id));
  }
  view.published_ms = old->published_ms;
  view.first_ms = plan.before->published_ms;
  view.superseded = true;
  view.body_html = article_html(sdk::document(view.item.body()));
  view.qr_svg = pages_.qr_of(old->item_id);
  view.history = history_of(view.work, old->published_ms, true);
  view.related = related_of(view.item);
  const fs::path from = folder_of(old->item_id) / "attachments";
  const fs::path page = PagePaths::file(PagePaths::edition(old->item_id, old->number));
  for (const v1::Attachment& a : view.item.attachments()) {
    const std::string name = attachment_file_name(a.name(), a.sha256());
    if (files_.exists(from / name)) files_.link(from / name, page.parent_path() / "attachments" / name);
  }
  files_.write(page, pages_.item(view));
}

std::size_t SiteWriter::repair() {
  const SiteLock lock(index_file(options_));
  return rewrite_marked();
}

std::size_t SiteWriter::rebuild() {
  const SiteLock lock(index_file(options_));
  Transaction transaction(index_.connection());
  index_.mark_everything();
  transaction.commit();
  return rewrite_marked();
}

std::size_t SiteWriter::rewrite_marked() {
  std::size_t done = 0;
  for (auto marks = index_.marked(kMarksAtOnce); !marks.empty(); marks = index_.marked(kMarksAtOnce)) {
    for (const std::string& mark : marks) {
      if (!mark.starts_with("tidy/")) rewrite(mark);
    }
    done += files_.commit();
    for (const std::string& mark : marks) {
      if (mark.starts_with("tidy/")) tidy(number_of(std::string_view(mark).substr(5)));
    }
    if (options_.fault) options_.fault("unmark");
    Transaction transaction(index_.connection());
    index_.unmark(marks);
    transaction.commit();
  }
  return done;
}

void SiteWriter::rewrite(const std::string& mark) {
  const auto first = mark.find('/');
  const auto last = mark.rfind('/');
  const std::string kind = mark.substr(0, first);
  const std::uint64_t number = last == std::string::npos ? 0 : number_of(std::string_view(mark).substr(last + 1));
  if (kind == "home") {
    files_.write("lists/index.html", pages_.directory(index_));
    files_.write("index.html", pages_.home(index_));
  } else if (kind == "feeds") {
    const auto rows = index_.changed(options_.feed_entries);
    files_.write("feed.atom", atom_feed(rows, options_.site, pages_.paths()));
    files_.write("feed.json", json_feed(rows, options_.site, pages_.paths()));
  } else if (kind == "sitemap" && number == 0) {
    files_.write("sitemap.xml", sitemap_index(index_.sitemaps(), pages_.paths()));
  } else if (kind == "sitemap") {
    files_.write(PagePaths::file(PagePaths::sitemap(number)), sitemap(index_.sitemap_items(number), pages_.paths()));
  } else {
    const ListKind list_kind = kind == "entry" ? ListKind::entry : kind == "department" ? ListKind::department : ListKind::month;
    const std::string code = mark.substr(first + 1, last - first - 1);
    const auto list = index_.list(list_kind, code);
    if (!list) return;
    if (number == 0) {
      files_.write(PagePaths::file(PagePaths::list(list_kind, code)), pages_.newest_of(index_, list_kind, *list));
    } else {
      files_.write(PagePaths::file(PagePaths::list_page(list_kind, code, number)),
                   pages_.page_of(index_, list_kind, *list, number));
    }
  }
}

// After the lists: what the standing edition does not name, or everything but the notice of a withdrawn item.
void SiteWriter::tidy(std::uint64_t item_id) {
  const auto row = index_.item(item_id);
  if (!row) return;
  const fs::path folder = folder_of(item_id);
  if (row->state == ItemState::withdrawn) {
    files_.remove(folder / "attachments");
    files_.remove(folder / "editions");
    return;
  }
  files_.remove(folder / ".gone");
  if (!files_.exists(folder / "attachments")) return;
  std::set<std::string> named;
  const auto edition = index_.edition(item_id, row->edition);
  v1::Work work;
  v1::Item item;
  if (!edition || !work.ParseFromString(edition->work) || !item.ParseFromString(work.edition().content())) return;
  for (const v1::Attachment& a : item.attachments()) named.insert(attachment_file_name(a.name(), a.sha256()));
  std::vector<fs::path> leftover;
  for (const auto& entry : fs::directory_iterator(files_.folder() / folder / "attachments")) {
    if (!named.contains(entry.path().filename().string())) leftover.push_back(folder / "attachments" / entry.path().filename());
  }
  for (const fs::path& path : leftover) files_.remove(path);
}

}  // namespace fabu::website
