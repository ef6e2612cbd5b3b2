// What the process says when it ends. Scripts rely on these numbers: they never change their meaning.
#pragma once

#include "broker/domain/result.h"

namespace fabu::cli {

enum class Exit : int {
  done = 0,
  refused = 1,      // some of it was refused, or a check found a fault
  usage = 2,        // the command line or the configuration is wrong
  unreachable = 3,  // the server cannot be reached, or stayed busy until --timeout
  not_allowed = 4,  // the key is missing, unknown, revoked, or lacks the scope
  not_found = 5,    // no such item, delivery, channel or key
  local = 6,        // a file here cannot be read or written
};

// The words of --help on exit codes.
inline constexpr const char* kExitCodes =
    "Exit codes: 0 done; 1 refused, or a check failed; 2 usage; 3 server unreachable or busy until --timeout;\n"
    "4 key missing or not allowed; 5 not found; 6 a local file cannot be read or written.";

// The exit code for an HTTP status that is not a success.
Exit exit_for_status(int status);
// The exit code for an error on this side of the wire.
Exit exit_for_error(const Error&);

}  // namespace fabu::cli
