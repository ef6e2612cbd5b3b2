// Signed notes (https://c2sp.org/signed-note): text, a blank line, and a line for each signature. Pure.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "broker/audit/verifier_key.h"
#include "broker/domain/result.h"

namespace fabu::audit {

// Bounds of what is read: a note in bytes, and its signatures (the specification asks for at least 16).
inline constexpr std::size_t kMaxNote = 1 << 20;
inline constexpr std::size_t kMaxSignatures = 100;

// One line `— name base64(key id ‖ signature)`.
struct NoteSignature {
  std::string name;
  std::uint32_t key_id = 0;
  std::string signature;

  std::string line() const;  // with its newline
};

struct Note {
  std::string text;  // ends with a newline
  std::vector<NoteSignature> signatures;

  // Fails (malformed) unless the whole is a signed note with at least one signature. Checks no signature.
  static Result<Note> parse(std::string_view bytes);
  std::string bytes() const;
};

// Reads a note and checks it: every signature of a key in `known` must be good, and there must be one; others are ignored.
// Fails: malformed (not a note), unauthorized (no signature of a known key, or a bad one).
Result<Note> open_note(std::string_view bytes, std::span<const VerifierKey> known);

}  // namespace fabu::audit
