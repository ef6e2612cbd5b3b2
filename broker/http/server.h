// The HTTP/1.1 server: listens on TCP and on a Unix socket, keeps connections within their limits, stops without dropping a
// request.
//
//   Server server(io.get_executor(), router, {});
//   auto port = server.listen_tcp("127.0.0.1", 0);          // any port; the one it got
//   server.listen_unix(data / "admin.sock");
//   ...
//   co_await server.stop(10s);
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "broker/domain/result.h"
#include "broker/http/handler.h"
#include "broker/http/limits.h"

namespace fabu::http {

struct ServerOptions {
  Limits limits;
  // One request answered: the route's id ("none" when no route did), never a raw path. Called on the executor's threads.
  std::function<void(const std::string& route, int status, double seconds)> observe;
};

// Thread-safe. The executor may run on any number of threads; each connection has its own strand. The handler must outlive what
// runs on the executor, or stop() must have returned.
class Server {
 public:
  Server(boost::asio::any_io_executor executor, Handler& handler, ServerOptions options);
  // Cuts what is left; call stop() first.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // `host`: an address, or a name that resolves to one. The port that it listens on; `port` 0 = any. Fails: io, with what to do.
  Result<unsigned short> listen_tcp(const std::string& host, unsigned short port);
  // A socket file of mode 0600, which replaces a stale one. Whoever can open it is the local administrator.
  Result<void> listen_unix(const std::filesystem::path& path);

  // Listens no more, lets requests under way finish for at most `grace`, then cuts the rest. Idempotent.
  boost::asio::awaitable<void> stop(std::chrono::milliseconds grace);

  std::size_t connections() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace fabu::http
