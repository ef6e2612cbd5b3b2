// The signed head of the log (https://c2sp.org/tlog-checkpoint). Pure.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "broker/audit/note.h"
#include "broker/audit/verifier_key.h"
#include "broker/domain/result.h"
#include "proto/fabu/digest.h"

namespace fabu::audit {

struct Checkpoint {
  std::string origin;      // scheme-less URL prefix of the log; also the name of its key
  std::uint64_t size = 0;  // leaves
  Digest root;

  friend bool operator==(const Checkpoint&, const Checkpoint&) = default;

  // Origin, size in decimal and root in base64, a line each.
  std::string text() const;
  // Reads exactly what text() writes; extension lines are refused, since this log has none. Fails: malformed.
  static Result<Checkpoint> parse(std::string_view text);
};

// Reads a signed checkpoint whose signature was not asked about. Fails: malformed.
Result<Checkpoint> read_checkpoint(std::string_view note);
// Reads one that a known key signed, a key whose name is the origin. Fails: malformed, unauthorized.
Result<Checkpoint> open_checkpoint(std::string_view note, std::span<const VerifierKey> known);

}  // namespace fabu::audit
