// fabu serve: the embedded broker as a process.
#pragma once

#include "broker/cli/context.h"
#include "broker/cli/verb.h"

namespace fabu::cli {

// Runs until SIGINT or SIGTERM; a second one ends the process at once.
void add_serve(Verb, Context&);

}  // namespace fabu::cli
