// Attachments in a bucket of S3-compatible storage: an object for each, named by its digest, which is also what the request is
// signed over, so that the storage itself refuses other bytes. Requests are signed with AWS Signature Version 4 by libcurl.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "broker/domain/result.h"
#include "broker/store/store.h"
#include "proto/fabu/digest.h"

namespace fabu::store {

struct S3Options {
  std::string endpoint;  // "https://s3.example.gov.cn"; the bucket is the first part of the path
  std::string region;
  std::string bucket;
  std::string access_key, secret_key;
  std::string ca_file;  // empty: the system's
  unsigned attempts = 4;
};

// Thread-safe. Blocks: at most some seconds while nothing moves, and between attempts. What the storage may do better later (a
// connection that fails, 429, 5xx) is tried again, with growing pauses.
class S3Bucket {
 public:
  explicit S3Bucket(S3Options options);

  // Stores a file that has this digest. Storing what is there already succeeds.
  Result<void> put(const Digest&, const std::filesystem::path& file, std::uint64_t size) const;
  // Appends the object's bytes to what `fresh` makes, which bounds them, and finishes it, which checks the digest. A new one is
  // made for each attempt. Fails (corrupt) when the storage has other bytes under this name, or none.
  using Fresh = std::function<Result<std::unique_ptr<AttachmentWriter>>()>;
  Result<void> get(const Digest&, const Fresh& fresh) const;

 private:
  struct Request;
  enum class Outcome { done, again, failed };
  Outcome perform(Request&) const;
  template <typename Attempt>
  Result<void> insist(const Digest&, Attempt attempt) const;

  const S3Options options_;
};

}  // namespace fabu::store
