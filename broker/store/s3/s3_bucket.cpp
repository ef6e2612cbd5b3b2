#include "broker/store/s3/s3_bucket.h"

#include <curl/curl.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>
#include <random>
#include <thread>
#include <utility>

namespace fabu::store {
namespace {

constexpr long kConnect = 5;                        // seconds
constexpr long kStalled = 10, kStalledBytes = 100;  // fewer bytes a second than this for so long: it stands still
constexpr std::size_t kAnswer = 4096;               // bytes of an error that are kept
constexpr std::chrono::milliseconds kFirstPause{200};
const char* const kEmptyDigest = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

// Text between <Code> and </Code> of the storage's XML, for people.
std::string code_in(const std::string& xml) {
  const auto begin = xml.find("<Code>");
  const auto end = xml.find("</Code>");
  return begin == std::string::npos || end == std::string::npos || end < begin ? std::string()
                                                                               : xml.substr(begin + 6, end - begin - 6);
}

struct Headers {
  ~Headers() { curl_slist_free_all(list); }
  void add(const std::string& line) { list = curl_slist_append(list, line.c_str()); }
  curl_slist* list = nullptr;
};

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

std::size_t read_file(char* to, std::size_t size, std::size_t count, void* file) {
  return std::fread(to, 1, size * count, static_cast<std::FILE*>(file));
}

// The same body is sent again when the storage asks for it before it has answered.
int rewind_file(void* file, curl_off_t offset, int origin) {
  return std::fseek(static_cast<std::FILE*>(file), static_cast<long>(offset), origin) == 0 ? CURL_SEEKFUNC_OK
                                                                                           : CURL_SEEKFUNC_FAIL;
}

}  // namespace

// One request, and what came of it.
struct S3Bucket::Request {
  Digest digest;
  std::FILE* body = nullptr;  // of PUT
  std::uint64_t size = 0;     // of the body
  AttachmentWriter* into = nullptr;

  CURL* easy = nullptr;
  long status = 0;
  std::optional<Error> refused;  // by the writer
  std::string answer, failure;

  static std::size_t on_bytes(char* bytes, std::size_t size, std::size_t count, void* self) {
    return static_cast<Request*>(self)->take({bytes, size * count}) ? size * count : 0;
  }
  bool take(std::string_view bytes) {
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    if (status != 200 || into == nullptr) {
      answer += bytes.substr(0, kAnswer - std::min(kAnswer, answer.size()));
      return true;
    }
    const auto taken = into->append(bytes);
    if (!taken) refused = taken.error();
    return taken.has_value();
  }
};

S3Bucket::S3Bucket(S3Options options) : options_(std::move(options)) {
  static const auto initialised = curl_global_init(CURL_GLOBAL_DEFAULT);
  static_cast<void>(initialised);
}

S3Bucket::Outcome S3Bucket::perform(Request& request) const {
  const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> handle(curl_easy_init(), &curl_easy_cleanup);
  CURL* const easy = request.easy = handle.get();
  const std::string url = options_.endpoint + "/" + options_.bucket + "/" + request.digest.hex();
  const std::string signing = "aws:amz:" + options_.region + ":s3";
  Headers headers;
  headers.add("x-amz-content-sha256: " + (request.body != nullptr ? request.digest.hex() : kEmptyDigest));
  headers.add("Expect:");
  curl_easy_setopt(easy, CURLOPT_URL, url.c_str());
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, kConnect);
  curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, kStalled);
  curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, kStalledBytes);
  curl_easy_setopt(easy, CURLOPT_AWS_SIGV4, signing.c_str());
  curl_easy_setopt(easy, CURLOPT_USERNAME, options_.access_key.c_str());
  curl_easy_setopt(easy, CURLOPT_PASSWORD, options_.secret_key.c_str());
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers.list);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &Request::on_bytes);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &request);
  if (!options_.ca_file.empty()) curl_easy_setopt(easy, CURLOPT_CAINFO, options_.ca_file.c_str());
  if (request.body != nullptr) {
    curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(easy, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(request.size));
    curl_easy_setopt(easy, CURLOPT_READFUNCTION, read_file);
    curl_easy_setopt(easy, CURLOPT_READDATA, request.body);
    curl_easy_setopt(easy, CURLOPT_SEEKFUNCTION, rewind_file);
    curl_easy_setopt(easy, CURLOPT_SEEKDATA, request.body);
  }
  const auto code = curl_easy_perform(easy);
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &request.status);
  if (code == CURLE_OK && request.status == 200) return Outcome::done;
  request.failure = code != CURLE_OK && !request.refused
                        ? curl_easy_strerror(code)
                        : "status " + std::to_string(request.status) + " " + code_in(request.answer);
  if (request.refused) return Outcome::failed;
  const bool passing = code != CURLE_OK || request.status >= 500 || request.status == 429;
  return passing ? Outcome::again : Outcome::failed;
}

// `attempt(failure)` gives its outcome, and says what went wrong.
template <typename Attempt>
Result<void> S3Bucket::insist(const Digest& digest, Attempt attempt) const {
  static thread_local std::minstd_rand chance(std::random_device{}());
  auto pause = kFirstPause;
  for (unsigned count = 1;; ++count, pause *= 2) {
    Error error{
        ErrorCode::unavailable, "attachment", {}, "Send it again later; an operator must look at the object storage.", {}};
    const auto outcome = attempt(error);
    if (outcome == Outcome::done) return {};
    spdlog::warn("event=object_storage_failed digest={} attempt={} what=\"{}\"", digest.hex(), count, error.what);
    if (outcome == Outcome::failed || count >= options_.attempts) return error;
    std::this_thread::sleep_for(pause / 2 + std::chrono::milliseconds(chance() % static_cast<unsigned>(pause.count())));
  }
}

Result<void> S3Bucket::put(const Digest& digest, const std::filesystem::path& path, std::uint64_t size) const {
  return insist(digest, [&](Error& error) {
    const File file(std::fopen(path.c_str(), "rb"));
    if (!file) {
      error = Error{ErrorCode::io, path.string(), "The copy of the file cannot be read.", "Send it again.", {}};
      return Outcome::failed;
    }
    Request request;
    request.digest = digest;
    request.body = file.get();
    request.size = size;
    const auto outcome = perform(request);
    error.what = "The object storage did not take the file: " + request.failure;
    return outcome;
  });
}

Result<void> S3Bucket::get(const Digest& digest, const Fresh& fresh) const {
  return insist(digest, [&](Error& error) {
    auto writer = fresh();
    if (!writer) {
      error = writer.error();
      return Outcome::failed;
    }
    Request request;
    request.digest = digest;
    request.into = writer->get();
    const auto outcome = perform(request);
    error.what = "The object storage did not give the file: " + request.failure;
    const auto corrupt = [&error](const std::string& what) {
      error = Error{ErrorCode::corrupt, "attachment", what, "Restore the object from a backup, or send the file again.", {}};
      return Outcome::failed;
    };
    if (request.refused && request.refused->code == ErrorCode::too_large)
      return corrupt("The object storage has more bytes under this digest than the file had.");
    if (request.refused) error = *request.refused;
    if (request.status == 404 && code_in(request.answer) == "NoSuchKey") return corrupt("The object storage has lost the file.");
    if (outcome != Outcome::done) return outcome;
    const auto finished = (*writer)->finish();
    if (finished) return Outcome::done;
    if (finished.error().code == ErrorCode::invalid) return corrupt("The object storage has other bytes under this digest.");
    error = finished.error();
    return Outcome::failed;
  });
}

}  // namespace fabu::store
