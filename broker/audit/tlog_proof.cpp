#include "broker/audit/tlog_proof.h"

#include <charconv>

#include "broker/audit/base64.h"
#include "broker/audit/checkpoint.h"
#include "broker/audit/tree.h"

namespace fabu::audit {
namespace {

constexpr std::string_view kFirstLine = "c2sp.org/tlog-proof@v1";
constexpr std::size_t kMaxPath = 64;

Error malformed() {
  return Error{ErrorCode::malformed, "proof", "This is not an offline proof.", "See https://c2sp.org/tlog-proof.", {}};
}

// Takes the next line off `rest`; nothing when it does not end.
std::optional<std::string_view> take_line(std::string_view& rest) {
  const auto end = rest.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  const auto line = rest.substr(0, end);
  rest.remove_prefix(end + 1);
  return line;
}

}  // namespace

std::string TlogProof::text() const {
  std::string out = std::string(kFirstLine) + "\n";
  if (extra) out += "extra " + base64(*extra) + "\n";
  out += "index " + std::to_string(index) + "\n";
  for (const auto& hash : path) out += base64(hash.view()) + "\n";
  return out + "\n" + checkpoint;
}

Result<TlogProof> TlogProof::parse(std::string_view text) {
  TlogProof proof;
  auto rest = text;
  if (take_line(rest) != kFirstLine) return malformed();
  auto line = take_line(rest);
  if (line && line->substr(0, 6) == "extra ") {
    proof.extra = from_base64(line->substr(6));
    if (!proof.extra) return malformed();
    line = take_line(rest);
  }
  if (!line || line->substr(0, 6) != "index ") return malformed();
  const auto digits = line->substr(6);
  if (std::from_chars(digits.data(), digits.data() + digits.size(), proof.index).ec != std::errc{}) return malformed();
  for (line = take_line(rest); line && !line->empty(); line = take_line(rest)) {
    const auto raw = from_base64(*line);
    const auto hash = raw ? Digest::from_raw(*raw) : std::nullopt;
    if (!hash || proof.path.size() == kMaxPath) return malformed();
    proof.path.push_back(*hash);
  }
  if (!line) return malformed();
  proof.checkpoint = std::string(rest);
  // One spelling only.
  if (proof.text() != text) return malformed();
  return proof;
}

Result<void> TlogProof::verify(std::string_view entry, std::span<const VerifierKey> known) const {
  const auto head = open_checkpoint(checkpoint, known);
  if (!head) return head.error();
  if (!verify_inclusion(index, head->size, leaf_hash(entry), path, head->root)) {
    return Error{ErrorCode::corrupt,
                 "proof",
                 "record " + std::to_string(index) + ": the entry is not that leaf of the log.",
                 "The entry or the proof was changed.",
                 {}};
  }
  return {};
}

}  // namespace fabu::audit
