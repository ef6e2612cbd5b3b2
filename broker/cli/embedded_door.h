// A door into a data folder that no server holds: the broker opened within this process, without listening or publishing.
#pragma once

#include "broker/cli/door.h"

namespace fabu::cli {

// Keys can be managed and everything can be read. What would change items, deliveries or channels needs the running server, which
// knows the configuration: it is refused (unavailable). Fails: busy when a server holds the folder and does not answer.
Result<std::unique_ptr<Door>> embedded_door(const std::filesystem::path& data);

}  // namespace fabu::cli
