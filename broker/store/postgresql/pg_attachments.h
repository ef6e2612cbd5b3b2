// Attachments by digest. The database knows which there are; their bytes lie in it, in pieces, or in a bucket where one was given
// when they were stored. A folder holds copies of those that were asked for here.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>

#include "broker/store/attachments/attachment_folder.h"
#include "broker/store/postgresql/pool.h"
#include "broker/store/s3/s3_bucket.h"

namespace fabu::store::pg {

// Thread-safe. The pool must outlive it.
class PgAttachments {
 public:
  PgAttachments(Pool& pool, const std::filesystem::path& copies, const std::optional<S3Options>& s3 = std::nullopt)
      : pool_(pool), copies_(copies) {
    if (s3) bucket_.emplace(*s3);
  }
  Result<void> prepare() { return copies_.prepare(); }
  Result<std::unique_ptr<AttachmentWriter>> write(const Digest&, std::uint64_t max_size);
  // Puts a copy that lies in the folder into the database. Gives its size.
  Result<std::uint64_t> store_copy(const Digest&);
  Result<std::optional<std::uint64_t>> size(const Digest&);
  // The copy, made now if need be; not_found.
  Result<std::string> path(const Digest&);

 private:
  friend class PgAttachmentWriter;
  Result<std::uint64_t> store(const Digest&, std::uint64_t size);
  Result<void> copy(const Digest&, std::uint64_t size);
  Result<std::string> piece(const Digest&, std::int64_t place);

  Pool& pool_;
  AttachmentFolder copies_;
  std::optional<S3Bucket> bucket_;
};

}  // namespace fabu::store::pg
