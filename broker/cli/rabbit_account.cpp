#include "broker/cli/rabbit_account.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdio>
#include <random>
#include <utility>

#include "broker/cli/secret_file.h"

namespace fabu::cli {

Result<transport::rabbitmq::Account> rabbit_account(const RabbitmqConfig& config, const std::string& purpose) {
  transport::rabbitmq::Account account;
  for (const auto& url : config.servers) {
    auto server = transport::rabbitmq::parse_server(url);
    if (!server) return server.error();
    account.servers.push_back(std::move(*server));
  }
  if (!config.password_file.empty()) {
    auto password = read_secret(config.password_file);
    if (!password) return password.error();
    account.password = std::move(*password);
  }
  account.ca = config.ca_file;
  account.certificate = config.certificate_file;
  account.key = config.key_file;
  account.process = purpose;
  return account;
}

std::string process_name() {
  std::array<char, 65> host{};
  std::string name = ::gethostname(host.data(), host.size() - 1) == 0 ? host.data() : "host";
  std::replace_if(
      name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) == 0 && c != '-'; }, '-');
  std::random_device random;
  std::array<char, 10> part{};
  std::snprintf(part.data(), part.size(), "-%08x", static_cast<unsigned>(random()));
  return name.substr(0, 40) + part.data();
}

}  // namespace fabu::cli
