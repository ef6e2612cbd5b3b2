// Passwords and keys that the configuration names by their files.
#pragma once

#include <filesystem>
#include <string>

#include "broker/domain/result.h"

namespace fabu::cli {

// The first line. Fails: io; forbidden when everybody may read the file.
Result<std::string> read_secret(const std::filesystem::path& file);

}  // namespace fabu::cli
