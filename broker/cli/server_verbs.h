// The verbs that open stores and run servers; the client's are in verbs.h.
#pragma once

#include "broker/cli/context.h"
#include "broker/cli/verb.h"

namespace fabu::cli {

// Until SIGINT or SIGTERM; a second one ends the process at once.
void add_serve(Verb, Context&);
void add_broker(Verb, Context&);
void add_adapter(Verb, Context&);
void add_migrate(Verb, Context&);
void add_backup(Verb, Context&);
void add_restore(Verb, Context&);
// Prints what fabu has in RabbitMQ, as definitions to import.
void add_topology(Verb, Context&);

}  // namespace fabu::cli
