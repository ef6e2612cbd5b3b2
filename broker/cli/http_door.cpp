#include <curl/curl.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <mutex>

#include "broker/cli/door.h"

namespace fabu::cli {
namespace {

// Answers larger than this are no answers of ours; it bounds what a wrong server can make us hold.
constexpr std::size_t kMaxAnswer = std::size_t{1} << 30;

struct HeadersDelete {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
struct HandleDelete {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct FileDelete {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

// A descriptor of the data folder, so that a socket under a long path is reached through /proc/self/fd (sun_path holds 107).
class FolderHandle {
 public:
  FolderHandle() = default;
  explicit FolderHandle(const std::filesystem::path& folder) : fd_(::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)) {}
  FolderHandle(const FolderHandle&) = delete;
  FolderHandle& operator=(const FolderHandle&) = delete;
  FolderHandle(FolderHandle&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FolderHandle& operator=(FolderHandle&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~FolderHandle() {
    if (fd_ >= 0) ::close(fd_);
  }
  std::string path() const { return fmt::format("/proc/self/fd/{}", fd_); }

 private:
  int fd_ = -1;
};

std::size_t on_body(char* data, std::size_t size, std::size_t count, void* user) {
  auto& answer = *static_cast<Answer*>(user);
  if (answer.body.size() + size * count > kMaxAnswer) return 0;
  answer.body.append(data, size * count);
  return size * count;
}

class HttpDoor final : public Door {
 public:
  HttpDoor(HttpTarget target, FolderHandle folder) : target_(std::move(target)), folder_(std::move(folder)) {
    static std::once_flag once;
    std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
    handle_.reset(curl_easy_init());
    while (!target_.url.empty() && target_.url.back() == '/') target_.url.pop_back();
  }

  Result<Answer> call(std::string_view method, const std::string& path, std::string body, std::string content_type) override {
    prepare(method, path);
    const bool sends = method != "GET" && method != "HEAD" && method != "DELETE";
    if (sends) {
      curl_easy_setopt(handle_.get(), CURLOPT_POSTFIELDS, body.data());
      curl_easy_setopt(handle_.get(), CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
      curl_easy_setopt(handle_.get(), CURLOPT_CUSTOMREQUEST, std::string(method).c_str());
    }
    return perform(content_type);
  }

  Result<Answer> put_file(const std::string& path, const std::filesystem::path& file) override {
    const std::unique_ptr<std::FILE, FileDelete> in(std::fopen(file.c_str(), "rb"));
    std::error_code ec;
    const auto size = std::filesystem::file_size(file, ec);
    if (!in || ec) return Error{ErrorCode::io, file.string(), "cannot be read", "check that it exists and is readable", {}};
    prepare("PUT", path);
    curl_easy_setopt(handle_.get(), CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(handle_.get(), CURLOPT_READDATA, in.get());
    curl_easy_setopt(handle_.get(), CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(size));
    return perform("application/octet-stream");
  }

 private:
  // Sets all but the body, afresh: the connection and TLS session outlive the reset.
  void prepare(std::string_view method, const std::string& path) {
    CURL* h = handle_.get();
    curl_easy_reset(h);
    curl_easy_setopt(h, CURLOPT_URL, (target_.url + path).c_str());
    curl_easy_setopt(h, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(h, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(h, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(h, CURLOPT_CONNECTTIMEOUT, static_cast<long>(target_.connect_timeout.count()));
    curl_easy_setopt(h, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(h, CURLOPT_LOW_SPEED_TIME, static_cast<long>(target_.silence_timeout.count()));
    curl_easy_setopt(h, CURLOPT_ERRORBUFFER, error_);
    curl_easy_setopt(h, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(h, CURLOPT_USERAGENT, "fabu/" FABU_VERSION);
    if (!target_.socket.empty()) curl_easy_setopt(h, CURLOPT_UNIX_SOCKET_PATH, target_.socket.c_str());
    if (method == "HEAD") curl_easy_setopt(h, CURLOPT_NOBODY, 1L);
    if (method == "DELETE") curl_easy_setopt(h, CURLOPT_CUSTOMREQUEST, "DELETE");
  }

  Result<Answer> perform(const std::string& content_type) {
    std::unique_ptr<curl_slist, HeadersDelete> headers;
    const auto header = [&headers](const std::string& line) {
      headers.reset(curl_slist_append(headers.release(), line.c_str()));
    };
    if (!target_.key.empty()) header("Authorization: Bearer " + target_.key);
    if (!content_type.empty()) header("Content-Type: " + content_type);
    header("Expect:");  // no 100-continue: it costs a round trip and servers may not answer it
    Answer answer;
    error_[0] = 0;
    curl_easy_setopt(handle_.get(), CURLOPT_HTTPHEADER, headers.get());
    curl_easy_setopt(handle_.get(), CURLOPT_WRITEDATA, &answer);
    const CURLcode code = curl_easy_perform(handle_.get());
    if (code != CURLE_OK) return explain(code);
    return read_head(std::move(answer));
  }

  Answer read_head(Answer answer) {
    long status = 0;
    curl_easy_getinfo(handle_.get(), CURLINFO_RESPONSE_CODE, &status);
    answer.status = static_cast<int>(status);
    const char* type = nullptr;
    curl_easy_getinfo(handle_.get(), CURLINFO_CONTENT_TYPE, &type);
    if (type) answer.content_type = type;
    curl_off_t wait = 0;
    curl_easy_getinfo(handle_.get(), CURLINFO_RETRY_AFTER, &wait);
    if (wait > 0) answer.retry_after = std::chrono::seconds(std::min<curl_off_t>(wait, 3600));
    return answer;
  }

  Error explain(CURLcode code) const {
    const std::string why = error_[0] ? error_ : curl_easy_strerror(code);
    const std::string where = target_.socket.empty() ? target_.url : target_.socket;
    switch (code) {
      case CURLE_URL_MALFORMAT:
      case CURLE_UNSUPPORTED_PROTOCOL:
        return {ErrorCode::invalid, where, why, "write the server as http://HOST:PORT or https://HOST", {}};
      case CURLE_PEER_FAILED_VERIFICATION:
      case CURLE_SSL_CACERT_BADFILE:
        return {ErrorCode::forbidden, where, why, "install the certificate of the server's authority on this machine", {}};
      case CURLE_READ_ERROR:
      case CURLE_WRITE_ERROR:
        return {ErrorCode::io, where, why, "see whether the file is readable and the disk has room", {}};
      default:
        return {ErrorCode::unavailable, where, why, "see whether the server runs and the address is right", {}};
    }
  }

  HttpTarget target_;
  FolderHandle folder_;
  std::unique_ptr<CURL, HandleDelete> handle_;
  char error_[CURL_ERROR_SIZE] = {};
};

bool listens(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return false;
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  const bool ok = ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  ::close(fd);
  return ok;
}

}  // namespace

std::unique_ptr<Door> http_door(HttpTarget target) {
  return std::make_unique<HttpDoor>(std::move(target), FolderHandle());
}

Result<std::unique_ptr<Door>> socket_door(const std::filesystem::path& data) {
  FolderHandle folder(data);
  HttpTarget target;
  target.socket = (data / "admin.sock").string();
  if (target.socket.size() >= sizeof(sockaddr_un::sun_path)) target.socket = folder.path() + "/admin.sock";
  target.url = "http://localhost";
  if (!listens(target.socket)) {
    return Error{ErrorCode::not_found, data.string(), "no server runs on this data folder", "start one: fabu serve --data", {}};
  }
  return std::unique_ptr<Door>(std::make_unique<HttpDoor>(std::move(target), std::move(folder)));
}

}  // namespace fabu::cli
