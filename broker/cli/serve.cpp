#include "broker/cli/server_verbs.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "broker/cli/broker.h"
#include "broker/cli/process.h"
#include "broker/cli/public_channels.h"

namespace fabu::cli {
namespace {

Result<BrokerSetup> set_up(const Config& config, const domain::Catalogue& catalogue) {
  auto core = core_setup(config, catalogue);
  if (!core) return core.error();
  BrokerSetup setup;
  setup.core = std::move(*core);
  setup.core.use = StoreUse::alone;
  setup.core.site = site_folder(config, config.data);
  setup.channels = public_channels(config, catalogue, config.data, Sharing::alone);
  return setup;
}

// Names of channels that entries want and nobody runs here: said once, since it is seldom meant for all of them.
void tell_missing_channels(const Config& config, const domain::Catalogue& catalogue) {
  std::vector<std::string> missing;
  for (const auto& entry : catalogue.entries()) {
    for (const auto& wanted : entry.channels) {
      const bool known =
          std::any_of(config.channels.begin(), config.channels.end(), [&](const auto& c) { return c.name == wanted; });
      if (!known && std::find(missing.begin(), missing.end(), wanted) == missing.end()) missing.push_back(wanted);
    }
  }
  if (!missing.empty()) spdlog::info("event=channels_not_set_up names={}", fmt::join(missing, ","));
}

void serve(Context& context, const ProcessOptions& options) {
  const auto config = settings(options);
  if (!config) return fail_start(context, config.error());
  if (const auto started = start_process(*config); !started) return fail_start(context, started.error());
  const auto catalogue = catalogue_of(*config);
  if (!catalogue) return fail_start(context, catalogue.error());
  auto setup = set_up(*config, *catalogue);
  if (!setup) return fail_start(context, setup.error());
  const SystemClock clock;
  auto broker = Broker::start(std::move(*setup), clock);
  if (!broker) return fail_start(context, broker.error());
  tell_missing_channels(*config, *catalogue);
  const auto host = listen_address(*config).host;
  *context.out << fmt::format("fabu {} listens on http://{}:{}\n", FABU_VERSION, host, (*broker)->port()) << std::flush;
  spdlog::info("event=started role=serve version={} listen={}:{} site={} data={} store={}", FABU_VERSION, host, (*broker)->port(),
               (*broker)->base_url(), config->data.string(), config->store.empty() ? "sqlite" : config->store);
  wait_for_signal();
  spdlog::info("event=stopping");
  (*broker)->stop();
  spdlog::info("event=stopped");
}

}  // namespace

void add_serve(Verb app, Context& context) {
  auto verb = app.add_subcommand("serve", "Run all of it in one process: take items, publish them, keep the log");
  verb->footer(
      "Everything lives under the data folder; one server a folder. With `store: postgresql://…` in the configuration, items and "
      "the "
      "log live there, and the folder keeps the site, the log's key and copies of attachments.\n"
      "SIGTERM or Ctrl-C stops it cleanly, kill -9 loses nothing acked.\n"
      "Examples:\n"
      "  fabu serve --data /var/lib/fabu --listen 127.0.0.1:8080 --config /etc/fabu/fabu.yaml\n"
      "  fabu config example > fabu.yaml        # every setting, at its default");
  const auto o = add_process_options(verb, "Address to listen on (default 127.0.0.1:8080); port 0 picks one and prints it");
  verb->callback([&context, o] { serve(context, *o); });
}

}  // namespace fabu::cli
