#include "broker/audit/note.h"

#include <algorithm>
#include <optional>

#include "broker/audit/base64.h"
#include "broker/audit/bounded_text.h"

namespace fabu::audit {
namespace {

constexpr std::string_view kDash = "\u2014 ";  // U+2014 and a space

Error malformed(std::string what) {
  return Error{ErrorCode::malformed, "note", std::move(what), "See https://c2sp.org/signed-note.", {}};
}

Error distrusted(std::string what) {
  return Error{ErrorCode::unauthorized,
               "note",
               std::move(what),
               "Compare the verifier key with the one that the log's operator publishes.",
               {}};
}

bool is_note_text(std::string_view bytes) {
  const bool plain =
      std::none_of(bytes.begin(), bytes.end(), [](unsigned char c) { return (c < 0x20 && c != '\n') || c == 0x7F; });
  return plain && bounded_text(bytes, bytes.size()) == bytes;
}

std::optional<NoteSignature> parse_line(std::string_view line) {
  if (line.substr(0, kDash.size()) != kDash) return std::nullopt;
  line.remove_prefix(kDash.size());
  const auto space = line.find(' ');
  if (space == std::string_view::npos || !is_key_name(line.substr(0, space))) return std::nullopt;
  const auto blob = from_base64(line.substr(space + 1));
  if (!blob || blob->size() < 5) return std::nullopt;
  NoteSignature signature{std::string(line.substr(0, space)), 0, blob->substr(4)};
  for (std::size_t i = 0; i < 4; ++i) signature.key_id = signature.key_id << 8 | static_cast<unsigned char>((*blob)[i]);
  return signature;
}

}  // namespace

std::string NoteSignature::line() const {
  std::string blob;
  for (int shift = 24; shift >= 0; shift -= 8) blob += static_cast<char>(key_id >> shift & 255);
  return std::string(kDash) + name + " " + base64(blob + signature) + "\n";
}

Result<Note> Note::parse(std::string_view bytes) {
  if (bytes.size() > kMaxNote) return malformed("The note is longer than 1 MiB.");
  if (!is_note_text(bytes)) return malformed("The note is not UTF-8 text without control characters.");
  const auto blank = bytes.rfind("\n\n");
  if (blank == std::string_view::npos) return malformed("The note has no blank line before its signatures.");
  Note note;
  note.text = std::string(bytes.substr(0, blank + 1));
  auto rest = bytes.substr(blank + 2);
  if (rest.empty() || rest.back() != '\n') return malformed("The note has no signatures, or its last line does not end.");
  while (!rest.empty()) {
    const auto end = rest.find('\n');
    auto signature = parse_line(rest.substr(0, end));
    if (!signature) return malformed("A signature line of the note cannot be read.");
    if (note.signatures.size() == kMaxSignatures) return malformed("The note has more than 100 signatures.");
    note.signatures.push_back(std::move(*signature));
    rest.remove_prefix(end + 1);
  }
  return note;
}

std::string Note::bytes() const {
  std::string out = text + "\n";
  for (const auto& signature : signatures) out += signature.line();
  return out;
}

Result<Note> open_note(std::string_view bytes, std::span<const VerifierKey> known) {
  auto note = Note::parse(bytes);
  if (!note) return note;
  bool good = false;
  for (const auto& signature : note->signatures) {
    const auto key = std::find_if(known.begin(), known.end(),
                                  [&](const VerifierKey& k) { return k.name == signature.name && k.id() == signature.key_id; });
    if (key == known.end()) continue;
    if (!key->verify(note->text, signature.signature))
      return distrusted("The signature of " + signature.name + " does not fit the text.");
    good = true;
  }
  if (!good) return distrusted("The note has no signature of a known key.");
  return note;
}

}  // namespace fabu::audit
