// fabu config: checks a configuration file, prints an example.
#include <fmt/format.h>

#include <ostream>

#include "broker/cli/config.h"
#include "broker/cli/verbs.h"

namespace fabu::cli {
namespace {

void check(Context& context, const std::string& file) {
  const auto config = Config::load(file);
  if (!config) {
    context.fail(config.error());
    if (config.error().code != ErrorCode::io) context.exit = Exit::usage;
    return;
  }
  *context.out << fmt::format("{}: no faults; listens on {}", file, config->listen);
  for (const auto& channel : config->channels) *context.out << fmt::format(", {} ({})", channel.name, name_of(channel.kind));
  if (!config->store.empty()) *context.out << ", stores in PostgreSQL";
  if (config->rabbitmq) *context.out << fmt::format(", RabbitMQ ({} servers)", config->rabbitmq->servers.size());
  *context.out << '\n';
}

}  // namespace

void add_config(Verb app, Context& context) {
  auto config = app.add_subcommand("config", "Configuration of the server: check a file, print an example");
  config->require_subcommand();
  auto file = std::make_shared<std::string>();
  auto check_verb = config->add_subcommand("check", "Say every fault of a configuration file with its line");
  check_verb->footer("Exit code 2 when there is a fault.\nExample:\n  fabu config check /etc/fabu.yaml");
  check_verb->add_option("file", *file, "Configuration in YAML")->required()->type_name("FILE");
  check_verb->callback([&context, file] { check(context, *file); });
  auto example = config->add_subcommand("example", "Print a commented configuration with every setting");
  example->footer("Example:\n  fabu config example > fabu.yaml");
  example->callback([&context] { *context.out << config_example(); });
}

}  // namespace fabu::cli
