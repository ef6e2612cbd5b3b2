// The log's key of a broker, and whether it is the right one for the store.
#pragma once

#include <optional>
#include <string>

#include "broker/audit/signing_key.h"
#include "broker/cli/data_folder.h"
#include "broker/store/store.h"

namespace fabu::cli {

// The key under the folder, in the log's name. A log that was begun keeps its name; one that another broker began on the same
// store has the name of what that one signed. `begin`: a key is made and a name is fixed where there is none; nothing is given
// otherwise. `base_url`: what a new log takes its name from; empty = one is made up. Fails: conflict when the store's log is
// signed by another key; corrupt when the store went back behind, or contradicts, what was signed.
Result<std::optional<audit::SigningKey>> log_key(const DataFolder&, store::Store&, const std::string& base_url, bool begin);

// Whether what was signed last is of the folder's log. One that began anew after a loss has another name than what was signed
// before.
bool is_of_log(const store::StoredCheckpoint&, const DataFolder&);

}  // namespace fabu::cli
