#include "broker/http/site.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "broker/flow/off_thread.h"
#include "broker/http/file_body.h"
#include "broker/http/media.h"
#include "broker/http/response_head.h"
#include "broker/http/target.h"

namespace fabu::http {
namespace asio = boost::asio;

namespace {

// What a path leads to.
struct Found {
  FileHandle file{-1};
  struct stat facts {};
  std::string name;     // of the file
  bool folder = false;  // the path names a folder without its slash
  bool gone = false;    // below an item that was withdrawn
  explicit operator bool() const { return static_cast<bool>(file); }
};

bool is_public(const std::string& segment) {
  return !segment.empty() && segment.front() != '.' && segment.size() <= 255 && segment.find('/') == std::string::npos &&
         segment.find('\\') == std::string::npos;
}

// Decoded segments; nothing when one of them no file of the site can have. A final empty one stands for the folder's page.
std::optional<std::vector<std::string>> segments_of(const std::string& path) {
  std::vector<std::string> segments;
  const auto encoded = path_segments(path);
  if (encoded.size() > 16) return std::nullopt;
  for (std::size_t i = 0; i < encoded.size(); ++i) {
    auto segment = percent_decode(encoded[i]);
    if (!segment) return std::nullopt;
    if (i + 1 == encoded.size() && segment->empty()) *segment = "index.html";
    if (!is_public(*segment)) return std::nullopt;
    segments.push_back(std::move(*segment));
  }
  return segments;
}

int open_below(int folder, const std::string& name) {
  return ::openat(folder, name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
}

Found look(const std::filesystem::path& root, const std::vector<std::string>& segments) {
  Found found;
  FileHandle at(::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  for (std::size_t i = 0; i < segments.size() && at; ++i) {
    FileHandle next(open_below(at.get(), segments[i]));
    if (i == 1 && segments[0] == "items" && next) found.gone = ::faccessat(next.get(), ".gone", F_OK, AT_SYMLINK_NOFOLLOW) == 0;
    at = std::move(next);
  }
  if (!at || ::fstat(at.get(), &found.facts) != 0) return found;
  found.folder = S_ISDIR(found.facts.st_mode);
  if (found.folder || S_ISREG(found.facts.st_mode)) found.file = std::move(at);
  found.name = segments.back();
  return found;
}

std::string etag_of(const struct stat& facts) {
  return fmt::format("\"{:x}-{:x}-{:x}\"", facts.st_mtim.tv_sec, facts.st_mtim.tv_nsec, facts.st_size);
}

// Whether the client has this very file already (RFC 9110 section 13.2.2).
bool unchanged(const Request& request, const std::string& etag, const std::string& modified) {
  const auto tags = request.header("If-None-Match");
  if (!tags.empty()) return tags == "*" || tags.find(etag) != std::string_view::npos;
  return request.header("If-Modified-Since") == modified;
}

bool is_attachment(const std::vector<std::string>& segments) {
  return segments.size() > 3 && segments[0] == "items" && segments[segments.size() - 2] == "attachments";
}

// Attachments are what departments upload: shown by browsers only when they cannot run script, else downloaded.
void add_attachment_headers(Response& response, const std::string& name) {
  static constexpr std::array<std::string_view, 4> kShown{"application/pdf", "image/png", "image/jpeg",
                                                          "text/plain; charset=utf-8"};
  const auto type = file_media_type(name);
  const bool script_free = std::find(kShown.begin(), kShown.end(), type) != kShown.end();
  const bool runs = type.starts_with("text/html") || type.starts_with("image/svg") || type.starts_with("application/xml") ||
                    type.starts_with("text/javascript");
  response.content_type = runs ? "application/octet-stream" : std::string(type);
  response.set("Content-Disposition",
               std::string(script_free ? "inline" : "attachment") + "; filename*=UTF-8''" + percent_encode(name));
  // Browsers' own viewers need styles and objects; scripts stay off.
  response.set("Content-Security-Policy",
               "default-src 'self'; script-src 'none'; style-src 'self' 'unsafe-inline'; frame-ancestors 'self'");
}

Response moved(const Request& request) {
  const auto question = request.target.find('?');
  Response response = text_response(301, "", "");
  response.set("Location", request.path + "/" + (question == std::string::npos ? "" : request.target.substr(question)));
  return response;
}

// The part that is asked for, with its headers; nothing when the file does not have it (the response then says so).
std::optional<ByteRange> part_of(const Request& request, Response& response, std::uint64_t size) {
  response.set("Accept-Ranges", "bytes");
  const auto range =
      response.status == 200 && request.header("If-Range").empty() ? range_of(request.header("Range"), size) : std::nullopt;
  if (!range) return ByteRange{0, size};
  if (range->length == 0) {
    response.status = 416;
    response.set("Content-Range", "bytes */" + std::to_string(size));
    return std::nullopt;
  }
  response.status = 206;
  response.set("Content-Range", fmt::format("bytes {}-{}/{}", range->first, range->first + range->length - 1, size));
  return range;
}

}  // namespace

void add_site_headers(Response& response) {
  if (response.header("Content-Security-Policy").empty()) {
    response.set("Content-Security-Policy",
                 "default-src 'none'; style-src 'self'; img-src 'self' data:; font-src 'self'; form-action 'self'; base-uri "
                 "'none'; frame-ancestors 'none'");
    response.set("X-Frame-Options", "DENY");
  }
  response.set("Referrer-Policy", "strict-origin-when-cross-origin");
  response.set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()");
}

Site::Site(std::filesystem::path folder, asio::thread_pool& pool) : folder_(std::move(folder)), pool_(pool) {}

asio::awaitable<Response> Site::answer(Request request) {
  auto work = [this, &request] { return read(request); };
  auto response = co_await flow::off_thread(pool_, work);
  add_site_headers(response);
  co_return response;
}

Response Site::read(const Request& request) const {
  const auto segments = segments_of(request.path);
  Found found = segments ? look(folder_, *segments) : Found{};
  if (found && found.folder) return moved(request);
  Response response;
  const bool attachment = found && is_attachment(*segments);
  if (found.gone) {
    response.status = 410;
    if (!found) found = look(folder_, {"items", (*segments)[1], "index.html"});
  } else if (!found) {
    response.status = 404;
    found = look(folder_, {"404.html"});
  }
  if (!found || found.folder)
    return text_response(response.status, "text/plain; charset=utf-8",
                         response.status == 410 ? "已撤回 Gone\n" : "未找到 Not found\n");
  response.content_type = file_media_type(found.name);
  if (attachment) add_attachment_headers(response, found.name);
  const bool fixed = segments && (*segments)[0] == "static";
  response.set("Cache-Control", fixed ? "public, max-age=3600" : "no-cache");
  if (response.status == 200) {
    const auto etag = etag_of(found.facts);
    const auto modified = http_date(std::chrono::system_clock::from_time_t(found.facts.st_mtim.tv_sec));
    response.set("ETag", etag);
    response.set("Last-Modified", modified);
    if (unchanged(request, etag, modified)) {
      response.status = 304;
      response.content_type.clear();
      return response;
    }
  }
  const auto part = part_of(request, response, static_cast<std::uint64_t>(found.facts.st_size));
  if (!part) return response;
  if (!set_file_body(response, std::move(found.file), *part, pool_))
    return text_response(500, "text/plain; charset=utf-8", "The file cannot be read.\n");
  return response;
}

}  // namespace fabu::http
