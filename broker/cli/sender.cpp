#include "broker/cli/sender.h"

#include <algorithm>

namespace fabu::cli {

using std::chrono::milliseconds;

milliseconds backoff(unsigned failed_tries, std::optional<std::chrono::seconds> retry_after, double fraction) {
  constexpr milliseconds kFirst{250}, kMost{30'000};
  const milliseconds full = std::min<milliseconds>(kMost, kFirst * (1L << std::min(failed_tries, 16U)));
  const milliseconds jittered{static_cast<milliseconds::rep>(static_cast<double>(full.count()) * (1 - fraction / 2))};
  return retry_after ? std::max<milliseconds>(jittered, *retry_after) : jittered;
}

bool worth_another_try(int status) {
  return status == 429 || status == 502 || status == 503 || status == 504;
}

bool SentAttachments::has(const Digest& digest) const {
  const std::lock_guard lock(mutex_);
  return digests_.count(digest) != 0;
}

void SentAttachments::add(const Digest& digest) {
  const std::lock_guard lock(mutex_);
  digests_.insert(digest);
}

Sender::Sender(std::unique_ptr<Door> door, SentAttachments& sent, Patience patience, bool dry_run, std::uint32_t seed)
    : door_(std::move(door)), sent_(sent), patience_(std::move(patience)), dry_run_(dry_run), random_(seed) {}

Result<Answer> Sender::patiently(const std::function<Result<Answer>()>& request) {
  const auto deadline = patience_.now() + patience_.timeout;
  for (unsigned tries = 0;; ++tries) {
    auto answer = request();
    const bool again = answer ? worth_another_try(answer->status) : answer.error().code == ErrorCode::unavailable;
    if (!again || patience_.stopped()) return answer;
    const auto pause =
        backoff(tries, answer ? answer->retry_after : std::nullopt, std::uniform_real_distribution<>(0, 1)(random_));
    if (patience_.now() + pause > deadline) return answer;
    patience_.wait(pause);
  }
}

Result<std::optional<Answer>> Sender::upload(const AttachmentFile& file) {
  if (sent_.has(file.digest)) return std::optional<Answer>();
  const std::string path = "/v1/attachments/" + file.digest.hex();
  auto there = patiently([&] { return door_->call("HEAD", path); });
  if (!there) return there.error();
  if (!there->ok()) {
    auto put = patiently([&] { return door_->put_file(path, file.path); });
    if (!put) return put.error();
    if (!put->ok()) return std::optional<Answer>(std::move(*put));
  }
  sent_.add(file.digest);
  return std::optional<Answer>();
}

Result<Answer> Sender::send(const Submission& submission) {
  // A dry run stores nothing, attachments neither; the broker then only says which of them it lacks.
  for (const auto& file : submission.files) {
    if (dry_run_) break;
    auto refused = upload(file);
    if (!refused) return refused.error();
    if (*refused) return std::move(**refused);
  }
  const std::string path = dry_run_ ? "/v1/items?dry_run=true" : "/v1/items";
  return patiently([&] { return door_->call("POST", path, submission.body, submission.content_type); });
}

}  // namespace fabu::cli
