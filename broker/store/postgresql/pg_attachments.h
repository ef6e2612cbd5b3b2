// Attachments in the database, by digest, in pieces; a folder holds copies of those that were asked for here.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>

#include "broker/store/attachments/attachment_folder.h"
#include "broker/store/postgresql/pool.h"

namespace fabu::store::pg {

// Thread-safe. The pool must outlive it.
class PgAttachments {
 public:
  PgAttachments(Pool& pool, const std::filesystem::path& copies) : pool_(pool), copies_(copies) {}
  Result<void> prepare() { return copies_.prepare(); }
  Result<std::unique_ptr<AttachmentWriter>> write(const Digest&, std::uint64_t max_size);
  // Puts a copy that lies in the folder into the database. Gives its size.
  Result<std::uint64_t> store_copy(const Digest&);
  Result<std::optional<std::uint64_t>> size(const Digest&);
  // The copy, made now if need be; not_found.
  Result<std::string> path(const Digest&);

 private:
  Result<void> copy(const Digest&, std::uint64_t size);

  Pool& pool_;
  AttachmentFolder copies_;
};

}  // namespace fabu::store::pg
