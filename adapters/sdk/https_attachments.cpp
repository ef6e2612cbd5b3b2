#include "adapters/sdk/https_attachments.h"

#include <utility>

#include "adapters/sdk/attachment_cache.h"
#include "adapters/sdk/pool.h"

namespace fabu::sdk {
namespace asio = boost::asio;

HttpsAttachments::HttpsAttachments(HttpsAttachmentsOptions options, asio::thread_pool& pool, const Clock& clock)
    : options_(std::move(options)),
      pool_(pool),
      http_(pool, clock),
      cache_(std::make_unique<AttachmentCache>(options_.folder, options_.most_bytes)) {}

HttpsAttachments::~HttpsAttachments() = default;

asio::awaitable<Outcome<std::filesystem::path>> HttpsAttachments::fetch(Digest digest) {
  auto look = [this, digest] { return cache_->find(digest); };
  auto here = co_await on_pool(pool_, look);
  if (here) co_return std::move(*here);
  co_return co_await download(digest);
}

asio::awaitable<Outcome<std::filesystem::path>> HttpsAttachments::download(Digest digest) {
  const auto file = std::make_shared<CachedFile>(cache_->temporary());
  HttpLimits limits;
  limits.timeout = options_.timeout;
  limits.max_bytes = options_.largest;
  HttpExtras extras;
  extras.headers = {"Authorization: Bearer " + options_.key, "Accept: application/octet-stream"};
  extras.ca_file = options_.ca_file;
  extras.sink = [file](std::string_view bytes) { return file->append(bytes); };
  auto answer = co_await http_.get(options_.broker + "/v1/attachments/" + digest.hex(), limits, std::move(extras));
  if (!answer) {
    auto failed = answer.error();
    failed.set_message("attachment " + digest.hex() + ": " + failed.message());
    co_return failed;
  }
  auto keep = [this, file, digest]() -> Outcome<std::filesystem::path> {
    const auto got = file->finish();
    if (got && *got != digest)
      return failure(v1::FAILURE_CLASS_RETRY, "attachment.other-bytes", "the broker sent other bytes than " + digest.hex());
    auto kept = got ? cache_->keep(*file, digest) : std::nullopt;
    if (!kept) return failure(v1::FAILURE_CLASS_RETRY, "attachment.not-kept", options_.folder.string() + " cannot be written");
    return std::move(*kept);
  };
  co_return co_await on_pool(pool_, keep);
}

}  // namespace fabu::sdk
