// Attachments by digest: DIR/ab/cdef…, written to DIR/tmp first, synced, then moved into place.
#pragma once

#include <filesystem>
#include <memory>
#include <mutex>

#include "broker/store/store.h"

namespace fabu::store {

// Thread-safe; each writer belongs to one thread at a time.
class AttachmentFolder {
 public:
  explicit AttachmentFolder(std::filesystem::path folder);
  // Makes the folders and removes what unfinished writers left behind.
  Result<void> prepare();
  Result<std::unique_ptr<AttachmentWriter>> write(const Digest&, std::uint64_t max_size);
  Result<std::optional<std::uint64_t>> size(const Digest&) const;
  std::filesystem::path path(const Digest&) const;

 private:
  std::filesystem::path folder_;
  std::shared_ptr<std::mutex> placing_ = std::make_shared<std::mutex>();  // see FileWriter::put_in_place
};

}  // namespace fabu::store
