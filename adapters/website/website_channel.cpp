#include "adapters/website/website_channel.h"

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <set>
#include <utility>

#include "adapters/sdk/document.h"
#include "adapters/sdk/pool.h"
#include "adapters/website/article_body.h"

namespace fabu::website {
namespace asio = boost::asio;
namespace {

// What costs time and needs nothing of the index: the body read and rendered, the QR code.
Job prepared(const v1::Work& work, v1::Item item, const Pages& pages) {
  Job job;
  job.work = work;
  const sdk::Node document = sdk::document(item.body());
  job.body_html = article_html(document);
  job.body_text = sdk::to_text(document);
  job.qr_svg = pages.qr_of(work.edition().item_id());
  job.item = std::move(item);
  return job;
}

std::optional<v1::Item> item_of(const v1::Work& work) {
  v1::Item item;
  if (!item.ParseFromString(work.edition().content())) return std::nullopt;
  return item;
}

v1::Failure unreadable() {
  return sdk::failure(v1::FAILURE_CLASS_REJECTED, "website.content", "the edition's content cannot be read as an Item");
}

v1::Failure from_exception(const char* code, const std::exception& error) {
  return sdk::failure(v1::FAILURE_CLASS_UNAVAILABLE, code, error.what());
}

}  // namespace

WebsiteChannel::WebsiteChannel(WebsiteOptions options, asio::thread_pool& pool, sdk::AttachmentSource& attachments,
                               const Clock& clock)
    : options_(std::move(options)), pool_(pool), attachments_(attachments), clock_(clock), writer_(options_, clock) {
  repair();
}

sdk::Limits WebsiteChannel::limits() const {
  return {.concurrency = options_.concurrency, .per_second = 0, .timeout = std::chrono::seconds(60)};
}

asio::awaitable<sdk::Outcome<v1::Receipt>> WebsiteChannel::publish(const v1::Work& work, sdk::Progress&) {
  auto item = item_of(work);
  if (!item) co_return unreadable();
  auto staged = co_await stage_attachments(*item);
  if (!staged) co_return staged.error();
  const auto prepare = [this, &work, &item] { return prepared(work, std::move(*item), writer_.pages()); };
  Job job = co_await sdk::on_pool(pool_, prepare);
  job.attachments = std::move(*staged);
  co_return co_await enqueue(std::move(job));
}

asio::awaitable<sdk::Outcome<v1::Receipt>> WebsiteChannel::withdraw(const v1::Work& work, sdk::Progress&) {
  auto item = item_of(work);
  if (!item) co_return unreadable();
  Job job;
  job.work = work;
  job.work.mutable_delivery()->set_action(v1::ACTION_WITHDRAW);
  job.item = std::move(*item);
  co_return co_await enqueue(std::move(job));
}

asio::awaitable<sdk::Outcome<std::vector<StagedAttachment>>> WebsiteChannel::stage_attachments(const v1::Item& item) {
  std::vector<StagedAttachment> staged;
  std::set<std::string> names;
  for (const v1::Attachment& attachment : item.attachments()) {
    const std::string name = attachment_file_name(attachment.name(), attachment.sha256());
    const auto digest = Digest::from_hex(attachment.sha256());
    if (name.empty() || !digest || !names.insert(name).second) {
      co_return sdk::failure(v1::FAILURE_CLASS_REJECTED, "website.attachment",
                             "attachment " + attachment.name() + " has no usable name or digest, or its name comes twice");
    }
    auto path = co_await attachments_.fetch(*digest);
    if (!path) co_return path.error();
    try {
      const auto copy = [this, &path, &digest] { return std::optional(writer_.files().stage_copy(*path, *digest)); };
      auto file = co_await sdk::on_pool(pool_, copy);
      staged.push_back({std::move(*file), name});
    } catch (const std::exception& error) {
      co_return sdk::failure(v1::FAILURE_CLASS_RETRY, "website.attachment", error.what());
    }
  }
  co_return staged;
}

asio::awaitable<sdk::Outcome<v1::Receipt>> WebsiteChannel::enqueue(Job job) {
  const auto initiate = [this](auto handler, Job queued) {
    auto kept = std::make_shared<decltype(handler)>(std::move(handler));
    auto executor = asio::get_associated_executor(*kept);
    auto work = asio::make_work_guard(executor);  // the loop stays up while the pool writes
    push({std::move(queued), [kept, executor, work](sdk::Outcome<v1::Receipt> outcome) {
            asio::post(executor, [kept, outcome = std::move(outcome)]() mutable { std::move (*kept)(std::move(outcome)); });
          }});
  };
  co_return co_await asio::async_initiate<const asio::use_awaitable_t<>&, void(sdk::Outcome<v1::Receipt>)>(
      initiate, asio::use_awaitable, std::move(job));
}

void WebsiteChannel::push(Waiting waiting) {
  const std::lock_guard lock(queueing_);
  queue_.push_back(std::move(waiting));
  if (std::exchange(scheduled_, true)) return;
  asio::post(pool_, [this] { write_group(); });
}

void WebsiteChannel::write_group() {
  std::vector<Waiting> group;
  {
    const std::lock_guard lock(queueing_);
    group.swap(queue_);
  }
  std::vector<Job> jobs;
  for (Waiting& waiting : group) jobs.push_back(std::move(waiting.job));
  std::vector<sdk::Outcome<v1::Receipt>> outcomes;
  {
    const std::lock_guard lock(writing_);
    outcomes = writer_.write(jobs);
  }
  for (std::size_t i = 0; i < group.size(); ++i) group[i].answer(std::move(outcomes[i]));
  const std::lock_guard lock(queueing_);
  scheduled_ = !queue_.empty();  // what came meanwhile is the next group
  if (scheduled_) asio::post(pool_, [this] { write_group(); });
}

asio::awaitable<sdk::Outcome<std::optional<v1::Receipt>>> WebsiteChannel::find(const v1::Work& work, const std::string&) {
  try {
    const auto look = [this, &work] {
      const std::lock_guard lock(writing_);
      return writer_.find(work);
    };
    auto found = co_await sdk::on_pool(pool_, look);
    co_return found;
  } catch (const std::exception& error) {
    co_return from_exception("website.find", error);
  }
}

asio::awaitable<sdk::Outcome<Fetched>> WebsiteChannel::read_back(const v1::Receipt& receipt) {
  if (options_.fetch) co_return co_await options_.fetch(receipt.locator());
  const std::string& base = writer_.pages().paths().base_url();
  if (!receipt.locator().starts_with(base + "/")) {
    co_return sdk::failure(v1::FAILURE_CLASS_REJECTED, "website.locator", "not a page of this site: " + receipt.locator());
  }
  const auto read = [this, file = PagePaths::file(receipt.locator().substr(base.size()))] {
    const bool there = writer_.files().exists(file);
    return Fetched{there ? 200U : 404U, writer_.files().read(file)};
  };
  try {
    auto page = co_await sdk::on_pool(pool_, read);
    co_return page;
  } catch (const std::exception& error) {
    co_return from_exception("website.read", error);
  }
}

asio::awaitable<sdk::Outcome<v1::Observation>> WebsiteChannel::observe(const v1::Receipt& receipt) {
  auto page = co_await read_back(receipt);
  if (!page) co_return page.error();
  if (page->status >= 500 || page->status == 429) {
    co_return sdk::failure(v1::FAILURE_CLASS_UNAVAILABLE, "http." + std::to_string(page->status),
                           "reading back " + receipt.locator());
  }
  const Digest digest = sha256(page->body);
  v1::Observation seen;
  seen.set_delivery_id(receipt.delivery_id());
  seen.set_time_ms(to_ms(clock_.now()));
  seen.set_content_digest(digest.raw());
  const bool same = digest.raw() == receipt.content_digest();
  const bool served = page->status == 200 || page->status == 410;
  seen.set_state(same && served ? v1::OBSERVATION_STATE_PRESENT
                 : served       ? v1::OBSERVATION_STATE_CHANGED
                                : v1::OBSERVATION_STATE_GONE);
  seen.set_detail("HTTP " + std::to_string(page->status) + (same ? ", same digest" : ", digest " + digest.hex()));
  co_return seen;
}

std::size_t WebsiteChannel::repair() {
  const std::lock_guard lock(writing_);
  return writer_.repair();
}

std::size_t WebsiteChannel::rebuild() {
  const std::lock_guard lock(writing_);
  return writer_.rebuild();
}

std::uint64_t WebsiteChannel::files_written() {
  const std::lock_guard lock(writing_);
  return writer_.files().written();
}

}  // namespace fabu::website
