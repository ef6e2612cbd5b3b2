#include "broker/cli/serve.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <cstdlib>
#include <memory>
#include <ostream>
#include <utility>

#include "broker/cli/broker.h"
#include "broker/cli/config.h"
#include "broker/cli/public_channels.h"
#include "broker/cli/service_manager.h"
#include "broker/cli/shipped.h"
#include "broker/ops/logging.h"

namespace fabu::cli {
namespace {

struct Options {
  std::string data, listen, config;
};

const char* word(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return "debug";
    case LogLevel::info:
      return "info";
    case LogLevel::warn:
      return "warn";
    case LogLevel::error:
      return "error";
  }
  return "info";
}

// The file's settings, with what the command line says in their place.
Result<Config> settings(const Options& options) {
  Config config;
  if (!options.config.empty()) {
    auto loaded = Config::load(options.config);
    if (!loaded) return loaded.error();
    config = std::move(*loaded);
  }
  if (!options.data.empty()) config.data = options.data;
  if (!options.listen.empty()) config.listen = options.listen;
  if (config.data.empty())
    return Error{
        ErrorCode::invalid, "--data", "no data folder was given", "give --data DIR, or `data:` in the configuration", {}};
  if (!is_listen_address(config.listen)) {
    return Error{ErrorCode::invalid,
                 "--listen",
                 config.listen + " is not HOST:PORT",
                 "write it as 127.0.0.1:8080 or [::1]:8080; port 0 picks one",
                 {}};
  }
  return config;
}

BrokerSetup set_up(const Config& config, const domain::Catalogue& catalogue) {
  BrokerSetup setup;
  setup.data = config.data;
  setup.catalogue = catalogue;
  for (const auto& department : config.departments)
    setup.installation.departments.push_back({department.code, department.name, department.uscc});
  for (const auto& channel : config.channels) setup.installation.channels.push_back(channel.name);
  setup.channels = public_channels(config, catalogue, config.data);
  setup.site = site_folder(config, config.data);
  setup.base_url = config.site.url;
  const auto colon = config.listen.rfind(':');
  setup.listen_host = config.listen.substr(0, colon);
  setup.listen_port = static_cast<unsigned short>(std::stoul(config.listen.substr(colon + 1)));
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

void wait_for_signal() {
  boost::asio::io_context io;
  boost::asio::signal_set signals(io, SIGINT, SIGTERM);
  signals.async_wait([](const boost::system::error_code&, int) {});
  tell_service_manager("READY=1");
  io.run();
  tell_service_manager("STOPPING=1");
  std::signal(SIGINT, [](int) { std::_Exit(130); });
  std::signal(SIGTERM, [](int) { std::_Exit(143); });
}

void serve(Context& context, const Options& options) {
  const auto fail = [&context](const Error& error) {
    context.fail(error);
    if (error.code == ErrorCode::invalid) context.exit = Exit::usage;
  };
  const auto config = settings(options);
  if (!config) return fail(config.error());
  if (const auto logging = ops::start_logging(word(config->log_level), config->log_format == LogFormat::json ? "json" : "text");
      !logging) {
    return fail(logging.error());
  }
  std::signal(SIGPIPE, SIG_IGN);
  const auto catalogue = domain::Catalogue::load((config->catalogue.empty() ? shipped_catalogue() : config->catalogue).string());
  if (!catalogue) return fail(catalogue.error());
  const SystemClock clock;
  auto broker = Broker::start(set_up(*config, *catalogue), clock);
  if (!broker) return fail(broker.error());
  tell_missing_channels(*config, *catalogue);
  const auto host = config->listen.substr(0, config->listen.rfind(':'));
  *context.out << fmt::format("fabu {} listens on http://{}:{}\n", FABU_VERSION, host, (*broker)->port()) << std::flush;
  spdlog::info("event=started version={} listen={}:{} site={} data={}", FABU_VERSION, host, (*broker)->port(),
               (*broker)->base_url(), config->data.string());
  wait_for_signal();
  spdlog::info("event=stopping");
  (*broker)->stop();
  spdlog::info("event=stopped");
}

}  // namespace

void add_serve(Verb app, Context& context) {
  auto o = std::make_shared<Options>();
  auto verb = app.add_subcommand("serve", "Run the broker: take items, publish them, keep the log");
  verb->footer(
      "Everything lives under the data folder; one server a folder. SIGTERM or Ctrl-C stops it cleanly, kill -9 loses nothing "
      "acked.\n"
      "Examples:\n"
      "  fabu serve --data /var/lib/fabu --listen 127.0.0.1:8080 --config /etc/fabu/fabu.yaml\n"
      "  fabu config example > fabu.yaml        # every setting, at its default");
  verb->add_option("--data", o->data, "Data folder, made when missing")->type_name("DIR");
  verb->add_option("--listen", o->listen, "Address to listen on (default 127.0.0.1:8080); port 0 picks one and prints it")
      ->type_name("HOST:PORT");
  verb->add_option("--config", o->config, "Configuration file; see `fabu config example`")->type_name("FILE");
  verb->callback([&context, o] { serve(context, *o); });
}

}  // namespace fabu::cli
