// The website channel (网站): static pages of every item, written into a folder that fabu or nginx serves. See README.md.
//
// Usage:
//   boost::asio::thread_pool pool(4);
//   website::WebsiteChannel channel(options, pool, attachments, clock);   // before any SiteSearch; repairs what a crash left
//   website::SiteSearch search(options);                                  // GET /search
//   auto receipt = co_await channel.publish(work, progress);
#pragma once

#include <boost/asio/thread_pool.hpp>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "adapters/sdk/attachments.h"
#include "adapters/sdk/channel.h"
#include "adapters/website/options.h"
#include "adapters/website/site_writer.h"
#include "proto/fabu/time.h"

namespace fabu::website {

// Any number of calls at once: pages are prepared on the pool, side by side, then written in groups, one group at a time.
// A call that is cancelled still writes what it had queued; find() tells. Pool, attachments and clock must outlive the channel,
// and the pool must be joined before the channel goes.
class WebsiteChannel final : public sdk::Channel {
 public:
  // Throws when the folder, the index or the templates cannot be used.
  WebsiteChannel(WebsiteOptions options, boost::asio::thread_pool& pool, sdk::AttachmentSource& attachments, const Clock& clock);

  sdk::Limits limits() const override;
  boost::asio::awaitable<sdk::Outcome<v1::Receipt>> publish(const v1::Work& work, sdk::Progress& progress) override;
  boost::asio::awaitable<sdk::Outcome<v1::Receipt>> withdraw(const v1::Work& work, sdk::Progress& progress) override;
  boost::asio::awaitable<sdk::Outcome<std::optional<v1::Receipt>>> find(const v1::Work& work, const std::string& notes) override;
  // What the public gets: over HTTP when options.fetch is set (410 with the notice is as it should be), else the file.
  boost::asio::awaitable<sdk::Outcome<v1::Observation>> observe(const v1::Receipt& receipt) override;

  // Blocking; for start-up and `fabu site rebuild`. How many pages were rewritten.
  std::size_t repair();
  std::size_t rebuild();
  // Files put in place since the start.
  std::uint64_t files_written();

 private:
  using Answer = std::function<void(sdk::Outcome<v1::Receipt>)>;
  struct Waiting {
    Job job;
    Answer answer;
  };

  boost::asio::awaitable<sdk::Outcome<v1::Receipt>> enqueue(Job job);
  boost::asio::awaitable<sdk::Outcome<std::vector<StagedAttachment>>> stage_attachments(const v1::Item& item);
  boost::asio::awaitable<sdk::Outcome<Fetched>> read_back(const v1::Receipt& receipt);
  void push(Waiting waiting);
  void write_group();

  WebsiteOptions options_;
  boost::asio::thread_pool& pool_;
  sdk::AttachmentSource& attachments_;
  const Clock& clock_;
  std::mutex writing_;  // guards writer_
  SiteWriter writer_;
  std::mutex queueing_;         // guards the two below; never held with writing_
  std::vector<Waiting> queue_;  // bounded by limits().concurrency, since each call waits for its answer
  bool scheduled_ = false;
};

}  // namespace fabu::website
