// fabu audit verify: what was asked, and doing it.
#pragma once

#include <string>

#include "broker/cli/context.h"

namespace fabu::cli {

struct VerifyOptions {
  std::string what;   // bundle file, log folder, or URL
  std::string key;    // C2SP verifier key; empty = the one that comes with it
  std::string older;  // file with an earlier checkpoint; empty = none
  bool json = false;
};

// Prints the findings and sets the exit code: Exit::refused when something does not hold.
void verify(Context&, const VerifyOptions&);

}  // namespace fabu::cli
