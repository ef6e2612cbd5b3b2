#include "broker/http/connection_body.h"

#include <utility>

namespace fabu::http {
namespace asio = boost::asio;

ConnectionBody::ConnectionBody(std::shared_ptr<Connection> connection, std::uint64_t bound)
    : connection_(std::move(connection)), bound_(bound) {}

asio::awaitable<Result<std::string_view>> ConnectionBody::read() {
  if (!failed_ && !connection_) failed_ = Error{ErrorCode::malformed, "body", "The request is over.", "", {}};
  if (failed_) co_return *failed_;
  const auto connection = connection_;
  if (connection->body_done()) co_return std::string_view();
  piece_.resize(kPiece);
  const auto piece = co_await connection->read_body(piece_.data(), piece_.size());
  if (piece.fault) {
    const bool slow = *piece.fault == WireFault::timed_out;
    failed_ = Error{ErrorCode::malformed,
                    "body",
                    slow ? "The body came too slowly." : "The body breaks off or is badly framed.",
                    "Send it again.",
                    {}};
    co_return *failed_;
  }
  seen_ += piece.size;
  if (seen_ > bound_) {
    failed_ = Error{
        ErrorCode::too_large, "body", "The body has more than " + std::to_string(bound_) + " bytes.", "Send less at once.", {}};
    co_return *failed_;
  }
  co_return std::string_view(piece_).substr(0, piece.size);
}

}  // namespace fabu::http
