// fabu broker: one of several brokers on PostgreSQL and RabbitMQ.
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <ostream>

#include "broker/cli/cluster_broker.h"
#include "broker/cli/process.h"
#include "broker/cli/rabbit_account.h"
#include "broker/cli/server_verbs.h"

namespace fabu::cli {
namespace {

Error missing(const char* setting, const char* todo) {
  return Error{ErrorCode::invalid, setting, "`fabu broker` needs it in the configuration", todo, {}};
}

Result<ClusterBrokerSetup> set_up(const Config& config, const domain::Catalogue& catalogue) {
  if (config.store.empty()) return missing("store", "write store: postgresql://…; one server alone on SQLite is `fabu serve`");
  if (!config.rabbitmq) return missing("rabbitmq", "see `fabu config example`; without RabbitMQ there is `fabu serve`");
  auto account = rabbit_account(*config.rabbitmq, "fabu broker");
  if (!account) return account.error();
  auto core = core_setup(config, catalogue);
  if (!core) return core.error();
  ClusterBrokerSetup setup;
  setup.core = std::move(*core);
  setup.core.use = StoreUse::shared;
  setup.rabbitmq.account = *account;
  setup.rabbitmq.broker = process_name();
  setup.rabbitmq.channels = setup.core.installation.channels;
  setup.rabbitmq.partitions = config.rabbitmq->partitions;
  setup.intake.account = std::move(*account);
  for (const auto& department : config.departments)
    setup.intake.users[department.amqp_user.empty() ? department.code : department.amqp_user] = department.code;
  return setup;
}

void broker(Context& context, const ProcessOptions& options) {
  const auto config = settings(options);
  if (!config) return fail_start(context, config.error());
  if (const auto started = start_process(*config); !started) return fail_start(context, started.error());
  const auto catalogue = catalogue_of(*config);
  if (!catalogue) return fail_start(context, catalogue.error());
  auto setup = set_up(*config, *catalogue);
  if (!setup) return fail_start(context, setup.error());
  const SystemClock clock;
  const std::string name = setup->rabbitmq.broker;
  auto running = ClusterBroker::start(std::move(*setup), clock);
  if (!running) return fail_start(context, running.error());
  const auto host = listen_address(*config).host;
  *context.out << fmt::format("fabu {} listens on http://{}:{}\n", FABU_VERSION, host, (*running)->port()) << std::flush;
  spdlog::info("event=started role=broker name={} version={} listen={}:{} data={} store={}", name, FABU_VERSION, host,
               (*running)->port(), config->data.string(), config->store);
  wait_for_signal();
  spdlog::info("event=stopping");
  (*running)->stop();
  spdlog::info("event=stopped");
}

}  // namespace

void add_broker(Verb app, Context& context) {
  auto verb =
      app.add_subcommand("broker", "Run one of several brokers on PostgreSQL and RabbitMQ; channels run as `fabu adapter`");
  verb->footer(
      "Takes items over HTTP and AMQP, stores them, and brings their deliveries to the workers of the channels. Any number may "
      "run on "
      "one database; each has a data folder of its own, with the same log/key.pem and log/origin. The configuration needs "
      "`store` "
      "and `rabbitmq`.\n"
      "SIGTERM or Ctrl-C stops it cleanly; what it leaves behind, another broker takes on.\n"
      "Example:\n"
      "  fabu broker --config /etc/fabu/fabu.yaml");
  const auto o = add_process_options(verb, "Address to listen on (default 127.0.0.1:8080); port 0 picks one and prints it");
  verb->callback([&context, o] { broker(context, *o); });
}

}  // namespace fabu::cli
