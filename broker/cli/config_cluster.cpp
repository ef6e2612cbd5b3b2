// Configuration: the servers that a scaled-out installation leans on. Nothing secret stands in an address: addresses are seen in
// `ps`, in logs and in messages.
#include <fmt/format.h>

#include <algorithm>

#include "broker/cli/config_sections.h"

namespace fabu::cli {
namespace {

namespace fs = std::filesystem;

// SCHEME://[USER[:PASSWORD]@]HOST…
struct Address {
  std::string scheme, user, hosts, rest;  // rest: from the first slash or question mark on
  bool has_password = false;
};

std::optional<Address> parse(const std::string& text) {
  const auto colon = text.find("://");
  if (colon == std::string::npos) return std::nullopt;
  Address address;
  address.scheme = text.substr(0, colon);
  const auto begin = colon + 3;
  const auto end = std::min(text.find_first_of("/?", begin), text.size());
  std::string authority = text.substr(begin, end - begin);
  address.rest = text.substr(end);
  if (const auto at = authority.rfind('@'); at != std::string::npos) {
    address.user = authority.substr(0, at);
    authority.erase(0, at + 1);
    const auto password = address.user.find(':');
    address.has_password = password != std::string::npos;
    address.user.resize(std::min(password, address.user.size()));
  }
  address.hosts = authority;
  // A password with a slash in it ends the authority too soon.
  const auto path = address.rest.substr(0, address.rest.find('?'));
  if (path.find('@') != std::string::npos && authority.find(':') != std::string::npos) address.has_password = true;
  return address;
}

// Whether the query has this parameter.
bool has_parameter(const std::string& rest, const std::string& name) {
  const auto query = rest.find('?');
  if (query == std::string::npos) return false;
  return ("&" + rest.substr(query + 1)).find("&" + name + "=") != std::string::npos;
}

// An http or https address without a user in it.
void check_web_address(domain::YamlFields& fields, const std::string& name, const std::string& text) {
  const auto address = parse(text);
  if (text.empty()) return;
  if (!address || (address->scheme != "http" && address->scheme != "https") || address->hosts.empty()) {
    fields.fault(name, "is not an http or https address", "write it as https://fabu.example.gov.cn");
  } else if (!address->user.empty() || address->has_password) {
    fields.fault(name, "has a user in it", "a key in a file of its own is all that is asked for");
  }
}

void check_server(domain::YamlFields& fields, const std::string& server) {
  const auto address = parse(server);
  if (!address || (address->scheme != "amqp" && address->scheme != "amqps") || address->hosts.empty()) {
    // A fault of the list as a whole: an address that cannot be read may hold a password, and is not repeated.
    return fields.fault("servers", "has an entry that is no amqp or amqps address",
                        "write it as amqps://fabu@mq1.example:5671/fabu");
  }
  if (address->has_password) {
    fields.fault("servers", "has an address with a password, which `ps` and logs would show",
                 "keep the user alone in it, and put the password into password_file");
  }
}

}  // namespace

std::optional<AddressFault> fault_of_store(const std::string& text) {
  const auto address = parse(text);
  if (!address || (address->scheme != "postgresql" && address->scheme != "postgres")) {
    return AddressFault{"is not the address of a PostgreSQL database",
                        "write it as postgresql://fabu@db1,db2/fabu; without it the store is SQLite under the data folder"};
  }
  if (address->has_password || has_parameter(address->rest, "password") || has_parameter(address->rest, "sslpassword")) {
    return AddressFault{"has a password in it, which `ps` and logs would show",
                        "put it into a password file (PostgreSQL's .pgpass form, mode 0600) and end the address with "
                        "?passfile=/etc/fabu/pgpass"};
  }
  return std::nullopt;
}

void read_bucket(domain::YamlFields fields, Config& config, const fs::path& base) {
  BucketConfig bucket;
  fields.required_text("endpoint", bucket.endpoint);
  while (!bucket.endpoint.empty() && bucket.endpoint.back() == '/') bucket.endpoint.pop_back();
  check_web_address(fields, "endpoint", bucket.endpoint);
  fields.required_text("region", bucket.region);
  fields.required_text("bucket", bucket.bucket);
  fields.required_text("access_key", bucket.access_key);
  fields.path("secret_key_file", bucket.secret_key_file, base);
  if (bucket.secret_key_file.empty())
    fields.fault("secret_key_file", "is missing", "name a file whose first line is the secret key");
  fields.path("ca_file", bucket.ca_file, base);
  fields.no_others();
  config.attachments = std::move(bucket);
}

void read_rabbitmq(domain::YamlFields fields, Config& config, const fs::path& base) {
  RabbitmqConfig rabbitmq;
  rabbitmq.servers = fields.texts("servers");
  if (rabbitmq.servers.empty()) fields.fault("servers", "names no server", "write servers: [amqps://fabu@mq1.example:5671/fabu]");
  for (const auto& server : rabbitmq.servers) check_server(fields, server);
  fields.path("password_file", rabbitmq.password_file, base);
  fields.path("ca_file", rabbitmq.ca_file, base);
  fields.path("certificate_file", rabbitmq.certificate_file, base);
  fields.path("key_file", rabbitmq.key_file, base);
  if (rabbitmq.certificate_file.empty() != rabbitmq.key_file.empty()) {
    fields.fault(rabbitmq.key_file.empty() ? "certificate_file" : "key_file", "is there without the other one",
                 "a client certificate needs certificate_file and key_file");
  }
  rabbitmq.partitions = fields.whole("partitions", 1, 64).value_or(rabbitmq.partitions);
  fields.no_others();
  config.rabbitmq = std::move(rabbitmq);
}

void read_broker_address(domain::YamlFields fields, Config& config, const fs::path& base) {
  BrokerAddress broker;
  fields.required_text("url", broker.url);
  while (!broker.url.empty() && broker.url.back() == '/') broker.url.pop_back();
  check_web_address(fields, "url", broker.url);
  fields.path("key_file", broker.key_file, base);
  if (broker.key_file.empty())
    fields.fault("key_file", "is missing", "make a key with `fabu key create --scope read` and name its file here");
  fields.path("ca_file", broker.ca_file, base);
  fields.no_others();
  config.broker = std::move(broker);
}

}  // namespace fabu::cli
