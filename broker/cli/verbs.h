// The client's verbs, one file each. Each adds its subcommand; what it prints goes to the context's streams, and how it went
// to context.exit. The context must outlive the app.
#pragma once

#include "broker/cli/context.h"
#include "broker/cli/verb.h"

namespace fabu::cli {

void add_submit(Verb, Context&);
void add_items(Verb, Context&);
void add_deliveries(Verb, Context&);
void add_channels(Verb, Context&);
void add_why(Verb, Context&);
void add_audit(Verb, Context&);
void add_keys(Verb, Context&);
void add_config(Verb, Context&);
void add_catalogue(Verb, Context&);
void add_self_description(Verb root, Context&);  // hidden; describes every verb, those that are added later too

// All of the above, in the order that --help shows.
void add_client_verbs(Verb, Context&);

// Parses the command line and runs its verb. Gives the exit code: 0 after --help, Exit::usage for a wrong command line, else
// context.exit. Exceptions of verbs are said on context.err as Exit::local.
int run(CommandLine&, Context&, int argc, const char* const* argv);

}  // namespace fabu::cli
