// One client's connection: reads requests one after another, has them answered, writes the answers in order.
//
// All state belongs to the socket's executor (a strand). Deadlines are two numbers that the server's sweep looks at, not timers:
// a request costs no timer at all. A read deadline closes the receiving side only, so that the client can still be told 408.
#pragma once

#include <array>
#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "broker/http/handler.h"
#include "broker/http/limits.h"
#include "broker/http/response_head.h"

namespace fabu::http {

// What all connections of a server share. Outlives them.
struct ConnectionSetting {
  Handler& handler;
  Limits limits;
  // One request answered; may be empty. Called on connections' threads.
  std::function<void(const std::string& route, int status, double seconds)> observe;
};

class ConnectionBody;

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  using Socket = boost::asio::generic::stream_protocol::socket;
  using Steady = std::chrono::steady_clock;

  // `surplus`: beyond the bound of connections; its first request is answered 503.
  Connection(Socket socket, const ConnectionSetting& setting, std::string address, bool local, bool surplus);

  boost::asio::any_io_executor executor() { return socket_.get_executor(); }
  // Serves until the client or the server ends it.
  static boost::asio::awaitable<void> run(std::shared_ptr<Connection> self);

  // Thread-safe. Acts on a deadline that has passed.
  void sweep(Steady::time_point now);
  // Thread-safe. The request under way is finished, then the connection ends; an idle one ends now.
  void begin_stop();
  // Thread-safe. Ends it whatever is under way.
  void cut();

 private:
  friend class ConnectionBody;
  enum class Head { ready, closed, faulty };
  struct Piece {
    std::size_t size = 0;  // 0 = the end
    std::optional<WireFault> fault;
    bool broken = false;  // the client is gone
  };

  boost::asio::awaitable<Head> read_head(WireFault& fault);
  std::optional<WireFault> check_head(Request& request);
  boost::asio::awaitable<void> serve(Request request);
  boost::asio::awaitable<Response> admitted(Request request, Admission admission);
  boost::asio::awaitable<Piece> read_body(char* data, std::size_t size);
  boost::asio::awaitable<std::optional<WireFault>> read_whole(std::string& body, std::uint64_t bound);
  boost::asio::awaitable<bool> skip_body();
  boost::asio::awaitable<bool> fill();
  boost::asio::awaitable<bool> write_response(Response response, bool is_head);
  boost::asio::awaitable<bool> write_stream(Response& response, Framing framing);
  template <std::size_t N>
  boost::asio::awaitable<bool> write_all(std::array<boost::asio::const_buffer, N> buffers);
  boost::asio::awaitable<void> linger();
  void send_continue();
  void on_deadline();
  bool body_done() const { return parser_->is_done(); }

  static std::int64_t ticks(Steady::time_point t) { return t.time_since_epoch().count(); }
  static constexpr std::int64_t kNever = INT64_MAX;
  void read_within(std::chrono::milliseconds bound) { read_deadline_ = ticks(Steady::now() + bound); }

  Socket socket_;
  const ConnectionSetting& setting_;
  std::string address_;
  bool local_, surplus_;
  std::atomic<std::int64_t> read_deadline_{kNever}, write_deadline_{kNever};

  boost::beast::flat_buffer buffer_;
  std::optional<boost::beast::http::request_parser<boost::beast::http::buffer_body>> parser_;
  std::string head_;   // of the answer, reused
  bool first_ = true;  // no request was read yet
  bool idle_ = false;  // waits for a request
  bool stopping_ = false;
  bool timed_out_ = false;  // a read deadline passed; nothing more is read
  bool expects_continue_ = false;
  bool http10_ = false;
  bool keep_ = true;                // another request may follow
  std::uint64_t body_bytes_ = 0;    // of this request
  Steady::duration body_waited_{};  // for them
};

}  // namespace fabu::http
