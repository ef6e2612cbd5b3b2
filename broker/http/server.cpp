#include "broker/http/server.h"

#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstring>
#include <mutex>
#include <unordered_map>
#include <utility>
#include <vector>

#include "broker/http/connection.h"

namespace fabu::http {
namespace asio = boost::asio;
using Tcp = asio::ip::tcp;
using Local = asio::local::stream_protocol;

namespace {

constexpr std::size_t kSurplus = 64;  // connections beyond the bound that are told so; more are just closed
constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);

Error cannot_listen(const std::string& where, const std::string& what) {
  return {ErrorCode::io,
          where,
          "cannot listen: " + what,
          "see whether another server has the address, and whether it is this machine's",
          {}};
}

std::string address_of(const Tcp::socket& socket) {
  boost::system::error_code ec;
  const auto peer = socket.remote_endpoint(ec);
  return ec ? std::string() : peer.address().to_string();
}
std::string address_of(const Local::socket&) {
  return {};
}

void prepare(Tcp::socket& socket) {
  boost::system::error_code ignored;
  socket.set_option(Tcp::no_delay(true), ignored);
}
void prepare(Local::socket&) {}

// Logs what no coroutine of ours may throw.
void log_escape(const std::exception_ptr& error) {
  if (!error) return;
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& e) {
    spdlog::error("event=http_connection_failed what=\"{}\"", e.what());
  }
}

}  // namespace

struct Server::State : std::enable_shared_from_this<Server::State> {
  State(asio::any_io_executor any, Handler& handler, ServerOptions options)
      : executor(std::move(any)),
        strand(asio::make_strand(executor)),
        setting{handler, options.limits, std::move(options.observe)} {}

  asio::any_io_executor executor;
  asio::strand<asio::any_io_executor> strand;  // of acceptors and the sweep
  ConnectionSetting setting;
  std::vector<std::shared_ptr<Tcp::acceptor>> tcp;
  std::vector<std::shared_ptr<Local::acceptor>> local;
  std::vector<std::filesystem::path> socket_files;
  std::atomic<bool> stopping{false};
  std::atomic<bool> swept{false};
  std::shared_ptr<asio::steady_timer> sweep_timer;  // set once, before anything is posted
  mutable std::mutex mutex;
  std::unordered_map<Connection*, std::weak_ptr<Connection>> open;  // guarded by mutex

  std::size_t count() const {
    const std::lock_guard lock(mutex);
    return open.size();
  }
  template <typename Act>
  void each(Act act) {
    std::vector<std::shared_ptr<Connection>> alive;
    {
      const std::lock_guard lock(mutex);
      alive.reserve(open.size());
      for (auto& [key, weak] : open) {
        if (auto connection = weak.lock()) alive.push_back(std::move(connection));
      }
    }
    for (auto& connection : alive) act(*connection);
  }

  template <typename Acceptor>
  static asio::awaitable<void> accept(std::shared_ptr<State> self, std::shared_ptr<Acceptor> acceptor, bool local_socket);
  template <typename Socket>
  void begin(Socket socket, bool local_socket);
  static asio::awaitable<void> serve(std::shared_ptr<State> self, std::shared_ptr<Connection> connection);
  static asio::awaitable<void> sweep(std::weak_ptr<State> weak, std::shared_ptr<asio::steady_timer> timer,
                                     std::chrono::milliseconds every);
  void close_listeners();
  void end_sweep();
  void start_sweep();
};

template <typename Acceptor>
asio::awaitable<void> Server::State::accept(std::shared_ptr<State> self, std::shared_ptr<Acceptor> acceptor, bool local_socket) {
  using Socket = typename Acceptor::protocol_type::socket;
  asio::steady_timer pause(self->strand);
  while (!self->stopping) {
    Socket socket(asio::make_strand(self->executor));
    const auto [ec] = co_await acceptor->async_accept(socket, kTuple);
    if (self->stopping) break;
    if (!ec) {
      self->begin(std::move(socket), local_socket);
      continue;
    }
    if (ec == asio::error::operation_aborted || ec == asio::error::bad_descriptor) break;
    // No descriptors or memory left: those that are open will end; until then others wait in the backlog.
    spdlog::warn("event=http_accept_failed what=\"{}\"", ec.message());
    pause.expires_after(std::chrono::milliseconds(100));
    co_await pause.async_wait(kTuple);
  }
}

template <typename Socket>
void Server::State::begin(Socket socket, bool local_socket) {
  const std::size_t others = count();
  const bool surplus = others >= setting.limits.connections;
  if (others >= setting.limits.connections + kSurplus) return;  // closes it
  prepare(socket);
  auto address = address_of(socket);
  auto connection =
      std::make_shared<Connection>(Connection::Socket(std::move(socket)), setting, std::move(address), local_socket, surplus);
  {
    const std::lock_guard lock(mutex);
    open.emplace(connection.get(), connection);
  }
  if (stopping) connection->begin_stop();
  const auto executor_of_it = connection->executor();
  asio::co_spawn(executor_of_it, serve(shared_from_this(), std::move(connection)), log_escape);
}

asio::awaitable<void> Server::State::serve(std::shared_ptr<State> self, std::shared_ptr<Connection> connection) {
  struct Leave {
    State& state;
    Connection* connection;
    ~Leave() {
      const std::lock_guard lock(state.mutex);
      state.open.erase(connection);
    }
  };
  const Leave leave{*self, connection.get()};
  co_await Connection::run(std::move(connection));
}

// Ends with the server: when it is gone, or has stopped and its last connection is closed.
asio::awaitable<void> Server::State::sweep(std::weak_ptr<State> weak, std::shared_ptr<asio::steady_timer> timer,
                                           std::chrono::milliseconds every) {
  for (;;) {
    timer->expires_after(every);
    co_await timer->async_wait(kTuple);
    const auto self = weak.lock();
    if (!self || (self->stopping && self->count() == 0)) co_return;
    const auto now = Connection::Steady::now();
    self->each([now](Connection& connection) { connection.sweep(now); });
  }
}

void Server::State::start_sweep() {
  if (swept.exchange(true)) return;
  const auto& l = setting.limits;
  const auto shortest = std::min({l.head, l.keep_alive, l.body_idle, l.body_grace, l.write, l.linger});
  const auto every = std::clamp(shortest / 4, std::chrono::milliseconds(5), std::chrono::milliseconds(500));
  sweep_timer = std::make_shared<asio::steady_timer>(strand);
  asio::co_spawn(strand, sweep(weak_from_this(), sweep_timer, every), log_escape);
}

void Server::State::end_sweep() {
  asio::post(strand, [self = shared_from_this()] {
    if (self->sweep_timer) self->sweep_timer->cancel();
  });
}

void Server::State::close_listeners() {
  boost::system::error_code ignored;
  for (auto& acceptor : tcp) acceptor->close(ignored);
  for (auto& acceptor : local) acceptor->close(ignored);
  for (const auto& file : socket_files) ::unlink(file.c_str());
  tcp.clear();
  local.clear();
  socket_files.clear();
}

Server::Server(asio::any_io_executor executor, Handler& handler, ServerOptions options)
    : state_(std::make_shared<State>(std::move(executor), handler, std::move(options))) {}

Server::~Server() {
  state_->stopping = true;
  asio::post(state_->strand, [state = state_] { state->close_listeners(); });
  state_->each([](Connection& connection) { connection.cut(); });
  state_->end_sweep();
}

Result<unsigned short> Server::listen_tcp(const std::string& host, unsigned short port) {
  const std::string where = host + ":" + std::to_string(port);
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  boost::system::error_code ec;
  Tcp::resolver resolver(state_->executor);
  const auto found = resolver.resolve(bracketed ? host.substr(1, host.size() - 2) : host, std::to_string(port),
                                      Tcp::resolver::passive | Tcp::resolver::numeric_service, ec);
  if (ec || found.empty()) return cannot_listen(where, ec ? ec.message() : "the name has no address");
  const Tcp::endpoint endpoint = found.begin()->endpoint();
  auto acceptor = std::make_shared<Tcp::acceptor>(state_->strand);
  acceptor->open(endpoint.protocol(), ec);
  if (!ec) acceptor->set_option(Tcp::acceptor::reuse_address(true), ec);
  if (!ec) acceptor->bind(endpoint, ec);
  if (!ec) acceptor->listen(Tcp::acceptor::max_listen_connections, ec);
  if (ec) return cannot_listen(where, ec.message());
  const auto actual = acceptor->local_endpoint(ec).port();
  asio::post(state_->strand, [state = state_, acceptor] { state->tcp.push_back(acceptor); });
  asio::co_spawn(state_->strand, State::accept(state_, acceptor, false), log_escape);
  state_->start_sweep();
  return actual;
}

Result<void> Server::listen_unix(const std::filesystem::path& path) {
  // A socket's path has at most 107 bytes; a folder below a longer one is reached through its descriptor.
  const auto folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
  const int fd = ::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return cannot_listen(path.string(), std::strerror(errno));
  const bool fits = path.string().size() < sizeof(sockaddr_un::sun_path);
  const std::string name = fits ? path.string() : "/proc/self/fd/" + std::to_string(fd) + "/" + path.filename().string();
  struct stat old {};
  if (::lstat(path.c_str(), &old) == 0 && S_ISSOCK(old.st_mode)) ::unlink(path.c_str());
  boost::system::error_code ec;
  auto acceptor = std::make_shared<Local::acceptor>(state_->strand);
  acceptor->open(Local(), ec);
  if (!ec) acceptor->bind(Local::endpoint(name), ec);
  // Between bind and listen nobody can connect, so that it never accepts with other rights.
  if (!ec && ::chmod(path.c_str(), 0600) != 0) ec.assign(errno, boost::system::system_category());
  if (!ec) acceptor->listen(Local::acceptor::max_listen_connections, ec);
  ::close(fd);
  if (ec) return cannot_listen(path.string(), ec.message());
  asio::post(state_->strand, [state = state_, acceptor, path] {
    state->local.push_back(acceptor);
    state->socket_files.push_back(path);
  });
  asio::co_spawn(state_->strand, State::accept(state_, acceptor, true), log_escape);
  state_->start_sweep();
  return {};
}

asio::awaitable<void> Server::stop(std::chrono::milliseconds grace) {
  const auto state = state_;
  state->stopping = true;
  asio::post(state->strand, [state] { state->close_listeners(); });
  state->each([](Connection& connection) { connection.begin_stop(); });
  const auto executor = co_await asio::this_coro::executor;
  asio::steady_timer timer(executor);
  for (const bool last : {false, true}) {
    const auto deadline = Connection::Steady::now() + grace;
    while (state->count() > 0 && Connection::Steady::now() < deadline) {
      timer.expires_after(std::chrono::milliseconds(5));
      co_await timer.async_wait(kTuple);
    }
    if (!last) state->each([](Connection& connection) { connection.cut(); });
  }
  state->end_sweep();
}

std::size_t Server::connections() const {
  return state_->count();
}

}  // namespace fabu::http
