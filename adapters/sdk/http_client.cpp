#include "adapters/sdk/http_client.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cctype>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>

#include "adapters/sdk/http_address.h"
#include "adapters/sdk/http_failure.h"

namespace fabu::sdk {
namespace asio = boost::asio;

namespace {

using Easy = std::unique_ptr<CURL, decltype(&curl_easy_cleanup)>;

// One transfer while it runs.
struct Transfer {
  HttpLimits limits;
  HttpExtras extras;
  CURL* easy = nullptr;
  std::size_t sunk = 0;  // bytes that the sink took
  HttpAnswer answer;
  std::shared_ptr<std::atomic<bool>> cancelled;
  bool too_large = false;
  bool private_address = false;
  bool sink_refused = false;
};

bool is_good(CURL* easy) {
  long status = 0;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  return status >= 200 && status < 300;
}

std::size_t on_body(char* data, std::size_t, std::size_t bytes, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  if (transfer.answer.body.size() + transfer.sunk + bytes > transfer.limits.max_bytes) {
    transfer.too_large = true;
    return 0;
  }
  if (transfer.extras.sink && is_good(transfer.easy)) {
    transfer.sunk += bytes;
    transfer.sink_refused = !transfer.extras.sink({data, bytes});
    return transfer.sink_refused ? 0 : bytes;
  }
  transfer.answer.body.append(data, bytes);
  return bytes;
}

std::size_t on_header(char* data, std::size_t, std::size_t bytes, void* user) {
  auto& headers = static_cast<Transfer*>(user)->answer.headers;
  const std::string_view line(data, bytes);
  if (line.substr(0, 5) == "HTTP/") {
    headers.clear();  // of a redirect or an interim answer
    return bytes;
  }
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return bytes;
  std::string name(line.substr(0, colon));
  std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const auto first = line.find_first_not_of(" \t", colon + 1);
  const auto last = line.find_last_not_of(" \t\r\n");
  headers[name] = first == std::string_view::npos || last < first ? "" : std::string(line.substr(first, last - first + 1));
  return bytes;
}

int on_progress(void* user, curl_off_t, curl_off_t received, curl_off_t, curl_off_t) {
  auto& transfer = *static_cast<Transfer*>(user);
  if (received > static_cast<curl_off_t>(transfer.limits.max_bytes)) transfer.too_large = true;
  return transfer.too_large || transfer.cancelled->load() ? 1 : 0;
}

// The address is judged where the connection is made, so that no name can change its meaning in between.
curl_socket_t on_open(void* user, curlsocktype, curl_sockaddr* to) {
  auto& transfer = *static_cast<Transfer*>(user);
  if (transfer.limits.public_only) {
    asio::ip::address address;
    if (to->family == AF_INET) {
      sockaddr_in v4{};
      std::memcpy(&v4, &to->addr, std::min<std::size_t>(sizeof(v4), to->addrlen));
      address = asio::ip::address_v4(ntohl(v4.sin_addr.s_addr));
    } else if (to->family == AF_INET6) {
      sockaddr_in6 v6{};
      std::memcpy(&v6, &to->addr, std::min<std::size_t>(sizeof(v6), to->addrlen));
      asio::ip::address_v6::bytes_type bytes;
      std::memcpy(bytes.data(), &v6.sin6_addr, bytes.size());
      address = asio::ip::address_v6(bytes);
    }
    if (!is_public(address)) {
      transfer.private_address = true;
      return CURL_SOCKET_BAD;
    }
  }
  return ::socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

void set_up(CURL* easy, Transfer& transfer, const std::string& url, const std::string& user_agent) {
  curl_easy_setopt(easy, CURLOPT_URL, url.c_str());
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, transfer.limits.redirects > 0 ? 1L : 0L);
  curl_easy_setopt(easy, CURLOPT_MAXREDIRS, transfer.limits.redirects);
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, std::max<long>(1, static_cast<long>(transfer.limits.timeout.count())));
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_USERAGENT, user_agent.c_str());
  curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &transfer);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, &transfer);
  curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, on_progress);
  curl_easy_setopt(easy, CURLOPT_XFERINFODATA, &transfer);
  curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_open);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, &transfer);
  if (!transfer.extras.ca_file.empty()) curl_easy_setopt(easy, CURLOPT_CAINFO, transfer.extras.ca_file.c_str());
  // A proxy would connect in our place, past the guard.
  if (transfer.limits.public_only) curl_easy_setopt(easy, CURLOPT_PROXY, "");
}

// A server was reached and gave no status to speak of.
bool asked_in_vain(CURL* easy) {
  curl_off_t connected = 0;
  long status = 0;
  curl_easy_getinfo(easy, CURLINFO_CONNECT_TIME_T, &connected);
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  return connected > 0 && (status < 300 || status > 399);
}

v1::Failure transport_failure(CURL* easy, CURLcode code, const Transfer& transfer) {
  const std::string what = curl_easy_strerror(code);
  const auto rejected = [&](const char* id, const std::string& words) { return failure(v1::FAILURE_CLASS_REJECTED, id, words); };
  const auto unavailable = [&](const char* id) { return failure(v1::FAILURE_CLASS_UNAVAILABLE, id, what); };
  if (transfer.private_address) return rejected("http.private-address", "the name leads to an address that is not public");
  if (transfer.too_large) {
    return rejected("http.too-large", "the answer exceeds " + std::to_string(transfer.limits.max_bytes) + " bytes");
  }
  if (transfer.sink_refused) return failure(v1::FAILURE_CLASS_RETRY, "http.sink", "the answer could not be kept");
  switch (code) {
    case CURLE_URL_MALFORMAT:
      return rejected("http.url", what);
    case CURLE_UNSUPPORTED_PROTOCOL:  // of the address or a redirect; or a server that does not speak HTTP/1 or newer
      if (asked_in_vain(easy)) return failure(v1::FAILURE_CLASS_RETRY, "http.garbled", "the answer is not HTTP");
      return rejected("http.url", what);
    case CURLE_TOO_MANY_REDIRECTS:
      return rejected("http.redirects", what);
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
      return unavailable("http.dns");
    case CURLE_COULDNT_CONNECT:
      return unavailable("http.connect");
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
      return unavailable("http.tls");
    case CURLE_OPERATION_TIMEDOUT: {
      curl_off_t connected = 0;
      curl_easy_getinfo(easy, CURLINFO_CONNECT_TIME_T, &connected);
      return connected == 0 ? unavailable("http.connect") : failure(v1::FAILURE_CLASS_RETRY, "http.timeout", what);
    }
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
      return failure(v1::FAILURE_CLASS_RETRY, "http.cut-short", what);
    case CURLE_ABORTED_BY_CALLBACK:
      return failure(v1::FAILURE_CLASS_RETRY, "http.cancelled", "cancelled");
    default:
      return failure(v1::FAILURE_CLASS_RETRY, "http.garbled", what);
  }
}

using Headers = std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)>;

Headers header_list(const std::vector<std::string>& lines) {
  Headers list(nullptr, &curl_slist_free_all);
  for (const auto& line : lines) {
    auto* const longer = curl_slist_append(list.get(), line.c_str());
    (void)list.release();
    list.reset(longer);
  }
  return list;
}

Outcome<HttpAnswer> perform(const std::string& url, const HttpLimits& limits, HttpExtras extras, const std::string& user_agent,
                            std::shared_ptr<std::atomic<bool>> cancelled) {
  static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);  // once, before any other call
  const Easy easy(ready == CURLE_OK ? curl_easy_init() : nullptr, &curl_easy_cleanup);
  if (!easy) return failure(v1::FAILURE_CLASS_RETRY, "http.client", "libcurl could not be set up");
  Transfer transfer;
  transfer.limits = limits;
  transfer.extras = std::move(extras);
  transfer.easy = easy.get();
  transfer.cancelled = std::move(cancelled);
  const auto headers = header_list(transfer.extras.headers);
  set_up(easy.get(), transfer, url, user_agent);
  if (headers) curl_easy_setopt(easy.get(), CURLOPT_HTTPHEADER, headers.get());
  const CURLcode code = curl_easy_perform(easy.get());
  if (code != CURLE_OK) return transport_failure(easy.get(), code, transfer);
  curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &transfer.answer.status);
  const char* last = nullptr;
  curl_easy_getinfo(easy.get(), CURLINFO_EFFECTIVE_URL, &last);
  if (last != nullptr) transfer.answer.url = last;
  return std::move(transfer.answer);
}

}  // namespace

asio::awaitable<Outcome<HttpAnswer>> HttpClient::exchange(std::string url, HttpLimits limits, HttpExtras extras) {
  const auto begin = [this, &url, &limits, &extras](auto handler) {
    auto cancelled = std::make_shared<std::atomic<bool>>(false);
    auto slot = asio::get_associated_cancellation_slot(handler);
    if (slot.is_connected()) slot.assign([cancelled](asio::cancellation_type) { cancelled->store(true); });
    auto work = asio::make_work_guard(asio::get_associated_executor(handler));
    auto job = [url, limits, extras, agent = user_agent_, cancelled, handler = std::move(handler),
                work = std::move(work)]() mutable {
      Outcome<HttpAnswer> outcome = perform(url, limits, std::move(extras), agent, cancelled);
      const auto executor = work.get_executor();
      asio::post(executor, [handler = std::move(handler), work = std::move(work), outcome = std::move(outcome)]() mutable {
        auto own = asio::get_associated_cancellation_slot(handler);
        if (own.is_connected()) own.clear();
        std::move(handler)(std::move(outcome));
      });
    };
    asio::post(pool_, std::move(job));
  };
  co_return co_await asio::async_initiate<const asio::use_awaitable_t<>, void(Outcome<HttpAnswer>)>(begin, asio::use_awaitable);
}

asio::awaitable<Outcome<HttpAnswer>> HttpClient::get(std::string url, HttpLimits limits, HttpExtras extras) {
  Outcome<HttpAnswer> outcome = co_await exchange(std::move(url), limits, std::move(extras));
  if (!outcome) co_return outcome;
  const auto retry_after = outcome->headers.find("retry-after");
  const std::string after = retry_after == outcome->headers.end() ? std::string{} : retry_after->second;
  auto failed = http_failure(outcome->status, after, clock_.now());
  if (failed) co_return std::move(*failed);
  co_return outcome;
}

}  // namespace fabu::sdk
