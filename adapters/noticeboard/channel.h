// The notice board (公开栏) as a channel: every delivery is a sheet of paper, printed by a CUPS queue or laid into a spool
// folder.
//
// Never printed twice: the job's name is the delivery's id, and every try looks for it before it submits, finished jobs included.
// That needs a server that remembers them (PreserveJobHistory Yes, which is CUPS's default, and a MaxJobs that is large enough).
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>
#include <filesystem>
#include <optional>
#include <string>

#include "adapters/noticeboard/cups.h"
#include "adapters/noticeboard/sheet.h"
#include "adapters/sdk/channel.h"
#include "proto/fabu/time.h"

namespace fabu::noticeboard {

struct NoticeboardOptions {
  std::string name = "noticeboard";            // of the channel
  std::optional<std::filesystem::path> spool;  // folder for {delivery_id}.pdf; either this
  std::optional<CupsQueue> cups;               // or this
  SheetOptions sheet;
  Millis poll{1'000};          // between looks at a job
  Millis patience{15'000};     // how long a printer may report trouble before the delivery is put off
  Millis follow_for{480'000};  // how long one call follows a job
};

// Codes of failures, beside those of cups.h: ipp.{reason} while the printer waits for a person (the job stays in the queue and
// the next try goes on with it), ipp.job-held, ipp.job-waiting, ipp.job-canceled, ipp.job-aborted, ipp.job-forgotten,
// noticeboard.outdated, sheet.content, sheet.render, spool.write.
class NoticeboardChannel final : public sdk::Channel {
 public:
  // Throws std::invalid_argument unless exactly one of spool and cups is set. The pool and the clock must outlive the channel.
  NoticeboardChannel(NoticeboardOptions options, boost::asio::thread_pool& pool, const Clock& clock);

  sdk::Limits limits() const override;
  boost::asio::awaitable<sdk::Outcome<v1::Receipt>> publish(const v1::Work& work, sdk::Progress& progress) override;
  // Prints the 撤回 notice; sheets of the item that still wait for paper are taken out of the queue.
  boost::asio::awaitable<sdk::Outcome<v1::Receipt>> withdraw(const v1::Work& work, sdk::Progress& progress) override;
  // A receipt once the sheet is printed (or spooled). Nothing while its job still waits: publish goes on with that job.
  boost::asio::awaitable<sdk::Outcome<std::optional<v1::Receipt>>> find(const v1::Work& work, const std::string& notes) override;
  // What a machine can know: that the file lies there, or that the printer says it printed. Whether the sheet hangs is for a
  // person.
  boost::asio::awaitable<sdk::Outcome<v1::Observation>> observe(const v1::Receipt& receipt) override;

 private:
  struct Notes;

  boost::asio::awaitable<sdk::Outcome<v1::Receipt>> put_up(const v1::Work& work, sdk::Progress& progress);
  boost::asio::awaitable<sdk::Outcome<v1::Receipt>> print(const v1::Work& work, sdk::Progress& progress);
  boost::asio::awaitable<sdk::Outcome<v1::Receipt>> follow(const v1::Work& work, Notes notes, sdk::Progress& progress);
  boost::asio::awaitable<void> wait();
  // The job will never print: noted, so that a replay by a person submits a new one.
  boost::asio::awaitable<sdk::Outcome<v1::Receipt>> lost(Notes notes, sdk::Progress& progress, std::string code,
                                                         std::string what);
  sdk::Outcome<Notes> find_or_submit(const v1::Work& work, Notes notes) const;
  v1::Receipt receipt(const v1::Work& work, const Notes& notes, const Job& job) const;

  NoticeboardOptions options_;
  boost::asio::thread_pool& pool_;
  const Clock& clock_;
  std::optional<Cups> cups_;
};

}  // namespace fabu::noticeboard
