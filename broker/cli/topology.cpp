// fabu topology: what fabu has in RabbitMQ, for those who set it up beforehand.
#include <memory>
#include <ostream>
#include <string>

#include "broker/cli/config.h"
#include "broker/cli/server_verbs.h"
#include "broker/transport/rabbitmq/address.h"
#include "broker/transport/rabbitmq/topology.h"

namespace fabu::cli {
namespace {

void print(Context& context, const std::string& file) {
  const auto config = Config::load(file);
  if (!config) return context.fail(config.error());
  std::vector<std::string> channels;
  for (const auto& channel : config->channels) channels.push_back(channel.name);
  std::string vhost = "/";
  unsigned partitions = RabbitmqConfig{}.partitions;
  if (config->rabbitmq) {
    partitions = config->rabbitmq->partitions;
    const auto server = transport::rabbitmq::parse_server(config->rabbitmq->servers.front());
    if (!server) return context.fail(server.error());
    vhost = server->vhost;
  }
  *context.out << transport::rabbitmq::definitions_json(transport::rabbitmq::topology(channels, partitions), vhost);
}

}  // namespace

void add_topology(Verb app, Context& context) {
  auto file = std::make_shared<std::string>();
  auto verb = app.add_subcommand("topology", "Print what fabu has in RabbitMQ, as definitions to import");
  verb->footer(
      "Every broker declares all of this when it starts; import it instead where brokers may not configure RabbitMQ.\n"
      "Example:\n"
      "  fabu topology --config /etc/fabu/fabu.yaml > definitions.json && rabbitmqctl import_definitions definitions.json");
  verb->add_option("--config", *file, "Configuration file: channels, and under `rabbitmq` the partitions and the virtual host")
      ->type_name("FILE")
      ->required();
  verb->callback([&context, file] { print(context, *file); });
}

}  // namespace fabu::cli
