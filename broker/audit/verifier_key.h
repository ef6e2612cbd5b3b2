// The public keys that check notes (C2SP signed-note, "verifier key"). Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "broker/domain/result.h"

namespace fabu::audit {

// The algorithms that are known here. Other types in a note are other people's signatures and are ignored.
enum class KeyType : std::uint8_t {
  ed25519 = 0x01,      // a log's key: signs the note's text
  cosignature = 0x04,  // a witness's key: signs "cosignature/v1⏎time T⏎" and the text (C2SP tlog-cosignature)
};

// First 4 bytes, big-endian, of SHA-256(name ‖ 0x0A ‖ type ‖ public key).
std::uint32_t key_id(std::string_view name, KeyType, std::string_view public_key);

// A verifier key: `name+hex(key id)+base64(type ‖ public key)`.
struct VerifierKey {
  std::string name;
  KeyType type = KeyType::ed25519;
  std::string public_key;  // 32 bytes

  // Fails (malformed) on anything but that form, a wrong key id or an unknown type.
  static Result<VerifierKey> parse(std::string_view text);
  std::string text() const;
  std::uint32_t id() const { return key_id(name, type, public_key); }
  // Whether `signature` (what follows the key id in the note) signs `text`. 64 bytes of Ed25519; of a cosignature 8 bytes of
  // big-endian Unix seconds before them.
  bool verify(std::string_view text, std::string_view signature) const;
};

// Whether a name may stand in a note: not empty, no white space, no plus sign, no control characters, valid UTF-8.
bool is_key_name(std::string_view name);

// "cosignature/v1⏎time T⏎" and the checkpoint's text: what a witness signs.
std::string cosigned_message(std::uint64_t unix_seconds, std::string_view text);

}  // namespace fabu::audit
