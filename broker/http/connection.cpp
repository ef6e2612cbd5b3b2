#include "broker/http/connection.h"

#include <algorithm>
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/buffers_suffix.hpp>
#include <boost/beast/core/string.hpp>
#include <utility>

#include "broker/http/connection_body.h"

namespace fabu::http {
namespace asio = boost::asio;
namespace beast = boost::beast;

namespace {

constexpr std::size_t kRead = 16 << 10;    // of one read
constexpr std::uint64_t kSkip = 64 << 10;  // a refused body of at most this size is read off, so that the connection lives on
constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);

double seconds_since(Connection::Steady::time_point start) {
  return std::chrono::duration<double>(Connection::Steady::now() - start).count();
}

}  // namespace

Connection::Connection(Socket socket, const ConnectionSetting& setting, std::string address, bool local, bool surplus)
    : socket_(std::move(socket)), setting_(setting), address_(std::move(address)), local_(local), surplus_(surplus) {
  boost::system::error_code ignored;
  socket_.non_blocking(true, ignored);
  read_within(setting_.limits.head);
}

asio::awaitable<void> Connection::run(std::shared_ptr<Connection> self) {
  while (self->keep_ && !self->stopping_) {
    WireFault fault{};
    const Head head = co_await self->read_head(fault);
    if (head == Head::closed) break;
    Request request;
    if (head == Head::ready) {
      if (const auto found = self->check_head(request)) {
        fault = *found;
      } else {
        co_await self->serve(std::move(request));
        continue;
      }
    }
    auto response = self->setting_.handler.fault(fault);
    if (self->setting_.observe) self->setting_.observe("none", response.status, 0);
    response.close = true;
    co_await self->write_response(std::move(response), false);
  }
  co_await self->linger();
}

asio::awaitable<Connection::Head> Connection::read_head(WireFault& fault) {
  parser_.emplace();
  parser_->header_limit(static_cast<std::uint32_t>(setting_.limits.head_bytes));
  parser_->body_limit(boost::none);  // routes have their own bounds
  body_bytes_ = 0;
  body_waited_ = {};
  bool begun = buffer_.size() > 0;
  idle_ = !begun;
  read_within(begun || first_ ? setting_.limits.head : setting_.limits.keep_alive);
  for (;;) {
    if (buffer_.size() > 0) {
      boost::system::error_code ec;
      buffer_.consume(parser_->put(buffer_.data(), ec));
      if (parser_->is_header_done()) break;
      const bool too_large = ec == beast::http::error::header_limit || buffer_.size() > setting_.limits.head_bytes;
      if (too_large || (ec && ec != beast::http::error::need_more)) {
        fault = too_large ? WireFault::head_too_large : WireFault::bad_request;
        co_return Head::faulty;
      }
    }
    const bool more = co_await fill();
    if (!more) {
      fault = WireFault::timed_out;
      co_return timed_out_&& begun ? Head::faulty : Head::closed;
    }
    if (!begun) read_within(setting_.limits.head);
    begun = true;
    idle_ = false;
  }
  first_ = false;
  read_deadline_ = kNever;
  co_return Head::ready;
}

std::optional<WireFault> Connection::check_head(Request& request) {
  auto& message = parser_->get();
  if (surplus_) return WireFault::overloaded;
  http10_ = message.version() == 10;
  keep_ = message.keep_alive();
  if (!http10_ && message.count(beast::http::field::host) != 1) return WireFault::bad_request;
  if (const auto coding = message.find(beast::http::field::transfer_encoding); coding != message.end()) {
    if (message.count(beast::http::field::transfer_encoding) != 1 || !beast::iequals(coding->value(), "chunked"))
      return WireFault::unknown_transfer_coding;
  }
  const auto expect = message.find(beast::http::field::expect);
  expects_continue_ = expect != message.end() && !http10_;
  if (expects_continue_ && !beast::iequals(expect->value(), "100-continue")) return WireFault::bad_request;
  const auto method = message.method_string();
  const auto target = message.target();
  request.method.assign(method.data(), method.size());
  request.target.assign(target.data(), target.size());
  request.headers = std::move(static_cast<beast::http::fields&>(message.base()));
  request.address = address_;
  request.local = local_;
  return std::nullopt;
}

asio::awaitable<void> Connection::serve(Request request) {
  const auto start = Steady::now();
  const bool is_head = request.method == "HEAD";
  std::optional<std::uint64_t> declared;
  if (const auto length = parser_->content_length()) declared = *length;
  auto admission = co_await setting_.handler.admit(request, declared);
  Response response;
  if (admission.refusal) {
    response = std::move(*admission.refusal);
    const bool small = declared.value_or(0) <= kSkip && !parser_->chunked() && !expects_continue_;
    if (small && !body_done()) co_await skip_body();
  } else {
    response = co_await admitted(std::move(request), std::move(admission));
  }
  if (timed_out_) response = setting_.handler.fault(WireFault::timed_out);
  const std::string route = response.route.empty() ? "none" : response.route;
  const int status = response.status;
  // A streamed answer may go on reading the body while it is sent, so that whether it was read to its end shows afterwards.
  if (!response.stream && !body_done()) response.close = true;
  const bool sent = co_await write_response(std::move(response), is_head);
  if (!sent) {  // whoever still reads the body on behalf of this answer ends with the socket
    boost::system::error_code ignored;
    socket_.close(ignored);
  }
  keep_ = keep_ && sent && body_done() && !timed_out_;
  if (setting_.observe) setting_.observe(route, status, seconds_since(start));
}

asio::awaitable<Response> Connection::admitted(Request request, Admission admission) {
  std::shared_ptr<ConnectionBody> source;
  if (admission.streamed) {
    source = std::make_shared<ConnectionBody>(shared_from_this(), admission.body_bound);
    request.stream = source;
  } else if (!body_done()) {
    const auto fault = co_await read_whole(request.body, admission.body_bound);
    if (fault) {
      keep_ = false;
      co_return setting_.handler.fault(*fault);
    }
  }
  auto response = co_await setting_.handler.answer(std::move(request));
  if (source && !response.stream) source->detach();  // a handler that kept it must not read the next request
  co_return response;
}

asio::awaitable<bool> Connection::fill() {
  const auto space = buffer_.prepare(kRead);
  const auto [ec, size] = co_await socket_.async_read_some(space, kTuple);
  buffer_.commit(size);
  co_return !ec && size > 0;
}

void Connection::send_continue() {
  if (!std::exchange(expects_continue_, false) || buffer_.size() > 0) return;
  // 25 bytes into an empty socket buffer: they fit, or the client will send without having been asked.
  boost::system::error_code ignored;
  static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
  socket_.write_some(asio::buffer(kContinue), ignored);
}

asio::awaitable<Connection::Piece> Connection::read_body(char* data, std::size_t size) {
  Piece piece;
  auto& body = parser_->get().body();
  body.data = data;
  body.size = size;
  body.more = true;
  send_continue();
  while (!parser_->is_done() && body.size == size) {
    if (buffer_.size() > 0) {
      boost::system::error_code ec;
      const auto used = parser_->put(buffer_.data(), ec);
      buffer_.consume(used);
      if (ec == beast::http::error::need_buffer) break;
      if (ec && ec != beast::http::error::need_more) {
        piece.fault = WireFault::bad_request;
        co_return piece;
      }
      if (parser_->is_done() || body.size != size || (used > 0 && buffer_.size() > 0 && !ec)) continue;
      if (buffer_.size() > setting_.limits.head_bytes) {  // a chunk's head without end
        piece.fault = WireFault::bad_request;
        co_return piece;
      }
    }
    const auto& limits = setting_.limits;
    const auto earned = std::chrono::milliseconds(limits.body_rate == 0 ? 0 : body_bytes_ * 1000 / limits.body_rate);
    const auto left = limits.body_grace + earned - std::chrono::duration_cast<std::chrono::milliseconds>(body_waited_);
    const auto start = Steady::now();
    read_within(limits.body_rate == 0 ? limits.body_idle
                                      : std::min(limits.body_idle, std::max(left, std::chrono::milliseconds(1))));
    const bool more = co_await fill();
    read_deadline_ = kNever;
    body_waited_ += Steady::now() - start;
    if (!more) {
      piece.broken = !timed_out_;
      piece.fault = timed_out_ ? WireFault::timed_out : WireFault::bad_request;
      co_return piece;
    }
  }
  piece.size = size - body.size;
  body_bytes_ += piece.size;
  co_return piece;
}

asio::awaitable<std::optional<WireFault>> Connection::read_whole(std::string& body, std::uint64_t bound) {
  if (const auto length = parser_->content_length())
    body.reserve(static_cast<std::size_t>(std::min<std::uint64_t>(*length, bound)));
  std::array<char, kRead / 4> chunk;
  while (!body_done()) {
    const auto piece = co_await read_body(chunk.data(), chunk.size());
    if (piece.fault) co_return piece.fault;
    if (body.size() + piece.size > bound) co_return WireFault::body_too_large;
    body.append(chunk.data(), piece.size);
  }
  co_return std::nullopt;
}

asio::awaitable<bool> Connection::skip_body() {
  std::array<char, kRead / 4> chunk;
  while (!body_done()) {
    const auto piece = co_await read_body(chunk.data(), chunk.size());
    if (piece.fault) co_return false;
  }
  co_return true;
}

template <std::size_t N>
asio::awaitable<bool> Connection::write_all(std::array<asio::const_buffer, N> buffers) {
  boost::system::error_code ec;
  // Most answers fit into the socket's buffer: written at once, without a turn through the scheduler.
  const std::size_t written = socket_.write_some(buffers, ec);
  if (!ec && written == asio::buffer_size(buffers)) co_return true;
  if (ec && ec != asio::error::would_block && ec != asio::error::try_again) co_return false;
  beast::buffers_suffix<std::array<asio::const_buffer, N>> rest(buffers);
  rest.consume(ec ? 0 : written);
  write_deadline_ = ticks(Steady::now() + setting_.limits.write);
  const auto [failed, size] = co_await asio::async_write(socket_, rest, kTuple);
  write_deadline_ = kNever;
  co_return !failed && size > 0;
}

asio::awaitable<bool> Connection::write_response(Response response, bool is_head) {
  const Framing framing = framing_of(response, http10_);
  if (response.close || stopping_ || framing == Framing::until_close) keep_ = false;
  head_.clear();
  append_head(head_, response, framing, keep_, std::chrono::system_clock::now());
  const bool has_body = !is_head && framing != Framing::none;
  if (has_body && response.stream) {
    const bool sent = co_await write_stream(response, framing);
    co_return sent;
  }
  std::array<asio::const_buffer, 2> buffers{asio::buffer(head_), has_body ? asio::buffer(response.body) : asio::const_buffer()};
  const bool sent = co_await write_all(buffers);
  co_return sent;
}

asio::awaitable<bool> Connection::write_stream(Response& response, Framing framing) {
  std::string frame = std::move(head_);  // the head goes out with the first piece
  std::uint64_t sent = 0;
  for (;;) {
    const auto piece = co_await response.stream->next();
    if (!piece) co_return false;
    const bool end = piece->empty();
    if (framing == Framing::chunked) {
      static constexpr char kHex[] = "0123456789abcdef";
      std::string size;
      for (std::size_t n = piece->size(); n > 0; n /= 16) size.insert(size.begin(), kHex[n % 16]);
      frame += (end ? std::string("0\r\n") : size + "\r\n");
    }
    const std::string_view tail = framing == Framing::chunked ? "\r\n" : "";
    std::array<asio::const_buffer, 3> buffers{asio::buffer(frame), asio::buffer(*piece), asio::buffer(tail)};
    if (asio::buffer_size(buffers) > 0) {
      const bool written = co_await write_all(buffers);
      if (!written) co_return false;
    }
    sent += piece->size();
    if (end) break;
    frame.clear();
  }
  co_return !response.length || sent == *response.length;
}

// Ends the sending side and reads off what still comes: closing with unread bytes would reset the connection and take the answer
// away from the client (RFC 9112 section 9.6).
asio::awaitable<void> Connection::linger() {
  boost::system::error_code ec;
  socket_.shutdown(Socket::shutdown_send, ec);
  const bool clean = !parser_ || (parser_->is_done() && buffer_.size() == 0);
  if (!ec && !timed_out_ && !clean) {
    read_within(setting_.limits.linger);
    std::uint64_t skipped = 0;
    buffer_.clear();
    while (skipped < setting_.limits.linger_bytes) {
      const bool more = co_await fill();
      if (!more) break;
      skipped += buffer_.size();
      buffer_.clear();
    }
  }
  read_deadline_ = kNever;
  socket_.close(ec);
}

void Connection::sweep(Steady::time_point now) {
  if (ticks(now) < std::min(read_deadline_.load(std::memory_order_relaxed), write_deadline_.load(std::memory_order_relaxed)))
    return;
  asio::post(socket_.get_executor(), [self = shared_from_this()] { self->on_deadline(); });
}

void Connection::on_deadline() {
  const auto now = ticks(Steady::now());
  boost::system::error_code ignored;
  if (now >= write_deadline_) {
    socket_.close(ignored);
  } else if (now >= read_deadline_) {
    read_deadline_ = kNever;
    timed_out_ = true;
    socket_.shutdown(Socket::shutdown_receive, ignored);
  }
}

void Connection::begin_stop() {
  asio::post(socket_.get_executor(), [self = shared_from_this()] {
    self->stopping_ = true;
    boost::system::error_code ignored;
    if (self->idle_) self->socket_.shutdown(Socket::shutdown_receive, ignored);
  });
}

void Connection::cut() {
  asio::post(socket_.get_executor(), [self = shared_from_this()] {
    boost::system::error_code ignored;
    self->socket_.close(ignored);
  });
}

}  // namespace fabu::http
