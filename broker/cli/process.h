// What the roles of the server have in common as processes: their options, settings, log, signals.
#pragma once

#include <memory>
#include <string>

#include "broker/cli/config.h"
#include "broker/cli/context.h"
#include "broker/cli/core.h"
#include "broker/cli/verb.h"
#include "broker/domain/catalogue.h"

namespace fabu::cli {

struct ProcessOptions {
  std::string data, listen, config;
};

// Adds --data, --listen and --config. `listen_about`: what --listen says in --help.
std::shared_ptr<ProcessOptions> add_process_options(Verb, const std::string& listen_about);

// The file's settings, with what the command line says in their place.
Result<Config> settings(const ProcessOptions&);

// Says the error; invalid settings are Exit::usage.
void fail_start(Context&, const Error&);

// Starts the log, and ends the process by no broken pipe.
Result<void> start_process(const Config&);

// The catalogue that the configuration names.
Result<domain::Catalogue> catalogue_of(const Config&);

// A broker's core as the configuration says; no site. Fails as secrets cannot be read.
Result<CoreSetup> core_setup(const Config&, const domain::Catalogue&);

struct ListenAddress {
  std::string host;
  unsigned short port = 0;
};
ListenAddress listen_address(const Config&);

// Until SIGINT or SIGTERM; a second one ends the process at once.
void wait_for_signal();

}  // namespace fabu::cli
