// The client's verbs, one file each. Each adds its subcommand; what it prints goes to the context's streams, and how it went
// to context.exit. The context must outlive the app.
#pragma once

#include <CLI/CLI.hpp>

#include "broker/cli/context.h"

namespace fabu::cli {

void add_submit(CLI::App&, Context&);
void add_items(CLI::App&, Context&);
void add_deliveries(CLI::App&, Context&);
void add_channels(CLI::App&, Context&);
void add_why(CLI::App&, Context&);
void add_audit(CLI::App&, Context&);
void add_keys(CLI::App&, Context&);
void add_config(CLI::App&, Context&);
void add_catalogue(CLI::App&, Context&);

// All of the above, in the order that --help shows.
void add_client_verbs(CLI::App&, Context&);

// Parses the command line and runs its verb. Gives the exit code: 0 after --help, Exit::usage for a wrong command line, else
// context.exit. Exceptions of verbs are said on context.err as Exit::local.
int run(CLI::App&, Context&, int argc, const char* const* argv);

}  // namespace fabu::cli
