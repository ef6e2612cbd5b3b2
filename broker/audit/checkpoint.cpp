#include "broker/audit/checkpoint.h"

#include <algorithm>
#include <charconv>
#include <vector>

#include "broker/audit/base64.h"

namespace fabu::audit {
namespace {

Error malformed() {
  return Error{ErrorCode::malformed,
               "checkpoint",
               "The checkpoint is not origin, size and root, a line each.",
               "See https://c2sp.org/tlog-checkpoint.",
               {}};
}

}  // namespace

std::string Checkpoint::text() const {
  return origin + "\n" + std::to_string(size) + "\n" + base64(root.view()) + "\n";
}

Result<Checkpoint> Checkpoint::parse(std::string_view text) {
  const auto first = text.find('\n');
  const auto second = first == std::string_view::npos ? first : text.find('\n', first + 1);
  if (second == std::string_view::npos || first == 0 || text.back() != '\n') return malformed();
  Checkpoint checkpoint;
  checkpoint.origin = std::string(text.substr(0, first));
  const auto digits = text.substr(first + 1, second - first - 1);
  const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), checkpoint.size);
  if (failed != std::errc{} || end != digits.data() + digits.size()) return malformed();
  const auto raw = from_base64(text.substr(second + 1, text.size() - second - 2));
  const auto root = raw ? Digest::from_raw(*raw) : std::nullopt;
  if (!root) return malformed();
  checkpoint.root = *root;
  // One spelling only: no leading zeros, no more lines.
  if (checkpoint.text() != text) return malformed();
  return checkpoint;
}

Result<Checkpoint> read_checkpoint(std::string_view note) {
  const auto parsed = Note::parse(note);
  if (!parsed) return parsed.error();
  return Checkpoint::parse(parsed->text);
}

Result<Checkpoint> open_checkpoint(std::string_view note, std::span<const VerifierKey> known) {
  auto checkpoint = read_checkpoint(note);
  if (!checkpoint) return checkpoint;
  // A key that is trusted for one log, or a witness, says nothing of another log's head.
  std::vector<VerifierKey> own;
  std::copy_if(known.begin(), known.end(), std::back_inserter(own),
               [&](const VerifierKey& key) { return key.type == KeyType::ed25519 && key.name == checkpoint->origin; });
  const auto opened = open_note(note, own);
  if (!opened) return opened.error();
  return checkpoint;
}

}  // namespace fabu::audit
