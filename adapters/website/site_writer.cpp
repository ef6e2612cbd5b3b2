#include "adapters/website/site_writer.h"

#include <cstdio>
#include <fstream>
#include <iterator>
#include <set>
#include <utility>

#include "adapters/website/feeds.h"
#include "adapters/website/site_lock.h"

namespace fabu::website {
namespace fs = std::filesystem;
namespace {

v1::Failure rejected(const char* code, std::string message) {
  return sdk::failure(v1::FAILURE_CLASS_REJECTED, code, std::move(message));
}

// What the reader has to be told of a withdrawal, for programs: the server answers 410 where this file is.
std::string gone_marker(const ItemRow& row) {
  return "{\"withdrawn\":\"" + format_rfc3339(from_ms(row.updated_ms)) + "\"}\n";
}

std::string file_bytes(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

SearchText search_text(const Job& job) {
  const v1::Item& item = job.item;
  SearchText text{item.title(), job.body_text, {}};
  const auto add = [&](const std::string& value) {
    if (!value.empty()) (text.facts += value) += '\n';
  };
  add(job.work.edition().index_no());
  for (const std::string* value : {&item.doc_no(), &item.project_code(), &item.unified_deal_code(), &item.summary(),
                                   &item.publisher().name(), &item.responsible_section(), &item.content_source()}) {
    add(*value);
  }
  for (const auto& code : item.lot_codes()) add(code);
  for (const auto& word : item.keywords()) add(word);
  for (const auto& attachment : item.attachments()) add(attachment.name());
  return text;
}

}  // namespace

SiteWriter::SiteWriter(const WebsiteOptions& options, const Clock& clock)
    : options_(options),
      clock_(clock),
      pages_(options),
      // The lock is held until each of the two is made: nobody sweeps a staging folder that is just being made, and an index is
      // made once.
      files_((fs::create_directories(options.folder), SiteLock(index_file(options)), options.folder), options.sync,
             options.fault),
      index_((SiteLock(index_file(options)), index_file(options)), options.page_size, options.sync) {
  const SiteLock lock(index_file(options_));
  write_furniture();
  if (files_.exists("index.html")) return;
  Transaction transaction(index_.connection());  // a new folder, or one that lost its pages: every list is due
  index_.mark_everything();
  transaction.commit();
}

void SiteWriter::write_furniture() {
  const auto put = [this](const fs::path& target, const std::string& bytes) {
    if (!files_.exists(target) || files_.read(target) != bytes) files_.write(target, bytes);
  };
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(options_.templates / "static", none)) {
    if (entry.is_regular_file()) put(fs::path("static") / entry.path().filename(), file_bytes(entry.path()));
  }
  put("404.html", pages_.not_found());
  put("help/index.html", pages_.help());
  put("robots.txt", robots_txt(pages_.paths()));
  files_.commit();
}

std::vector<sdk::Outcome<v1::Receipt>> SiteWriter::write(std::vector<Job>& jobs) {
  std::vector<sdk::Outcome<v1::Receipt>> outcomes(jobs.size());
  std::vector<Plan> plans;
  std::vector<std::size_t> planned;  // which job each plan is of
  std::set<std::uint64_t> items;
  const auto fail_all = [&](const char* code, const std::string& what) {
    files_.discard();
    for (const std::size_t at : planned) outcomes[at] = sdk::failure(v1::FAILURE_CLASS_UNAVAILABLE, code, what);
  };
  try {
    const SiteLock lock(index_file(options_));
    for (std::size_t i = 0; i < jobs.size(); ++i) {
      Plan plan;
      plan.job = &jobs[i];
      if (!items.insert(jobs[i].work.edition().item_id()).second) {
        outcomes[i] = sdk::failure(v1::FAILURE_CLASS_RETRY, "website.busy", "another delivery of this item is being written");
      } else if (auto refusal = prepare(plan)) {
        outcomes[i] = std::move(*refusal);
      } else {
        planned.push_back(i);
        plans.push_back(std::move(plan));
      }
    }
    for (const Plan& plan : plans) ensure_lists(plan.row);
    for (Plan& plan : plans) stage(plan);
    files_.commit();
    record(plans);
    rewrite_marked();
    for (std::size_t i = 0; i < plans.size(); ++i) outcomes[planned[i]] = receipt(plans[i].job->work, plans[i].edition);
  } catch (const DatabaseError& error) {
    fail_all("website.index", error.what());
  } catch (const fs::filesystem_error& error) {
    fail_all("website.disk", error.what());
  } catch (const std::exception& error) {
    fail_all("website.write", error.what());
  }
  return outcomes;
}

SiteWriter::Refusal SiteWriter::prepare(Plan& plan) {
  const v1::Work& work = plan.job->work;
  plan.before = index_.item(work.edition().item_id());
  if (auto done = index_.delivered(work.delivery().id())) {
    if (done->content_digest != work.edition().digest()) {
      return rejected("website.differs", "delivery " + done->delivery_id + " was published with other content");
    }
    plan.edition = std::move(*done);
    plan.repeats = true;
    plan.row = *plan.before;
    const bool replaced = plan.before->edition != plan.edition.number;
    const auto file = PagePaths::file(PagePaths::item(plan.edition.item_id));
    plan.stands = replaced || sha256(files_.read(file)).raw() == plan.edition.page_digest;
    return std::nullopt;
  }
  if (auto refusal = check(plan)) return refusal;
  fill_row(plan);
  return std::nullopt;
}

SiteWriter::Refusal SiteWriter::check(const Plan& plan) {
  const v1::Edition& edition = plan.job->work.edition();
  if (!plain_code(plan.job->item.catalogue_entry()) || !plain_code(plan.job->item.department())) {
    return rejected("website.code",
                    "the codes of entry and department must be letters, digits, '-' and '_' to be part of a path");
  }
  if (plan.before && edition.number() < plan.before->edition) {
    return rejected("website.outdated", "edition " + std::to_string(edition.number()) + " is older than edition " +
                                            std::to_string(plan.before->edition) + ", which stands");
  }
  if (plan.before && edition.number() == plan.before->edition) {
    return rejected("website.differs", "edition " + std::to_string(edition.number()) + " stands already, by another delivery");
  }
  return std::nullopt;
}

void SiteWriter::fill_row(Plan& plan) {
  const v1::Work& work = plan.job->work;
  const v1::Edition& edition = work.edition();
  const v1::Item& item = plan.job->item;
  const bool withdrawal = work.delivery().action() == v1::ACTION_WITHDRAW;
  const std::int64_t now = publish_time(edition);
  ItemRow& row = plan.row;
  row.seq = plan.before ? plan.before->seq : 0;
  row.item_id = edition.item_id();
  row.edition = edition.number();
  row.corrected = edition.kind() == v1::EDITION_KIND_CORRECTION;
  row.index_no = edition.index_no();
  row.entry = item.catalogue_entry();
  row.entry_name = work.catalogue().name().empty() ? row.entry : work.catalogue().name();
  row.domain = work.catalogue().domain_code();
  row.domain_name = work.catalogue().domain_name();
  row.department = item.department();
  row.department_name = work.catalogue().department_name().empty() ? row.department : work.catalogue().department_name();
  row.reason = edition.reason();
  row.updated_ms = now;
  row.published_ms = plan.before && plan.before->published_ms != 0 ? plan.before->published_ms : withdrawal ? 0 : now;
  row.month = row.published_ms == 0 ? "" : format_date(shanghai_date(from_ms(row.published_ms))).substr(0, 7);
  if (!withdrawal) {  // of a withdrawn item nothing stays that it said
    row.title = item.title();
    row.summary = item.summary();
    row.doc_no = item.doc_no();
    row.project_code = item.project_code();
  }
  plan.edition = {.item_id = row.item_id,
                  .number = row.edition,
                  .delivery_id = work.delivery().id(),
                  .action = work.delivery().action(),
                  .published_ms = now,
                  .page_digest = {},
                  .content_digest = edition.digest(),
                  .work = {},
                  .files = 1};
}

// The first publication may have been cut off between its page and the index. The page says when it appeared; that stays true.
std::int64_t SiteWriter::publish_time(const v1::Edition& edition) {
  const std::int64_t now = to_ms(clock_.now()) / 1000 * 1000;
  const std::string page = files_.read(PagePaths::file(PagePaths::item(edition.item_id())));
  const auto version = page.find("\"version\":" + std::to_string(edition.number()) + ",");
  if (version == std::string::npos) return now;
  const std::string_view key = "\"dateModified\":\"";
  const auto at = page.find(key, version);
  if (at == std::string::npos || page.size() < at + key.size() + 19) return now;
  const std::string text = page.substr(at + key.size(), 19);  // 2026-08-20T09:00:00, Asia/Shanghai
  const auto day = parse_date(text.substr(0, 10));
  int h = 0, m = 0, s = 0;
  if (!day || std::sscanf(text.c_str() + 11, "%2d:%2d:%2d", &h, &m, &s) != 3) return now;
  const auto local = std::chrono::sys_days(*day) + std::chrono::hours(h - 8) + std::chrono::minutes(m) + std::chrono::seconds(s);
  const std::int64_t then = to_ms(std::chrono::time_point_cast<Millis>(local));
  return then <= now ? then : now;
}

void SiteWriter::ensure_lists(const ItemRow& row) {
  // The page of an item leads to its lists, so they are there first, empty if need be.
  const std::pair<ListKind, ListRow> lists[] = {{ListKind::entry, {row.entry, row.entry_name, row.domain}},
                                                {ListKind::department, {row.department, row.department_name, {}}},
                                                {ListKind::month, {row.month, row.month, {}}}};
  for (const auto& [kind, list] : lists) {
    if (list.code.empty()) continue;
    const auto file = PagePaths::file(PagePaths::list(kind, list.code));
    if (!files_.exists(file)) files_.write(file, pages_.newest_of(index_, kind, index_.list(kind, list.code).value_or(list)));
  }
}

void SiteWriter::stage(Plan& plan) {
  if (plan.stands) return;
  if (plan.job->work.delivery().action() == v1::ACTION_WITHDRAW) {
    stage_notice(plan);
  } else {
    stage_item(plan);
  }
}

void SiteWriter::stage_item(Plan& plan) {
  if (!plan.repeats) keep_old_edition(plan);
  const fs::path folder = PagePaths::file(PagePaths::item(plan.edition.item_id)).parent_path();
  for (StagedAttachment& a : plan.job->attachments) files_.adopt(std::move(a.staged), folder / "attachments" / a.file_name);
  const std::string page = pages_.item(view_of(plan));
  files_.write(folder / "index.html", page);
  plan.edition.page_digest = sha256(page).raw();  // written again it may differ: another template, another related title
  if (plan.repeats) return;
  plan.edition.files = static_cast<std::int64_t>(plan.job->attachments.size()) + 1;
  v1::Work kept = plan.job->work;
  kept.clear_delivery();
  kept.clear_standing();
  plan.edition.work = kept.SerializeAsString();
}

void SiteWriter::stage_notice(Plan& plan) {
  const auto file = PagePaths::file(PagePaths::item(plan.edition.item_id));
  const std::string page = pages_.withdrawn(plan.job->work.edition(), plan.row);
  files_.write(file.parent_path() / ".gone", gone_marker(plan.row));
  files_.write(file, page);
  plan.edition.page_digest = sha256(page).raw();
}

void SiteWriter::record(const std::vector<Plan>& plans) {
  Transaction transaction(index_.connection());
  for (const Plan& plan : plans) {
    if (plan.stands) continue;
    if (plan.repeats) {
      index_.set_page_digest(plan.edition);
    } else if (plan.edition.action == v1::ACTION_WITHDRAW) {
      index_.withdraw(plan.row, plan.edition);
    } else {
      index_.put(plan.row, plan.edition, search_text(*plan.job), plan.job->item.reference());
    }
  }
  if (options_.fault) options_.fault("index");
  transaction.commit();
}

std::optional<v1::Receipt> SiteWriter::find(const v1::Work& work) {
  const SiteLock lock(index_file(options_));
  const auto done = index_.delivered(work.delivery().id());
  if (!done) return std::nullopt;
  const auto row = index_.item(done->item_id);
  const bool replaced = row && row->edition != done->number;
  if (!replaced && sha256(files_.read(PagePaths::file(PagePaths::item(done->item_id)))).raw() != done->page_digest)
    return std::nullopt;
  rewrite_marked();
  return receipt(work, *done);
}

v1::Receipt SiteWriter::receipt(const v1::Work& work, const EditionRow& edition) const {
  v1::Receipt receipt;
  receipt.set_delivery_id(edition.delivery_id);
  receipt.set_channel(work.delivery().channel());
  receipt.set_locator(pages_.paths().url(PagePaths::item(edition.item_id)));
  receipt.set_time_ms(edition.published_ms);
  receipt.set_content_digest(edition.page_digest);
  auto* fact = receipt.add_facts();
  fact->set_name("pages_written");
  fact->set_value(std::to_string(edition.files));
  return receipt;
}

}  // namespace fabu::website
