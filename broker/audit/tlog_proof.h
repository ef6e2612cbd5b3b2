// An offline proof of one leaf in a text file (https://c2sp.org/tlog-proof), file ending .tlog-proof. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "broker/audit/verifier_key.h"
#include "broker/domain/result.h"
#include "proto/fabu/digest.h"

namespace fabu::audit {

// First line `c2sp.org/tlog-proof@v1`, optional `extra <base64>`, `index <n>`, a base64 hash a line (leaf's sibling first), a
// blank line, the checkpoint verbatim.
struct TlogProof {
  std::optional<std::string> extra;  // opaque bytes; we put the entry itself there
  std::uint64_t index = 0;
  std::vector<Digest> path;  // at most 64
  std::string checkpoint;    // the signed note

  std::string text() const;
  // Reads exactly what text() writes. Fails: malformed.
  static Result<TlogProof> parse(std::string_view text);
  // Whether the entry is leaf `index` of a tree whose head a known key signed. Fails: malformed, unauthorized, corrupt (it is
  // not that leaf).
  Result<void> verify(std::string_view entry, std::span<const VerifierKey> known) const;
};

}  // namespace fabu::audit
