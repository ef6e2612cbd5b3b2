#include "adapters/noticeboard/cups.h"

#include <cups/cups.h>

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

namespace fabu::noticeboard {
namespace {

constexpr int kTimeoutMs = 10'000;
constexpr double kTimeoutSeconds = 20;

struct CloseConnection {
  void operator()(http_t* connection) const { httpClose(connection); }
};
struct DeleteMessage {
  void operator()(ipp_t* message) const { ippDelete(message); }
};
using Connection = std::unique_ptr<http_t, CloseConnection>;
using Message = std::unique_ptr<ipp_t, DeleteMessage>;

v1::Failure unreachable(const CupsQueue& queue, const std::string& what) {
  return sdk::failure(v1::FAILURE_CLASS_UNAVAILABLE, "ipp.unreachable",
                      "CUPS at " + queue.host + ":" + std::to_string(queue.port) + " does not answer: " + what);
}

v1::Failure failure_of(const CupsQueue& queue, ipp_status_t status, const std::string& words) {
  const std::string what = "queue " + queue.name + ": " + words;
  switch (status) {
    case IPP_STATUS_ERROR_NOT_FOUND:
      return sdk::failure(v1::FAILURE_CLASS_REJECTED, "ipp.no-queue", what);
    case IPP_STATUS_ERROR_FORBIDDEN:
    case IPP_STATUS_ERROR_NOT_AUTHENTICATED:
    case IPP_STATUS_ERROR_NOT_AUTHORIZED:
    case IPP_STATUS_ERROR_CUPS_AUTHENTICATION_CANCELED:
      return sdk::failure(v1::FAILURE_CLASS_UNAUTHORIZED, "ipp.forbidden", what);
    case IPP_STATUS_ERROR_BUSY:
    case IPP_STATUS_ERROR_TOO_MANY_JOBS:
      return sdk::failure(v1::FAILURE_CLASS_THROTTLED, "ipp.busy", what);
    case IPP_STATUS_ERROR_NOT_ACCEPTING_JOBS:
      return sdk::failure(v1::FAILURE_CLASS_UNAVAILABLE, "ipp.not-accepting-jobs", what);
    case IPP_STATUS_ERROR_DOCUMENT_FORMAT_NOT_SUPPORTED:
      return sdk::failure(v1::FAILURE_CLASS_REJECTED, "ipp.document-format", what);
    default:
      break;
  }
  // The rest are what the server or the connection could not do now.
  if (status == IPP_STATUS_ERROR_SERVICE_UNAVAILABLE || status >= IPP_STATUS_ERROR_CUPS_AUTHENTICATION_CANCELED ||
      status < IPP_STATUS_OK) {
    return unreachable(queue, words);
  }
  return sdk::failure(v1::FAILURE_CLASS_RETRY, std::string("ipp.") + ippErrorString(status), what);
}

std::string printer_uri(const CupsQueue& queue) {
  std::array<char, 1024> uri{};
  httpAssembleURIf(HTTP_URI_CODING_ALL, uri.data(), uri.size(), "ipp", nullptr, queue.host.c_str(), queue.port, "/printers/%s",
                   queue.name.c_str());
  return uri.data();
}

sdk::Outcome<Connection> connect(const CupsQueue& queue) {
  Connection connection(
      httpConnect2(queue.host.c_str(), queue.port, nullptr, AF_UNSPEC, HTTP_ENCRYPTION_IF_REQUESTED, 1, kTimeoutMs, nullptr));
  if (connection == nullptr) return unreachable(queue, cupsLastErrorString());
  httpSetTimeout(
      connection.get(), kTimeoutSeconds, [](http_t*, void*) { return 0; }, nullptr);
  return connection;
}

Message request(ipp_op_t operation, const CupsQueue& queue) {
  Message message(ippNewRequest(operation));
  ippAddString(message.get(), IPP_TAG_OPERATION, IPP_TAG_URI, "printer-uri", nullptr, printer_uri(queue).c_str());
  ippAddString(message.get(), IPP_TAG_OPERATION, IPP_TAG_NAME, "requesting-user-name", nullptr, queue.user.c_str());
  return message;
}

struct Answer {
  Message message;
  ipp_status_t status;
  std::string words;
};

// Asks and gets an answer of any status; a failure only when there is none.
sdk::Outcome<Answer> ask(const CupsQueue& queue, Message question, const std::string& resource = "/") {
  auto connection = connect(queue);
  if (!connection) return connection.error();
  Message message(cupsDoRequest(connection->get(), question.release(), resource.c_str()));
  const ipp_status_t status = cupsLastError();
  const std::string words = cupsLastErrorString() == nullptr ? "" : cupsLastErrorString();
  if (message == nullptr) return failure_of(queue, status, words);
  return Answer{std::move(message), status, words};
}

std::vector<std::string> strings(ipp_attribute_t* attribute) {
  std::vector<std::string> out;
  for (int i = 0; i < ippGetCount(attribute); ++i) {
    const char* const text = ippGetString(attribute, i, nullptr);
    if (text != nullptr) out.emplace_back(text);
  }
  return out;
}

constexpr std::array kJobAttributes = {
    "job-id", "job-name", "job-state", "job-state-reasons", "time-at-completed", "job-media-sheets-completed"};

void want_job_attributes(ipp_t* message) {
  ippAddStrings(message, IPP_TAG_OPERATION, IPP_TAG_KEYWORD, "requested-attributes", static_cast<int>(kJobAttributes.size()),
                nullptr, kJobAttributes.data());
}

void read_attribute(ipp_attribute_t* attribute, Job& job) {
  const std::string name = ippGetName(attribute) == nullptr ? "" : ippGetName(attribute);
  const auto value_tag = ippGetValueTag(attribute);
  if (name == "job-id") job.id = ippGetInteger(attribute, 0);
  if (name == "job-name" && ippGetString(attribute, 0, nullptr) != nullptr) job.name = ippGetString(attribute, 0, nullptr);
  if (name == "job-state") job.state = static_cast<JobState>(std::clamp(ippGetInteger(attribute, 0), 3, 9));
  if (name == "job-state-reasons") job.reasons = strings(attribute);
  if (name == "time-at-completed" && value_tag == IPP_TAG_INTEGER) job.completed_s = ippGetInteger(attribute, 0);
  if (name == "job-media-sheets-completed" && value_tag == IPP_TAG_INTEGER) job.sheets = ippGetInteger(attribute, 0);
}

std::vector<Job> jobs_in(ipp_t* message) {
  std::vector<Job> jobs;
  bool inside = false;
  for (ipp_attribute_t* at = ippFirstAttribute(message); at != nullptr; at = ippNextAttribute(message)) {
    if (ippGetGroupTag(at) != IPP_TAG_JOB) {
      inside = false;
      continue;
    }
    if (!inside) jobs.emplace_back();
    inside = true;
    read_attribute(at, jobs.back());
  }
  return jobs;
}

Message job_request(ipp_op_t operation, const CupsQueue& queue, int id) {
  Message message = request(operation, queue);
  ippAddInteger(message.get(), IPP_TAG_OPERATION, IPP_TAG_INTEGER, "job-id", id);
  return message;
}

}  // namespace

std::string Cups::job_uri(int id) const {
  return "ipp://" + queue_.host + ":" + std::to_string(queue_.port) + "/jobs/" + std::to_string(id);
}

sdk::Outcome<std::vector<Job>> Cups::jobs() const {
  Message message = request(IPP_OP_GET_JOBS, queue_);
  ippAddString(message.get(), IPP_TAG_OPERATION, IPP_TAG_KEYWORD, "which-jobs", nullptr, "all");
  ippAddBoolean(message.get(), IPP_TAG_OPERATION, "my-jobs", 1);
  want_job_attributes(message.get());
  auto answer = ask(queue_, std::move(message));
  if (!answer) return answer.error();
  if (answer->status > IPP_STATUS_OK_CONFLICTING) return failure_of(queue_, answer->status, answer->words);
  return jobs_in(answer->message.get());
}

sdk::Outcome<std::optional<Job>> Cups::job(int id) const {
  Message message = job_request(IPP_OP_GET_JOB_ATTRIBUTES, queue_, id);
  want_job_attributes(message.get());
  auto answer = ask(queue_, std::move(message));
  if (!answer) return answer.error();
  if (answer->status == IPP_STATUS_ERROR_NOT_FOUND) return std::optional<Job>();
  if (answer->status > IPP_STATUS_OK_CONFLICTING) return failure_of(queue_, answer->status, answer->words);
  std::vector<Job> jobs = jobs_in(answer->message.get());
  if (jobs.empty()) return std::optional<Job>();
  return std::optional<Job>(std::move(jobs.front()));
}

sdk::Outcome<int> Cups::submit(const std::string& job_name, const std::string& pdf, const std::string& media) const {
  auto connection = connect(queue_);
  if (!connection) return connection.error();
  // Print-Job makes the job with its document or not at all; Create-Job and Send-Document could leave one without.
  Message message = request(IPP_OP_PRINT_JOB, queue_);
  ippAddString(message.get(), IPP_TAG_OPERATION, IPP_TAG_NAME, "job-name", nullptr, job_name.c_str());
  ippAddString(message.get(), IPP_TAG_OPERATION, IPP_TAG_MIMETYPE, "document-format", nullptr, "application/pdf");
  ippAddString(message.get(), IPP_TAG_JOB, IPP_TAG_KEYWORD, "media", nullptr, media.c_str());
  const std::string resource = "/printers/" + queue_.name;
  http_t* const http = connection->get();
  const http_status_t started = cupsSendRequest(http, message.get(), resource.c_str(), ippLength(message.get()) + pdf.size());
  bool written = started == HTTP_STATUS_CONTINUE;
  if (written) written = cupsWriteRequestData(http, pdf.data(), pdf.size()) == HTTP_STATUS_CONTINUE;
  const Message answer(cupsGetResponse(http, resource.c_str()));
  const ipp_status_t status = cupsLastError();
  if (answer == nullptr || status > IPP_STATUS_OK_CONFLICTING) {
    return failure_of(queue_, status, cupsLastErrorString() == nullptr ? "" : cupsLastErrorString());
  }
  ipp_attribute_t* const id = ippFindAttribute(answer.get(), "job-id", IPP_TAG_INTEGER);
  if (id == nullptr)
    return sdk::failure(v1::FAILURE_CLASS_RETRY, "ipp.no-job-id", "CUPS took the job and did not say its number");
  return ippGetInteger(id, 0);
}

sdk::Outcome<bool> Cups::cancel(int id) const {
  auto answer = ask(queue_, job_request(IPP_OP_CANCEL_JOB, queue_, id), "/jobs/");
  if (!answer) return answer.error();
  const bool finished = answer->status == IPP_STATUS_ERROR_NOT_POSSIBLE || answer->status == IPP_STATUS_ERROR_NOT_FOUND;
  if (finished) return false;
  if (answer->status > IPP_STATUS_OK_CONFLICTING) return failure_of(queue_, answer->status, answer->words);
  return true;
}

sdk::Outcome<PrinterState> Cups::printer() const {
  Message message = request(IPP_OP_GET_PRINTER_ATTRIBUTES, queue_);
  constexpr std::array kWanted = {"printer-state", "printer-state-reasons"};
  ippAddStrings(message.get(), IPP_TAG_OPERATION, IPP_TAG_KEYWORD, "requested-attributes", static_cast<int>(kWanted.size()),
                nullptr, kWanted.data());
  auto answer = ask(queue_, std::move(message));
  if (!answer) return answer.error();
  if (answer->status > IPP_STATUS_OK_CONFLICTING) return failure_of(queue_, answer->status, answer->words);
  PrinterState state;
  ipp_t* const found = answer->message.get();
  ipp_attribute_t* const value = ippFindAttribute(found, "printer-state", IPP_TAG_ENUM);
  state.stopped = value != nullptr && ippGetInteger(value, 0) == IPP_PSTATE_STOPPED;
  state.reasons = strings(ippFindAttribute(found, "printer-state-reasons", IPP_TAG_KEYWORD));
  return state;
}

std::string stopping_reason(const std::vector<std::string>& reasons) {
  // What a person at the printer can mend first.
  constexpr std::array kStopping = {"media-empty",
                                    "media-needed",
                                    "media-jam",
                                    "cover-open",
                                    "door-open",
                                    "interlock-open",
                                    "input-tray-missing",
                                    "toner-empty",
                                    "marker-supply-empty",
                                    "offline",
                                    "connecting-to-device",
                                    "timed-out",
                                    "shutdown",
                                    "paused",
                                    "spool-area-full"};
  for (const std::string_view stopping : kStopping) {
    for (const std::string& reason : reasons) {
      const std::string_view given = reason;
      if (given.substr(0, stopping.size()) != stopping) continue;
      const std::string_view severity = given.substr(stopping.size());
      // A report or warning does not stop a printer, but for paper and the line to it, which CUPS reports so.
      const bool mild = severity == "-warning" && stopping != "media-empty" && stopping != "media-needed";
      if ((severity.empty() || severity == "-error" || severity == "-warning" || severity == "-report") && !mild)
        return std::string(stopping);
    }
  }
  return {};
}

}  // namespace fabu::noticeboard
