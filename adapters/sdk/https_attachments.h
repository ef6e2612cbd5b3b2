// Attachments for adapters that are not on the broker's machine: fetched over the broker's API once, kept in a bounded folder.
#pragma once

#include <boost/asio/thread_pool.hpp>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "adapters/sdk/attachments.h"
#include "adapters/sdk/http_client.h"
#include "proto/fabu/time.h"

namespace fabu::sdk {

class AttachmentCache;

struct HttpsAttachmentsOptions {
  std::string broker;                          // http(s)://HOST[:PORT][/PREFIX], no slash at the end
  std::string key;                             // an API key with any scope; `read` is the least of them
  std::filesystem::path ca_file;               // empty = the system's authorities
  std::filesystem::path folder;                // made when missing; for this process alone
  std::uint64_t most_bytes = 2ULL << 30;       // in the folder; what was not used for longest goes first
  std::uint64_t largest = 100ULL << 20;        // of one file
  std::chrono::milliseconds timeout{300'000};  // for one file
};

// Thread-safe. Bytes are believed once their digest was computed: as they come, and again for files of an earlier process. A file
// that was just fetched is not removed while `most_bytes` hold it and what was fetched after it.
// Failures: 401 and 403 are unauthorized; 404 is rejected; 503 and a broker that cannot be reached are unavailable, which costs
// no try; other 5xx, time limits and bytes that are not those asked for are to be tried again.
class HttpsAttachments final : public AttachmentSource {
 public:
  // Throws std::filesystem::filesystem_error when the folder cannot be made. The pool outlives every fetch.
  HttpsAttachments(HttpsAttachmentsOptions, boost::asio::thread_pool&, const Clock&);
  ~HttpsAttachments() override;

  boost::asio::awaitable<Outcome<std::filesystem::path>> fetch(Digest digest) override;

 private:
  boost::asio::awaitable<Outcome<std::filesystem::path>> download(Digest digest);

  const HttpsAttachmentsOptions options_;
  boost::asio::thread_pool& pool_;
  HttpClient http_;
  std::unique_ptr<AttachmentCache> cache_;
};

}  // namespace fabu::sdk
