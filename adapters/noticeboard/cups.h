// A CUPS queue by IPP (RFC 8011). Each call opens its own connection and blocks: run it on a pool. Calls share nothing, so
// several may run at once on different threads.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "adapters/sdk/channel.h"

namespace fabu::noticeboard {

// Where to print.
struct CupsQueue {
  std::string host;  // of the CUPS server
  int port = 631;
  std::string name;           // of the queue
  std::string user = "fabu";  // owner of the jobs
};

// job-state of RFC 8011 section 5.3.7.
enum class JobState { pending = 3, held = 4, processing = 5, stopped = 6, canceled = 7, aborted = 8, completed = 9 };

struct Job {
  int id = 0;
  std::string name;
  JobState state = JobState::pending;
  std::vector<std::string> reasons;  // job-state-reasons
  std::int64_t completed_s = 0;      // Unix seconds; 0 = not yet
  int sheets = 0;                    // job-media-sheets-completed, 0 when the printer does not count
};

struct PrinterState {
  bool stopped = false;
  std::vector<std::string> reasons;  // printer-state-reasons without their severity: media-empty, offline
};

class Cups {
 public:
  explicit Cups(CupsQueue queue) : queue_(std::move(queue)) {}

  // All jobs of ours in the queue, finished ones included as long as the server remembers them.
  sdk::Outcome<std::vector<Job>> jobs() const;
  // A job by number; nothing when the server has forgotten it.
  sdk::Outcome<std::optional<Job>> job(int id) const;
  // Prints a PDF. After a failure the job may or may not exist: look before the next try.
  sdk::Outcome<int> submit(const std::string& job_name, const std::string& pdf, const std::string& media) const;
  // Removes a job that has not been printed; no failure when it is finished already.
  sdk::Outcome<bool> cancel(int id) const;
  sdk::Outcome<PrinterState> printer() const;

  // ipp://host:port/jobs/N
  std::string job_uri(int id) const;
  const CupsQueue& queue() const { return queue_; }

 private:
  CupsQueue queue_;
};

// The name of the queue's failing, by severity: the first of media-empty, media-jam, cover-open, offline … that the reasons hold,
// without -error, -warning or -report. Empty = nothing that stops a printer.
std::string stopping_reason(const std::vector<std::string>& reasons);

}  // namespace fabu::noticeboard
