// Attachments: bytes that come before the item that names them, by digest. Streamed to disk, never held.
#include <fcntl.h>

#include <nlohmann/json.hpp>
#include <optional>

#include "broker/audit/records.h"
#include "broker/flow/commit.h"
#include "broker/flow/off_thread.h"
#include "broker/http/api_parts.h"
#include "broker/http/archive_guard.h"
#include "broker/http/file_body.h"
#include "broker/http/spool_file.h"

namespace fabu::http {
namespace asio = boost::asio;

namespace {

Result<Digest> digest_of(const Request& request) {
  const auto digest = Digest::from_hex(request.parameter("sha256"));
  if (digest) return *digest;
  return Error{ErrorCode::malformed,
               "sha256",
               "The address does not end in a SHA-256 digest.",
               "Write it as 64 lower-case hex digits.",
               {}};
}

// Where the bytes go while they come: to the store, and beside it, if they look like an archive, to where it can be unpacked and
// counted. Everything but construction blocks, and runs on the pool.
class Upload {
 public:
  Upload(std::unique_ptr<store::AttachmentWriter> writer) : writer_(std::move(writer)) {}

  Result<void> append(std::string_view bytes) {
    if (!judged_) {
      begin_.append(bytes);
      if (begin_.size() < 4) return {};
      bytes = begin_;
    }
    auto good = take(bytes);
    begin_.clear();
    return good;
  }
  Result<std::uint64_t> finish() {
    if (!judged_) {
      if (auto good = take(begin_); !good) return good.error();
    }
    if (copy_) {
      if (auto flushed = copy_->flush(); !flushed) return flushed.error();
      if (auto good = check_archive(copy_->path()); !good) return good.error();
    }
    return writer_->finish();
  }

 private:
  Result<void> take(std::string_view bytes) {
    if (!judged_ && is_archive(bytes)) {
      auto made = SpoolFile::make(std::filesystem::temp_directory_path());
      if (!made) return made.error();
      copy_ = std::move(*made);
    }
    judged_ = true;
    if (copy_) {
      if (auto good = copy_->append(bytes); !good) return good;
    }
    return writer_->append(bytes);
  }

  std::unique_ptr<store::AttachmentWriter> writer_;
  std::optional<SpoolFile> copy_;
  std::string begin_;  // the first bytes, until there are enough to judge by
  bool judged_ = false;
};

Response stored(int status, const Digest& digest, std::uint64_t size) {
  const nlohmann::ordered_json json{{"sha256", digest.hex()}, {"size", std::to_string(size)}};
  return text_response(status, "application/json", json.dump()).set("Location", "/v1/attachments/" + digest.hex());
}

// All of a body that is not wanted, so that the connection can go on.
asio::awaitable<Result<void>> read_off(std::shared_ptr<BodySource> body) {
  for (;;) {
    const auto piece = co_await body->read();
    if (!piece) co_return piece.error();
    if (piece->empty()) co_return Result<void>();
  }
}

asio::awaitable<Result<std::uint64_t>> receive(ApiPtr api, Digest digest, std::shared_ptr<BodySource> body) {
  auto& pool = api->deps.pool;
  auto open = [&deps = api->deps, digest] { return deps.store.write_attachment(digest, deps.max_attachment); };
  auto writer = co_await flow::off_thread(pool, open);
  if (!writer) co_return writer.error();
  const auto upload = std::make_shared<Upload>(std::move(*writer));
  for (;;) {
    const auto piece = co_await body->read();
    if (!piece) co_return piece.error();
    if (piece->empty()) break;
    const std::string_view bytes = *piece;
    auto append = [upload, bytes] { return upload->append(bytes); };
    const auto taken = co_await flow::off_thread(pool, append);
    if (!taken) co_return taken.error();
  }
  auto finish = [upload] { return upload->finish(); };
  co_return co_await flow::off_thread(pool, finish);
}

asio::awaitable<Response> put(ApiPtr api, Request request) {
  const auto digest = digest_of(request);
  if (!digest) co_return refusal(request, digest.error());
  auto look = [&deps = api->deps, d = *digest] { return deps.store.attachment_size(d); };
  const auto there = co_await flow::off_thread(api->deps.pool, look);
  if (!there) co_return refusal(request, there.error());
  if (*there) {
    const auto read = co_await read_off(request.stream);
    if (!read) co_return refusal(request, read.error());
    co_return stored(200, *digest, **there);
  }
  const auto size = co_await receive(api, *digest, request.stream);
  if (!size) co_return refusal(request, size.error());
  auto draft = audit::attachment_stored(request.caller, *digest);
  auto queue = [&](store::Done<std::uint64_t> done) {
    api->deps.store.record(std::move(draft), api->deps.clock.now(), std::move(done));
  };
  const auto recorded = co_await flow::committed<std::uint64_t>(queue);
  if (!recorded) co_return refusal(request, recorded.error());
  co_return stored(201, *digest, *size);
}

// Blocks.
Response file_of(Api& api, const Request& request, const Digest& digest) {
  const auto path = api.deps.store.attachment_path(digest);
  if (!path) return refusal(request, path.error());
  const auto size = api.deps.store.attachment_size(digest);
  FileHandle file(::open(path->c_str(), O_RDONLY | O_CLOEXEC));
  const Error unreadable{ErrorCode::io, "attachment", "The stored file cannot be read.", "See the server's disk.", {}};
  if (!size || !*size || !file) return refusal(request, unreadable);
  auto response = text_response(200, "application/octet-stream", "");
  response.set("Content-Disposition", "attachment; filename=\"" + digest.hex() + "\"")
      .set("Cache-Control", "private, max-age=31536000, immutable");
  response.set("ETag", "\"" + digest.hex() + "\"");
  if (!set_file_body(response, std::move(file), {0, **size}, api.deps.pool)) return refusal(request, unreadable);
  return response;
}

asio::awaitable<Response> get(ApiPtr api, Request request) {
  const auto digest = digest_of(request);
  if (!digest) co_return refusal(request, digest.error());
  auto open = [&api, &request, d = *digest] { return file_of(*api, request, d); };
  co_return co_await flow::off_thread(api->deps.pool, open);
}

}  // namespace

void add_attachments(Router& router, const ApiPtr& api) {
  const auto holders = Access::any(Scope::submit, Scope::read, Scope::operate, Scope::audit, Scope::review, Scope::admin);
  router.add({"attachments.put",
              "PUT",
              "/v1/attachments/{sha256}",
              "Store a file under its digest, before the item that names it",
              {"*/*"},
              {"application/json"},
              Access::any(Scope::submit),
              api->deps.max_attachment,
              true,
              bound(api, put)});
  router.add({"attachments.get",
              "GET",
              "/v1/attachments/{sha256}",
              "A stored file; HEAD asks whether it is there",
              {},
              {"application/octet-stream"},
              holders,
              0,
              false,
              bound(api, get)});
}

}  // namespace fabu::http
