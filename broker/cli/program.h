// Runs another program of this machine, without a shell.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/domain/result.h"

namespace fabu::cli {

// Where one of PostgreSQL's programs is: in PATH, else the newest of Debian's own folders.
std::optional<std::string> postgres_program(const std::string& name);

// Runs it to its end; `out` takes what it prints, piece by piece, and may be empty. Fails (io) with what it said on standard
// error when it ends otherwise than well.
Result<void> run_program(const std::vector<std::string>& words, const std::function<void(std::string_view)>& out = {});

}  // namespace fabu::cli
