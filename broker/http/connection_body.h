// The body of the request that a connection is serving, read piece by piece.
#pragma once

#include <memory>
#include <string>

#include "broker/http/connection.h"

namespace fabu::http {

class ConnectionBody final : public BodySource {
 public:
  ConnectionBody(std::shared_ptr<Connection> connection, std::uint64_t bound);
  boost::asio::awaitable<Result<std::string_view>> read() override;
  // The request is over: nothing more may be read.
  void detach() { connection_.reset(); }

 private:
  static constexpr std::size_t kPiece = 64 << 10;

  std::shared_ptr<Connection> connection_;
  std::uint64_t bound_, seen_ = 0;
  std::string piece_;
  std::optional<Error> failed_;
};

}  // namespace fabu::http
