// Where RabbitMQ is and who we are there.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "broker/domain/result.h"

namespace fabu::transport::rabbitmq {

// One server, of amqp://user@host:port/vhost or amqps://…
struct Server {
  std::string host;
  int port = 5672;
  std::string user = "guest";
  std::string vhost = "/";
  bool tls = false;

  // "host:port", for logs.
  std::string name() const;
};

struct Account {
  std::vector<Server> servers;             // of one cluster, tried in turn; at least one
  std::string password;                    // never logged
  std::filesystem::path ca;                // of amqps: authorities to trust; empty = the system's
  std::filesystem::path certificate, key;  // of amqps: ours; empty = none
  std::string process;                     // shown in RabbitMQ's list of connections
  std::chrono::seconds heartbeat{10};
  std::chrono::seconds patience{5};  // for connecting; four times as long for answers
};

// Reads the address of a server. Errors (invalid): no amqp URL; a password in it, which would be seen in logs and process lists.
Result<Server> parse_server(std::string_view url);

}  // namespace fabu::transport::rabbitmq
