// Where an adapter gets the bytes of attachments: the broker's store when they share a machine, its HTTP API otherwise.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <filesystem>

#include "adapters/sdk/channel.h"
#include "proto/fabu/digest.h"

namespace fabu::sdk {

class AttachmentSource {
 public:
  virtual ~AttachmentSource() = default;
  // A local file that holds exactly these bytes; not to be changed. Rejected when the broker does not have them.
  virtual boost::asio::awaitable<Outcome<std::filesystem::path>> fetch(Digest digest) = 0;
};

}  // namespace fabu::sdk
