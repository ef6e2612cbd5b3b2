#include "peers/s3/s3_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/hmac.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <optional>
#include <sstream>
#include <stdexcept>

#include "proto/fabu/digest.h"

namespace fabu::peers {

struct S3Server::Request {
  std::string method, target, body;
  std::map<std::string, std::string> headers;  // names in lower case
  std::string header(const std::string& name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? std::string() : found->second;
  }
};

namespace {

std::string hmac(const std::string& key, const std::string& text) {
  std::array<unsigned char, 32> out{};
  unsigned size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char*>(text.data()), text.size(),
       out.data(), &size);
  return {reinterpret_cast<const char*>(out.data()), out.size()};
}

std::string between(const std::string& text, const std::string& before, const std::string& after) {
  const auto begin = text.find(before);
  if (begin == std::string::npos) return {};
  const auto end = text.find(after, begin + before.size());
  return text.substr(begin + before.size(), end == std::string::npos ? end : end - begin - before.size());
}

std::vector<std::string> parts(const std::string& text, char separator) {
  std::vector<std::string> all;
  std::istringstream in(text);
  for (std::string part; std::getline(in, part, separator);) all.push_back(part);
  return all;
}

void send_all(int to, const std::string& bytes) {
  for (std::size_t sent = 0; sent < bytes.size();) {
    const auto piece = ::send(to, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (piece <= 0) return;
    sent += static_cast<std::size_t>(piece);
  }
}

bool receive(int from, std::string& bytes) {
  std::array<char, 65536> piece;
  const auto got = ::recv(from, piece.data(), piece.size(), 0);
  if (got > 0) bytes.append(piece.data(), static_cast<std::size_t>(got));
  return got > 0;
}

}  // namespace

S3Server::S3Server() : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (::bind(listener_, reinterpret_cast<const sockaddr*>(&address), size) != 0 || ::listen(listener_, 16) != 0)
    throw std::runtime_error("no object storage");
  ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { serve(); });
}

S3Server::~S3Server() {
  over_ = true;
  thread_.join();
  ::close(listener_);
}

void S3Server::misbehave(Fault fault, int times) {
  const std::lock_guard lock(mutex_);
  fault_ = fault;
  faults_ = times;
}

std::map<std::string, std::string> S3Server::objects() {
  const std::lock_guard lock(mutex_);
  return objects_;
}

void S3Server::overwrite(const std::string& key, const std::string& bytes) {
  const std::lock_guard lock(mutex_);
  objects_[key] = bytes;
}

void S3Server::lose(const std::string& key) {
  const std::lock_guard lock(mutex_);
  objects_.erase(key);
}

std::vector<std::string> S3Server::requests() {
  const std::lock_guard lock(mutex_);
  return requests_;
}

void S3Server::serve() {
  while (!over_) {
    pollfd waiting{listener_, POLLIN, 0};
    if (::poll(&waiting, 1, 20) <= 0) continue;
    const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0) continue;
    answer(client);
    ::close(client);
  }
}

// One request a connection.
void S3Server::answer(int client) {
  std::string bytes;
  std::size_t head = std::string::npos;
  while ((head = bytes.find("\r\n\r\n")) == std::string::npos) {
    if (!receive(client, bytes)) return;
  }
  Request request;
  auto lines = parts(bytes.substr(0, head), '\n');
  for (auto& line : lines) {
    if (line.ends_with('\r')) line.pop_back();
  }
  const auto first = parts(lines.at(0), ' ');
  request.method = first.at(0);
  request.target = first.at(1);
  for (std::size_t i = 1; i < lines.size(); ++i) {
    std::string name = lines[i].substr(0, lines[i].find(':'));
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    const auto value = lines[i].find_first_not_of(' ', name.size() + 1);
    request.headers[name] = value == std::string::npos ? std::string() : lines[i].substr(value);
  }
  request.body = bytes.substr(head + 4);
  const auto length = request.header("content-length");
  while (!length.empty() && request.body.size() < std::stoul(length)) {
    if (!receive(client, request.body)) return;
  }
  const auto answer = decide(request);
  if (answer.fault == Fault::hang_up) return;
  const auto body = answer.status == 200 ? answer.body : "<?xml version=\"1.0\"?><Error><Code>" + answer.code + "</Code></Error>";
  send_all(client, "HTTP/1.1 " + std::to_string(answer.status) + " .\r\nContent-Length: " + std::to_string(body.size()) +
                       "\r\nConnection: close\r\n\r\n" +
                       (answer.fault == Fault::cut_body ? body.substr(0, body.size() / 2) : body));
}

S3Server::Answer S3Server::decide(const Request& request) {
  const std::lock_guard lock(mutex_);
  Answer answer;
  if (faults_ > 0) {
    --faults_;
    answer.fault = fault_;
  }
  const std::string prefix = std::string("/") + kBucket + "/";
  const auto key = request.target.starts_with(prefix) ? request.target.substr(prefix.size()) : std::string();
  const auto found = objects_.find(key);
  if (const auto code = refusal(request); !code.empty()) {
    answer = {403, code, {}, Fault::none};
  } else if (key.empty() || key.find_first_not_of("0123456789abcdef") != std::string::npos) {
    answer = {404, "NoSuchBucket", {}, Fault::none};
  } else if (answer.fault == Fault::slow_down || answer.fault == Fault::internal_error) {
    answer.status = answer.fault == Fault::slow_down ? 503 : 500;
    answer.code = answer.fault == Fault::slow_down ? "SlowDown" : "InternalError";
  } else if (request.method == "PUT") {
    if (answer.fault == Fault::none) objects_[key] = request.body;
  } else if (request.method != "GET") {
    answer = {405, "MethodNotAllowed", {}, Fault::none};
  } else if (found == objects_.end()) {
    answer = {404, "NoSuchKey", {}, Fault::none};
  } else {
    answer.body = found->second;
    if (answer.fault == Fault::wrong_bytes) answer.body[0] ^= 1;
    if (answer.fault == Fault::too_many_bytes) answer.body += answer.body;
  }
  requests_.push_back(request.method + " " + std::to_string(answer.status));
  return answer;
}

// Amazon S3 API reference, "Authenticating Requests: Using the Authorization Header". Empty: it is signed as it must be.
std::string S3Server::refusal(const Request& request) {
  const auto authorization = request.header("authorization"), time = request.header("x-amz-date");
  const auto payload = request.header("x-amz-content-sha256");
  if (!authorization.starts_with("AWS4-HMAC-SHA256 ")) return "AccessDenied";
  std::tm parsed{};
  if (::strptime(time.c_str(), "%Y%m%dT%H%M%SZ", &parsed) == nullptr) return "AccessDenied";
  if (std::abs(std::difftime(::timegm(&parsed), std::time(nullptr))) > 15 * 60) return "RequestTimeTooSkewed";
  if (payload != sha256(request.body).hex()) return "XAmzContentSHA256Mismatch";
  const std::string scope = time.substr(0, 8) + "/" + kRegion + "/s3/aws4_request";
  if (between(authorization, "Credential=", ",") != std::string(kAccessKey) + "/" + scope) return "InvalidAccessKeyId";
  const auto signed_headers = between(authorization, "SignedHeaders=", ",");
  const auto names = parts(signed_headers, ';');
  for (const char* needed : {"host", "x-amz-content-sha256", "x-amz-date"}) {
    if (std::find(names.begin(), names.end(), needed) == names.end()) return "AccessDenied";
  }
  std::string canonical = request.method + "\n" + request.target + "\n\n";
  for (const auto& name : names) canonical += name + ":" + request.header(name) + "\n";
  canonical += "\n" + signed_headers + "\n" + payload;
  const std::string to_sign = "AWS4-HMAC-SHA256\n" + time + "\n" + scope + "\n" + sha256(canonical).hex();
  std::string key = std::string("AWS4") + kSecretKey;
  for (const auto& part : parts(scope, '/')) key = hmac(key, part);
  const auto signature = Digest::from_raw(hmac(key, to_sign)).value().hex();
  return between(authorization, "Signature=", ",") == signature ? std::string() : "SignatureDoesNotMatch";
}

}  // namespace fabu::peers
