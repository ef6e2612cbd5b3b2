#include "broker/cli/submission_run.h"

#include <fabu/v1/api.pb.h>
#include <fmt/format.h>
#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <ostream>
#include <random>
#include <thread>

#include "broker/cli/table.h"

namespace fabu::cli {
namespace {

// What the user should know first when several things went wrong.
int weight(Exit exit) {
  switch (exit) {
    case Exit::done:
      return 0;
    case Exit::refused:
      return 1;
    case Exit::not_found:
      return 2;
    case Exit::local:
      return 3;
    case Exit::usage:
      return 4;
    case Exit::unreachable:
      return 5;
    case Exit::not_allowed:
      return 6;
  }
  return 0;
}

bool read_json(const std::string& text, google::protobuf::Message& message) {
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = true;
  return google::protobuf::util::JsonStringToMessage(text, &message, options).ok();
}

// In a dry run attachments are not sent, so the broker lacks those that are only here: that alone is nothing to mend.
bool lacks_only_local_files(const Submission& submission, const Answer& answer) {
  v1::Problem problem;
  if (!read_json(answer.body, problem) || problem.errors().empty()) return false;
  return std::all_of(problem.errors().begin(), problem.errors().end(), [&](const v1::FieldProblem& fault) {
    return fault.rule() == "item.attachments.missing" &&
           std::any_of(submission.files.begin(), submission.files.end(), [&](const AttachmentFile& file) {
             return fault.path().rfind(fmt::format("attachments[{}]", file.index), 0) == 0;
           });
  });
}

}  // namespace

SubmissionRun::SubmissionRun(Context& context, const SubmitOptions& options, ItemSource source)
    : context_(context),
      options_(options),
      source_(std::move(source)),
      bar_(*context.err, context.err_is_terminal && !options.quiet) {}

void SubmissionRun::worst(Exit exit) {
  if (weight(exit) > weight(exit_)) exit_ = exit;
}

bool SubmissionRun::stopped() const {
  const std::lock_guard lock(mutex_);
  return stop_;
}

Sender::Patience SubmissionRun::patience() {
  Sender::Patience p;
  p.timeout = std::chrono::milliseconds(static_cast<std::int64_t>(options_.timeout_seconds * 1000));
  p.wait = context_.wait;
  p.now = context_.now;
  p.stopped = [this] { return stopped(); };
  return p;
}

void SubmissionRun::send_all() {
  const std::size_t wanted = std::max<std::size_t>(1, std::min<std::size_t>(options_.parallel, source_.known()));
  std::vector<std::unique_ptr<Sender>> senders;
  std::random_device seed;
  while (senders.size() < wanted) {
    auto door = open_door(context_, *options_.where);
    if (!door) return;
    senders.push_back(std::make_unique<Sender>(std::move(door), sent_, patience(), options_.dry_run, seed()));
  }
  send_originals(senders);
  while (!corrections_.empty() && !stop_) {
    const Submission submission = std::move(corrections_.front());
    corrections_.pop_front();
    tell(submission, senders.front()->send(submission));
  }
  bar_.erase();
  context_.exit = exit_;
  if (options_.json || options_.quiet) return;
  *context_.err << fmt::format("{} {}, {} refused{}\n", accepted_, options_.dry_run ? "acceptable" : "accepted", refused_,
                               stop_ ? "; stopped before the end, send again to go on" : "");
}

void SubmissionRun::send_originals(std::vector<std::unique_ptr<Sender>>& senders) {
  std::vector<std::thread> threads;
  for (std::size_t i = 1; i < senders.size(); ++i) threads.emplace_back([this, &senders, i] { work(*senders[i]); });
  work(*senders.front());
  for (auto& thread : threads) thread.join();
}

void SubmissionRun::work(Sender& sender) {
  while (const auto submission = take()) tell(*submission, sender.send(*submission));
}

std::optional<Submission> SubmissionRun::take() {
  const std::lock_guard lock(mutex_);
  while (!stop_) {
    auto next = source_.next();
    if (!next) return std::nullopt;
    if (!*next) {
      tell_unreadable(next->error());
    } else if ((*next)->correction) {
      corrections_.push_back(std::move(**next));
    } else {
      return std::move(**next);
    }
  }
  return std::nullopt;
}

void SubmissionRun::tell(const Submission& submission, const Result<Answer>& answer) {
  const std::lock_guard lock(mutex_);
  if (answer && answer->ok()) {
    tell_accepted(submission, *answer);
  } else if (answer && options_.dry_run && lacks_only_local_files(submission, *answer)) {
    tell_accepted(submission, Answer{200, "{\"dryRun\":true}", "application/json", std::nullopt});
  } else if (answer) {
    const Exit exit = exit_for_status(answer->status);
    worst(exit);
    ++refused_;
    bar_.erase();
    *context_.err << submission.name << ":\n" << problem_text(context_, *answer, "  ");
    stop_ = stop_ || answer->status == 401 || exit == Exit::unreachable;
  } else {
    const bool first = !stop_;
    worst(exit_for_error(answer.error()));
    stop_ = true;
    bar_.erase();
    if (first) context_.fail(answer.error());  // the other senders meet the same
  }
  bar_.draw(accepted_ + refused_, source_.known(), refused_, context_.now());
}

void SubmissionRun::tell_accepted(const Submission& submission, const Answer& answer) {
  v1::SubmissionReceipt receipt;
  if (!read_json(answer.body, receipt)) {
    worst(Exit::refused);
    ++refused_;
    *context_.err << submission.name << ": the answer is not a receipt; is this a fabu server?\n";
    return;
  }
  ++accepted_;
  if (options_.json) {
    auto line = nlohmann::ordered_json::parse(one_line_json(receipt));
    line["file"] = submission.name;
    *context_.out << line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) << std::endl;
    return;
  }
  bar_.erase();
  if (receipt.dry_run()) {
    *context_.out << submission.name << "  acceptable" << std::endl;
    return;
  }
  *context_.out << fmt::format("{}  item {}  edition {}  {}  {}", receipt.index_no(), receipt.item_id(), receipt.edition(),
                               show_enum(v1::EditionState_Name(receipt.state()), "EDITION_STATE_"), submission.name)
                << std::endl;
}

void SubmissionRun::tell_unreadable(const Error& error) {
  worst(exit_for_error(error));
  ++refused_;
  bar_.erase();
  *context_.err << error.where << ":\n  " << error.what << "\n    → " << error.todo << '\n';
}

}  // namespace fabu::cli
