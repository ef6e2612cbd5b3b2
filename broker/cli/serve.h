// fabu serve: the embedded broker as a process.
#pragma once

#include <CLI/CLI.hpp>

#include "broker/cli/context.h"

namespace fabu::cli {

// Runs until SIGINT or SIGTERM; a second one ends the process at once.
void add_serve(CLI::App&, Context&);

}  // namespace fabu::cli
