// Attachments for adapters on the same machine: the store's own files.
#pragma once

#include "adapters/sdk/attachments.h"
#include "broker/store/store.h"

namespace fabu::cli {

class LocalAttachments final : public sdk::AttachmentSource {
 public:
  explicit LocalAttachments(store::Store& store) : store_(store) {}

  boost::asio::awaitable<sdk::Outcome<std::filesystem::path>> fetch(Digest digest) override {
    auto path = store_.attachment_path(digest);
    if (path) co_return std::filesystem::path(*path);
    const bool missing = path.error().code == ErrorCode::not_found;
    co_return sdk::failure(missing ? v1::FAILURE_CLASS_REJECTED : v1::FAILURE_CLASS_RETRY,
                           missing ? "attachment.missing" : "attachment.unreadable", path.error().what);
  }

 private:
  store::Store& store_;
};

}  // namespace fabu::cli
