// Logging: one line per event that an operator cares about, key=value on stderr, or one JSON object a line.
#pragma once

#include <string>

#include "broker/domain/result.h"

namespace fabu::ops {

// `level`: debug, info, warn, error. `format`: text or json. Sets up the process's one logger.
Result<void> start_logging(const std::string& level, const std::string& format);

}  // namespace fabu::ops
