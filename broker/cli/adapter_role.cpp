// fabu adapter: workers of channels, near their outside world.
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <ostream>

#include "broker/cli/adapter_process.h"
#include "broker/cli/fault_channel.h"
#include "broker/cli/process.h"
#include "broker/cli/public_channels.h"
#include "broker/cli/rabbit_account.h"
#include "broker/cli/secret_file.h"
#include "broker/cli/server_verbs.h"
#include "broker/transport/rabbitmq/worker_end.h"

namespace fabu::cli {
namespace {

using transport::rabbitmq::RabbitWorkerEnd;
using transport::rabbitmq::WorkerOptions;

struct Options {
  std::shared_ptr<ProcessOptions> process;
  std::vector<std::string> channels;
};

Error missing(const char* setting, const char* todo) {
  return Error{ErrorCode::invalid, setting, "`fabu adapter` needs it in the configuration", todo, {}};
}

// The configuration with the channels of this process alone.
Result<Config> narrowed(Config config, const std::vector<std::string>& names) {
  std::vector<ChannelConfig> chosen;
  std::string known;
  for (const auto& channel : config.channels) {
    known += (known.empty() ? "" : ", ") + channel.name;
    if (std::find(names.begin(), names.end(), channel.name) != names.end()) chosen.push_back(channel);
  }
  for (const auto& name : names) {
    if (std::none_of(chosen.begin(), chosen.end(), [&](const auto& c) { return c.name == name; }))
      return Error{ErrorCode::invalid, name, "is no channel of the configuration", "known there: " + known, {}};
  }
  config.channels = std::move(chosen);
  return config;
}

Result<AdapterSetup> set_up(const Config& config, const domain::Catalogue& catalogue, const Context& context) {
  if (!config.broker) return missing("broker", "it says where attachments come from; see `fabu config example`");
  const auto key = read_secret(config.broker->key_file);
  if (!key) return key.error();
  AdapterSetup setup;
  setup.data = config.data;
  for (const auto& channel : config.channels) setup.names.push_back(channel.name);
  setup.channels = public_channels(config, catalogue, config.data, Sharing::shared);
  setup.base_url = config.site.url.empty() ? config.broker->url : config.site.url;
  setup.attachments.broker = config.broker->url;
  setup.attachments.key = *key;
  setup.attachments.ca_file = config.broker->ca_file;
  setup.attachments.folder = config.data / "attachments";
  setup.site = site_folder(config, config.data);
  if (config.listen_given) {
    const auto listen = listen_address(config);
    setup.listen_host = listen.host;
    setup.listen_port = listen.port;
  }
  const auto fault = context.environment("FABU_FAULT");
  setup.exit_before_report = exit_before_report(fault);
  if (!fault.empty() && !setup.exit_before_report)
    return Error{ErrorCode::invalid, "FABU_FAULT", "is not a fault that is known", "write exit-before-report:N, or unset it", {}};
  return setup;
}

Result<WorkerOptions> worker_options(const Config& config, const std::vector<std::string>& channels) {
  if (!config.rabbitmq) return missing("rabbitmq", "see `fabu config example`; without RabbitMQ there is `fabu serve`");
  auto account = rabbit_account(*config.rabbitmq, "fabu adapter");
  if (!account) return account.error();
  WorkerOptions options;
  options.account = std::move(*account);
  options.worker = process_name();
  options.version = FABU_VERSION;
  options.channels = channels;
  options.partitions = config.rabbitmq->partitions;
  return options;
}

void run(Context& context, const Config& config, AdapterSetup setup, WorkerOptions how) {
  const SystemClock clock;
  const std::string name = how.worker;
  const auto host = setup.listen_host;
  const auto channels = setup.names;
  RabbitWorkerEnd rabbit(std::move(how));
  auto started =
      AdapterProcess::start(std::move(setup), rabbit, clock, {[&rabbit] { rabbit.tell(); }, [&rabbit] { return rabbit.up(); }});
  if (!started) return fail_start(context, started.error());
  auto& process = **started;
  rabbit.start(
      {[&process](const v1::ChannelSwitches& switches) { process.switched(switches); }, [&process] { return process.views(); }});
  if (!host.empty())
    *context.out << fmt::format("fabu {} listens on http://{}:{}\n", FABU_VERSION, host, process.port()) << std::flush;
  spdlog::info("event=started role=adapter name={} version={} channels={} data={} listen={}", name, FABU_VERSION,
               fmt::join(channels, ","), config.data.string(), host.empty() ? "-" : fmt::format("{}:{}", host, process.port()));
  wait_for_signal();
  spdlog::info("event=stopping");
  process.stop();
  rabbit.stop();
  spdlog::info("event=stopped");
}

void adapter(Context& context, const Options& options) {
  auto all = settings(*options.process);
  if (!all) return fail_start(context, all.error());
  const auto config = narrowed(std::move(*all), options.channels);
  if (!config) return fail_start(context, config.error());
  if (const auto started = start_process(*config); !started) return fail_start(context, started.error());
  const auto catalogue = catalogue_of(*config);
  if (!catalogue) return fail_start(context, catalogue.error());
  auto how = worker_options(*config, options.channels);
  if (!how) return fail_start(context, how.error());
  auto setup = set_up(*config, *catalogue, context);
  if (!setup) return fail_start(context, setup.error());
  run(context, *config, std::move(*setup), std::move(*how));
}

}  // namespace

void add_adapter(Verb app, Context& context) {
  auto o = std::make_shared<Options>();
  auto verb = app.add_subcommand("adapter", "Run workers of channels: what they publish comes over RabbitMQ");
  verb->footer(
      "Needs RabbitMQ, and HTTPS to a broker for attachments; no database. Any number may run for a channel, each with a data "
      "folder of "
      "its own. With `listen` in the configuration, or --listen, it serves the site that it writes, /search, /healthz, /readyz "
      "and "
      "/metrics. The configuration needs `rabbitmq` and `broker`; the broker's key needs no scope but read.\n"
      "SIGTERM or Ctrl-C stops it cleanly: it finishes or gives back what it holds. kill -9 loses nothing and doubles nothing.\n"
      "Example:\n"
      "  fabu adapter website --config /etc/fabu/fabu.yaml --listen 127.0.0.1:8081");
  verb->add_option("channel", o->channels, "Channels of the configuration")->required()->type_name("CHANNEL");
  o->process = add_process_options(verb, "Address to listen on (default: it does not listen); port 0 picks one and prints it");
  verb->callback([&context, o] { adapter(context, *o); });
}

}  // namespace fabu::cli
