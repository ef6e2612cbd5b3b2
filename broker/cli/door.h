// A door to a broker's API: over the network with a key, over the Unix socket of a data folder, or, when no server runs on
// that folder, within this process. Verbs speak HTTP's words whichever it is.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "broker/domain/result.h"

namespace fabu::cli {

struct Answer {
  int status = 0;
  std::string body;
  std::string content_type;
  std::optional<std::chrono::seconds> retry_after;  // from Retry-After, at most an hour

  bool ok() const { return status >= 200 && status < 300; }
};

// Not thread-safe: one thread, one door.
class Door {
 public:
  virtual ~Door() = default;
  // `path` is percent-encoded already and begins with '/'. An error means that no answer came: unavailable when the other
  // side cannot be reached or fell silent (whether it acted is unknown), io for a fault on this side.
  virtual Result<Answer> call(std::string_view method, const std::string& path, std::string body = {},
                              std::string content_type = {}) = 0;
  // PUT of a file's bytes; doors that can, stream it.
  virtual Result<Answer> put_file(const std::string& path, const std::filesystem::path& file);
};

struct HttpTarget {
  std::string url;     // http(s)://host:port[/prefix]
  std::string key;     // empty: no Authorization header
  std::string socket;  // path of a Unix socket; `url` then only names the host
  std::chrono::seconds connect_timeout{10};
  std::chrono::seconds silence_timeout{60};  // longest wait without a byte
};

// A door over HTTP with libcurl: keep-alive, TLS verified against the system's authorities, proxies from the environment.
// Never follows redirects, so a key is never carried to another host.
std::unique_ptr<Door> http_door(HttpTarget target);

// A door through DATA/admin.sock; not_found when no server listens there. The data folder's owner needs no key.
Result<std::unique_ptr<Door>> socket_door(const std::filesystem::path& data);

// How a door into a data folder is opened when no server runs on it. The wiring of `fabu serve` provides it.
using OpenInProcess = std::function<Result<std::unique_ptr<Door>>(const std::filesystem::path& data)>;

// "a/b c" → "a%2Fb%20c": everything but the unreserved characters of RFC 3986.
std::string percent_encode(std::string_view text);

}  // namespace fabu::cli
