// Records that were signed and are gone, and the new log that begins after them.
//
// A log cannot go on under its name and key when records that it had are missing: whoever kept a checkpoint over them could show
// two histories. So a new one begins: it has another name and key, and holds what is left of the old one's records as its first.
// Its first record of its own, the broker's start, says in the clear which records of which log are missing.
#pragma once

#include <cstdint>
#include <string>

#include "broker/cli/data_folder.h"
#include "broker/domain/result.h"

namespace fabu::cli {

struct LostRecords {
  std::string origin;             // of the log that ends
  std::uint64_t from = 0;         // its first record that is missing
  std::uint64_t signed_size = 0;  // how many were signed
  std::string checkpoint;         // that proves it
};

// Prepares a restored data folder: log/key.pem and the checkpoint are put aside as *.before-loss, log/origin is another, and
// log/loss holds the words for the next start.
Result<void> begin_new_log(const DataFolder&, const LostRecords&);

// The words of log/loss; empty = nothing was lost.
std::string loss_to_tell(const DataFolder&);
// They are in the log now.
void loss_was_told(const DataFolder&);

}  // namespace fabu::cli
