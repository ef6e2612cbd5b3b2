#include "broker/transport/rabbitmq/address.h"

#include <amqp.h>

namespace fabu::transport::rabbitmq {

std::string Server::name() const {
  return host + ":" + std::to_string(port);
}

Result<Server> parse_server(std::string_view url) {
  const auto wrong = [&](std::string what, std::string todo) {
    return Error{ErrorCode::invalid, "rabbitmq.servers", std::move(what), std::move(todo), {}};
  };
  std::string text(url);
  amqp_connection_info parsed;
  amqp_default_connection_info(&parsed);
  parsed.password = nullptr;
  if (amqp_parse_url(text.data(), &parsed) != AMQP_STATUS_OK)
    return wrong(std::string(url) + " is not an AMQP address",
                 "Write it as amqp://USER@HOST:5672/VHOST or amqps://USER@HOST:5671/VHOST.");
  // The library sets a default password when the URL has none.
  const auto scheme = url.find("://");
  const auto at = url.find('@');
  if (at != std::string_view::npos && url.substr(scheme + 3, at - scheme - 3).find(':') != std::string_view::npos)
    return wrong("the address has a password in it, which logs and process lists would show",
                 "Put it into a file: `password_file`.");
  Server server;
  server.host = parsed.host;
  server.port = parsed.port;
  server.user = parsed.user;
  server.vhost = parsed.vhost;
  server.tls = parsed.ssl != 0;
  return server;
}

}  // namespace fabu::transport::rabbitmq
