// Sends one item until it is answered for good: attachments first, then the item; tries again what may be tried again.
#pragma once

#include <chrono>
#include <functional>
#include <mutex>
#include <optional>
#include <random>
#include <set>
#include <string>

#include "broker/cli/door.h"
#include "broker/cli/item_source.h"

namespace fabu::cli {

// How long to wait before the next try: doubling from 250 ms to 30 s, shortened by up to a half at random so that many clients
// do not come back at once, never less than what the server asked for. `fraction` is in [0, 1). Pure.
std::chrono::milliseconds backoff(unsigned failed_tries, std::optional<std::chrono::seconds> retry_after, double fraction);

// Whether the same request may succeed later as it is: 429, 502, 503, 504.
bool worth_another_try(int status);

// Attachments that the server has, shared by the senders of a run. Thread-safe.
class SentAttachments {
 public:
  bool has(const Digest&) const;
  void add(const Digest&);

 private:
  mutable std::mutex mutex_;
  std::set<Digest> digests_;
};

// One thread's sender. Submissions are idempotent by (department, reference), so sending again after silence is safe.
class Sender {
 public:
  struct Patience {
    std::chrono::milliseconds timeout{120'000};  // for one request, all its tries and waits
    std::function<void(std::chrono::milliseconds)> wait;
    std::function<std::chrono::steady_clock::time_point()> now;
    std::function<bool()> stopped;  // true: give up at the next chance
  };
  Sender(std::unique_ptr<Door>, SentAttachments&, Patience, bool dry_run, std::uint32_t seed);

  // The last answer, success or not; an error when none came in time.
  Result<Answer> send(const Submission&);

 private:
  Result<Answer> patiently(const std::function<Result<Answer>()>& request);
  Result<std::optional<Answer>> upload(const AttachmentFile&);  // an answer: the server refused the file

  std::unique_ptr<Door> door_;
  SentAttachments& sent_;
  Patience patience_;
  bool dry_run_;
  std::minstd_rand random_;
};

}  // namespace fabu::cli
