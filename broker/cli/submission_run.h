// A run of `fabu submit`: several senders at once, every answer told as it comes, one exit code at the end.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <vector>

#include "broker/cli/context.h"
#include "broker/cli/doorway.h"
#include "broker/cli/item_source.h"
#include "broker/cli/progress_bar.h"
#include "broker/cli/sender.h"

namespace fabu::cli {

struct SubmitOptions {
  std::shared_ptr<Where> where;
  std::vector<std::string> paths;
  bool json = false, dry_run = false, quiet = false;
  unsigned parallel = 8;
  double timeout_seconds = 120;
};

// Originals go first, in any order; corrections follow one at a time in the order in which they were read, so that none
// overtakes what it corrects.
class SubmissionRun {
 public:
  SubmissionRun(Context&, const SubmitOptions&, ItemSource);
  // Opens one door for each sender, sends everything, sets context.exit.
  void send_all();

 private:
  void send_originals(std::vector<std::unique_ptr<Sender>>& senders);
  void work(Sender&);
  std::optional<Submission> take();
  void tell(const Submission&, const Result<Answer>&);
  void tell_accepted(const Submission&, const Answer&);
  void tell_unreadable(const Error&);
  void worst(Exit);
  bool stopped() const;
  Sender::Patience patience();

  Context& context_;
  const SubmitOptions& options_;
  ItemSource source_;
  SentAttachments sent_;
  ProgressBar bar_;
  mutable std::mutex mutex_;            // guards all below and the streams
  std::deque<Submission> corrections_;  // at most what the files hold
  std::size_t accepted_ = 0, refused_ = 0;
  Exit exit_ = Exit::done;
  bool stop_ = false;  // the server is away, or the key is no good: no use going on
};

}  // namespace fabu::cli
