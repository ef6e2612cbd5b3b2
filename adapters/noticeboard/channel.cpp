#include "adapters/noticeboard/channel.h"

#include <algorithm>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>

#include "adapters/noticeboard/spool.h"
#include "adapters/sdk/pool.h"
#include "proto/fabu/digest.h"

namespace fabu::noticeboard {

namespace asio = boost::asio;

// What has to survive a crash.
struct NoticeboardChannel::Notes {
  int job = 0;    // 0 = not submitted as far as is known
  int after = 0;  // jobs up to this number are over and done with: a replay prints anew
  Digest digest;  // of the PDF that was submitted
  unsigned pages = 0;

  std::string text() const {
    return nlohmann::json{{"job", job}, {"after", after}, {"digest", digest.hex()}, {"pages", pages}}.dump();
  }

  static Notes from(const std::string& text) {
    Notes notes;
    const nlohmann::json json = nlohmann::json::parse(text, nullptr, false);
    if (!json.is_object()) return notes;
    notes.job = json.value("job", 0);
    notes.after = json.value("after", 0);
    notes.pages = json.value("pages", 0U);
    notes.digest = Digest::from_hex(json.value("digest", "")).value_or(Digest{});
    return notes;
  }
};

namespace {

const char* media_name(Media media) {
  return media == Media::a3 ? "iso_a3_297x420mm" : "iso_a4_210x297mm";
}

void add_fact(v1::Receipt& receipt, const char* name, std::string value) {
  v1::Fact& fact = *receipt.add_facts();
  fact.set_name(name);
  fact.set_value(std::move(value));
}

sdk::Outcome<Sheet> rendered(const v1::Work& work, const SheetOptions& options) {
  try {
    return render_sheet(work, options);
  } catch (const std::invalid_argument& problem) {
    return sdk::failure(v1::FAILURE_CLASS_REJECTED, "sheet.content", problem.what());
  } catch (const std::exception& problem) {
    return sdk::failure(v1::FAILURE_CLASS_RETRY, "sheet.render", problem.what());
  }
}

v1::Receipt spooled_receipt(const v1::Work& work, const std::filesystem::path& file, const std::string& bytes, Instant now) {
  v1::Receipt receipt;
  receipt.set_delivery_id(work.delivery().id());
  receipt.set_channel(work.delivery().channel());
  receipt.set_locator("file://" + std::filesystem::absolute(file).string());
  receipt.set_time_ms(to_ms(now));
  receipt.set_content_digest(sha256(bytes).raw());
  return receipt;
}

sdk::Outcome<v1::Receipt> spool(const v1::Work& work, const std::filesystem::path& folder, const SheetOptions& options,
                                Instant now) {
  const auto file = spool_path(folder, work.delivery().id());
  if (!file)
    return sdk::failure(v1::FAILURE_CLASS_REJECTED, "spool.name", "delivery id " + work.delivery().id() + " cannot name a file");
  try {
    const auto there = read_spooled(*file);
    if (there) return spooled_receipt(work, *file, *there, now);
    auto sheet = rendered(work, options);
    if (!sheet) return sheet.error();
    write_spooled(*file, sheet->pdf);
    v1::Receipt receipt = spooled_receipt(work, *file, sheet->pdf, now);
    add_fact(receipt, "pages", std::to_string(sheet->pages));
    return receipt;
  } catch (const std::exception& problem) {
    return sdk::failure(v1::FAILURE_CLASS_UNAVAILABLE, "spool.write", problem.what());
  }
}

// The edition of a delivery (or of its job, which has its name) of this item and channel, from its id {item}-{edition}-{channel};
// 0 when it is another's.
std::uint32_t edition_of(const std::string& id, const v1::Delivery& delivery) {
  const std::string before = std::to_string(delivery.item_id()) + "-", after = "-" + delivery.channel();
  if (id.size() <= before.size() + after.size() || id.rfind(before, 0) != 0 ||
      id.compare(id.size() - after.size(), after.size(), after) != 0) {
    return 0;
  }
  const std::string number = id.substr(before.size(), id.size() - before.size() - after.size());
  if (number.empty() || number.size() > 9 || number.find_first_not_of("0123456789") != std::string::npos) return 0;
  return static_cast<std::uint32_t>(std::stoul(number));
}

// Whether a newer edition was put up already: an older sheet beside it would mislead.
bool is_outdated(const v1::Work& work) {
  return edition_of(work.standing().delivery_id(), work.delivery()) > work.delivery().edition();
}

bool is_over(JobState state) {
  return state == JobState::canceled || state == JobState::aborted || state == JobState::completed;
}

// The job of this delivery among all, and those of older editions taken out of the queue: paper that is outdated before it is
// printed.
sdk::Outcome<std::optional<Job>> own_job(const Cups& cups, const v1::Delivery& delivery, int after) {
  auto jobs = cups.jobs();
  if (!jobs) return jobs.error();
  std::optional<Job> own;
  for (const Job& job : *jobs) {
    if (job.name == delivery.id()) {
      if (job.id > after && (!own || job.id > own->id)) own = job;
    } else if (const std::uint32_t edition = edition_of(job.name, delivery);
               edition > 0 && edition < delivery.edition() && !is_over(job.state)) {
      auto canceled = cups.cancel(job.id);
      if (!canceled) return canceled.error();
    }
  }
  return own;
}

struct Look {
  std::optional<Job> job;
  std::string trouble;  // what the printer waits for a person to mend; empty = it prints
};

sdk::Outcome<Look> look_at(const Cups& cups, int id) {
  auto job = cups.job(id);
  if (!job) return job.error();
  Look look{std::move(*job), {}};
  if (!look.job || is_over(look.job->state)) return look;
  auto printer = cups.printer();
  if (!printer) return printer.error();
  look.trouble = stopping_reason(printer->reasons);
  if (look.trouble.empty()) look.trouble = stopping_reason(look.job->reasons);
  if (look.trouble.empty() && printer->stopped) look.trouble = "stopped";
  return look;
}

}  // namespace

NoticeboardChannel::NoticeboardChannel(NoticeboardOptions options, asio::thread_pool& pool, const Clock& clock)
    : options_(std::move(options)), pool_(pool), clock_(clock) {
  if (options_.spool.has_value() == options_.cups.has_value()) {
    throw std::invalid_argument("channel " + options_.name + ": either a spool folder or a CUPS queue is needed, and not both");
  }
  if (options_.cups) cups_.emplace(*options_.cups);
}

sdk::Limits NoticeboardChannel::limits() const {
  sdk::Limits limits;
  limits.concurrency = 2;
  limits.timeout = std::chrono::duration_cast<std::chrono::seconds>(options_.follow_for) + std::chrono::seconds(60);
  return limits;
}

asio::awaitable<sdk::Outcome<v1::Receipt>> NoticeboardChannel::publish(const v1::Work& work, sdk::Progress& progress) {
  co_return co_await put_up(work, progress);
}

asio::awaitable<sdk::Outcome<v1::Receipt>> NoticeboardChannel::withdraw(const v1::Work& work, sdk::Progress& progress) {
  co_return co_await put_up(work, progress);
}

asio::awaitable<sdk::Outcome<v1::Receipt>> NoticeboardChannel::put_up(const v1::Work& work, sdk::Progress& progress) {
  if (is_outdated(work)) {
    co_return sdk::failure(v1::FAILURE_CLASS_REJECTED, "noticeboard.outdated",
                           "a newer edition was put up already: " + work.standing().delivery_id());
  }
  if (cups_) co_return co_await print(work, progress);
  auto lay = [this, &work] { return spool(work, *options_.spool, options_.sheet, clock_.now()); };
  co_return co_await sdk::on_pool(pool_, lay);
}

sdk::Outcome<NoticeboardChannel::Notes> NoticeboardChannel::find_or_submit(const v1::Work& work, Notes notes) const {
  auto own = own_job(*cups_, work.delivery(), notes.after);
  if (!own) return own.error();
  if (notes.job != 0) return notes;
  auto sheet = rendered(work, options_.sheet);
  if (!sheet) return sheet.error();
  notes.digest = sha256(sheet->pdf);
  notes.pages = sheet->pages;
  if (*own) {
    notes.job = (*own)->id;  // submitted by a try that could not note it
    return notes;
  }
  auto id = cups_->submit(work.delivery().id(), sheet->pdf, media_name(options_.sheet.media));
  if (!id) return id.error();
  notes.job = *id;
  return notes;
}

asio::awaitable<sdk::Outcome<v1::Receipt>> NoticeboardChannel::print(const v1::Work& work, sdk::Progress& progress) {
  const Notes before = Notes::from(progress.notes());
  auto hand_in = [this, &work, &before] { return find_or_submit(work, before); };
  auto notes = co_await sdk::on_pool(pool_, hand_in);
  if (!notes) co_return notes.error();
  if (notes->job != before.job) {
    const bool saved = co_await progress.save(notes->text());
    if (!saved) co_return sdk::failure(v1::FAILURE_CLASS_RETRY, "noticeboard.progress", "the job's number could not be kept");
  }
  co_return co_await follow(work, *notes, progress);
}

asio::awaitable<void> NoticeboardChannel::wait() {
  asio::steady_timer timer(co_await asio::this_coro::executor, options_.poll);
  co_await timer.async_wait(asio::use_awaitable);
}

asio::awaitable<sdk::Outcome<v1::Receipt>> NoticeboardChannel::lost(Notes notes, sdk::Progress& progress, std::string code,
                                                                    std::string what) {
  notes.after = std::exchange(notes.job, 0);
  const bool saved = co_await progress.save(notes.text());
  if (!saved) what += "; a replay will find the same job";
  co_return sdk::failure(v1::FAILURE_CLASS_REJECTED, std::move(code), std::move(what));
}

asio::awaitable<sdk::Outcome<v1::Receipt>> NoticeboardChannel::follow(const v1::Work& work, Notes notes,
                                                                      sdk::Progress& progress) {
  const Millis poll = std::max(options_.poll, Millis{1});
  Millis waited{0}, troubled{0};
  const std::string uri = cups_->job_uri(notes.job);
  while (true) {
    auto look_at_job = [this, &notes] { return look_at(*cups_, notes.job); };
    auto look = co_await sdk::on_pool(pool_, look_at_job);
    if (!look) co_return look.error();
    if (!look->job) {
      co_return co_await lost(notes, progress, "ipp.job-forgotten",
                              uri + " is no longer known to CUPS: see whether the sheet was printed before a replay");
    }
    if (look->job->state == JobState::completed) co_return receipt(work, notes, *look->job);
    if (look->job->state == JobState::canceled)
      co_return co_await lost(notes, progress, "ipp.job-canceled", uri + " was cancelled at the printer");
    if (look->job->state == JobState::aborted)
      co_return co_await lost(notes, progress, "ipp.job-aborted", uri + " was aborted by CUPS");
    troubled = look->trouble.empty() ? Millis{0} : troubled + poll;
    if (troubled > options_.patience) {
      co_return sdk::failure(v1::FAILURE_CLASS_UNAVAILABLE, "ipp." + look->trouble,
                             uri + " waits: the printer reports " + look->trouble + "; it goes on by itself when that is mended");
    }
    if (look->job->state == JobState::held && waited > options_.patience) {
      co_return sdk::failure(v1::FAILURE_CLASS_RETRY, "ipp.job-held", uri + " is held in the queue; release or cancel it");
    }
    if (waited > options_.follow_for)
      co_return sdk::failure(v1::FAILURE_CLASS_RETRY, "ipp.job-waiting",
                             uri + " is still not printed, its state is " + std::to_string(static_cast<int>(look->job->state)));
    co_await wait();
    waited += poll;
  }
}

v1::Receipt NoticeboardChannel::receipt(const v1::Work& work, const Notes& notes, const Job& job) const {
  v1::Receipt receipt;
  receipt.set_delivery_id(work.delivery().id());
  receipt.set_channel(work.delivery().channel());
  receipt.set_locator(cups_->job_uri(job.id));
  receipt.set_time_ms(job.completed_s > 0 ? job.completed_s * 1000 : to_ms(clock_.now()));
  receipt.set_content_digest(notes.digest.raw());
  add_fact(receipt, "job-id", std::to_string(job.id));
  add_fact(receipt, "queue", cups_->queue().name);
  add_fact(receipt, "pages", std::to_string(notes.pages));
  return receipt;
}

asio::awaitable<sdk::Outcome<std::optional<v1::Receipt>>> NoticeboardChannel::find(const v1::Work& work,
                                                                                   const std::string& notes) {
  using Found = sdk::Outcome<std::optional<v1::Receipt>>;
  const Notes kept = Notes::from(notes);
  auto look = [this, &work, &kept]() -> Found {
    if (!cups_) {
      const auto file = spool_path(*options_.spool, work.delivery().id());
      const auto bytes = file ? read_spooled(*file) : std::nullopt;
      if (!bytes) return std::optional<v1::Receipt>();
      return std::optional<v1::Receipt>(spooled_receipt(work, *file, *bytes, clock_.now()));
    }
    auto job = kept.job != 0 ? cups_->job(kept.job) : own_job(*cups_, work.delivery(), kept.after);
    if (!job) return job.error();
    if (!*job || (*job)->state != JobState::completed) return std::optional<v1::Receipt>();
    Notes known = kept;
    if (known.pages == 0) {
      auto sheet = rendered(work, options_.sheet);
      if (!sheet) return sheet.error();
      known.digest = sha256(sheet->pdf);
      known.pages = sheet->pages;
    }
    return std::optional<v1::Receipt>(receipt(work, known, **job));
  };
  co_return co_await sdk::on_pool(pool_, look);
}

asio::awaitable<sdk::Outcome<v1::Observation>> NoticeboardChannel::observe(const v1::Receipt& receipt) {
  using Seen = sdk::Outcome<v1::Observation>;
  auto look = [this, &receipt]() -> Seen {
    v1::Observation seen;
    seen.set_delivery_id(receipt.delivery_id());
    seen.set_time_ms(to_ms(clock_.now()));
    if (!cups_) {
      const auto file = spool_path(*options_.spool, receipt.delivery_id());
      const auto bytes = file ? read_spooled(*file) : std::nullopt;
      seen.set_state(bytes ? v1::OBSERVATION_STATE_CHANGED : v1::OBSERVATION_STATE_GONE);
      if (!bytes) return seen;
      seen.set_content_digest(sha256(*bytes).raw());
      if (seen.content_digest() == receipt.content_digest()) seen.set_state(v1::OBSERVATION_STATE_PRESENT);
      return seen;
    }
    const std::string& locator = receipt.locator();
    const std::string number = locator.substr(locator.rfind('/') + 1);
    const bool ours = !number.empty() && number.size() <= 9 && number.find_first_not_of("0123456789") == std::string::npos;
    auto job = ours ? cups_->job(std::stoi(number)) : sdk::Outcome<std::optional<Job>>(std::optional<Job>());
    if (!job) return job.error();
    if (!*job || (*job)->name != receipt.delivery_id() || (*job)->state != JobState::completed) {
      return sdk::failure(v1::FAILURE_CLASS_REJECTED, "ipp.job-forgotten",
                          locator + " is no longer in the printer's record; only a person can see the board");
    }
    seen.set_state(v1::OBSERVATION_STATE_PRESENT);
    seen.set_content_digest(receipt.content_digest());
    seen.set_detail("printed, says " + locator + "; whether it hangs is for a person to see");
    return seen;
  };
  co_return co_await sdk::on_pool(pool_, look);
}

}  // namespace fabu::noticeboard
