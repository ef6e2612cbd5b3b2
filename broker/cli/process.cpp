#include "broker/cli/process.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <cstdlib>
#include <utility>

#include "broker/cli/secret_file.h"
#include "broker/cli/service_manager.h"
#include "broker/cli/shipped.h"
#include "broker/ops/logging.h"

namespace fabu::cli {
namespace {

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

}  // namespace

std::shared_ptr<ProcessOptions> add_process_options(Verb verb, const std::string& listen_about) {
  auto o = std::make_shared<ProcessOptions>();
  verb->add_option("--data", o->data, "Data folder, made when missing")->type_name("DIR");
  verb->add_option("--listen", o->listen, listen_about)->type_name("HOST:PORT");
  verb->add_option("--config", o->config, "Configuration file; see `fabu config example`")->type_name("FILE");
  return o;
}

// The file's settings, with what the command line says in their place.
Result<Config> settings(const ProcessOptions& options) {
  Config config;
  if (!options.config.empty()) {
    auto loaded = Config::load(options.config);
    if (!loaded) return loaded.error();
    config = std::move(*loaded);
  }
  if (!options.data.empty()) config.data = options.data;
  if (!options.listen.empty()) {
    config.listen = options.listen;
    config.listen_given = true;
  }
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

void fail_start(Context& context, const Error& error) {
  context.fail(error);
  if (error.code == ErrorCode::invalid) context.exit = Exit::usage;
}

Result<void> start_process(const Config& config) {
  std::signal(SIGPIPE, SIG_IGN);
  return ops::start_logging(word(config.log_level), config.log_format == LogFormat::json ? "json" : "text");
}

Result<domain::Catalogue> catalogue_of(const Config& config) {
  return domain::Catalogue::load((config.catalogue.empty() ? shipped_catalogue() : config.catalogue).string());
}

ListenAddress listen_address(const Config& config) {
  const auto colon = config.listen.rfind(':');
  return {config.listen.substr(0, colon), static_cast<unsigned short>(std::stoul(config.listen.substr(colon + 1)))};
}

namespace {

Result<store::S3Options> bucket_options(const BucketConfig& config) {
  auto secret = read_secret(config.secret_key_file);
  if (!secret) return secret.error();
  return store::S3Options{config.endpoint,   config.region,      config.bucket,
                          config.access_key, std::move(*secret), config.ca_file.string()};
}

}  // namespace

Result<CoreSetup> core_setup(const Config& config, const domain::Catalogue& catalogue) {
  CoreSetup setup;
  setup.data = config.data;
  setup.store = config.store;
  setup.catalogue = catalogue;
  if (config.attachments) {
    auto bucket = bucket_options(*config.attachments);
    if (!bucket) return bucket.error();
    setup.bucket = std::move(*bucket);
  }
  for (const auto& department : config.departments)
    setup.installation.departments.push_back({department.code, department.name, department.uscc});
  for (const auto& channel : config.channels) setup.installation.channels.push_back(channel.name);
  setup.base_url = config.site.url;
  const auto listen = listen_address(config);
  setup.listen_host = listen.host;
  setup.listen_port = listen.port;
  return setup;
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

}  // namespace fabu::cli
