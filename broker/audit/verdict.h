// What a verification found.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "proto/fabu/digest.h"

namespace fabu::audit {

// What is wrong, told apart so that an auditor knows where to look.
enum class Fault {
  none,
  unreadable,     // a file or a record cannot be parsed
  missing,        // a file that the log must have is not there, or could not be fetched
  signature,      // the checkpoint, or the older one, is not signed by the key
  sequence_gap,   // a record does not carry the number of its place: one was dropped, added or moved
  time,           // a record is older than the one before it
  leaf,           // a record's hash is not that of the tree's leaf
  tile,           // a tile does not follow from the tile below it
  root,           // the root over the leaves is not that of the checkpoint
  inconsistent,   // an older checkpoint is not a prefix of this log
  chain,          // a record does not name the item's previous record
  contradiction,  // a record contradicts the item's state
  edition,        // an edition's bytes are not those that were received
  receipt,        // a receipt is not the one that was recorded
  opening,        // an opening does not open its record's commitment
};

// A stable word for a fault, for --json and exit texts: "leaf", "sequence_gap" …
const char* fault_name(Fault);

struct Verdict {
  bool ok = true;
  Fault fault = Fault::none;
  std::uint64_t records = 0;             // records that were checked and found good
  std::string failure;                   // the first fault in words, e.g. "record 17: leaf does not match tile/0/000"
  std::optional<std::uint64_t> bad_seq;  // the first bad record, when the fault is a record's
  std::string origin;                    // of the checkpoint, once it was read
  std::uint64_t size = 0;
  Digest root;
  // Whether a key that the caller trusts signed the checkpoint. A log verified without one is only consistent with itself.
  bool trusted = false;

  // Makes this a failure unless it is one already: the first fault stands.
  void fail(Fault, std::string words);
  void fail_record(Fault, std::uint64_t seq, const std::string& words);
};

}  // namespace fabu::audit
