// API keys as text: fabu_{id}_{secret}. The id is public; the secret has 256 random bits and only its SHA-256 is ever stored,
// which is enough because nobody can guess what it is a digest of.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "proto/fabu/digest.h"

namespace fabu::http {

inline constexpr std::size_t kKeyIdLength = 8;       // base 62
inline constexpr std::size_t kKeySecretLength = 43;  // base 62: 256.03 bits

struct KeyText {
  std::string id, secret;

  std::string text() const { return "fabu_" + id + "_" + secret; }
  // What is stored: SHA-256 of the secret's characters.
  Digest digest() const { return sha256(secret); }
};

// Fills bytes with cryptographic randomness; throws when there is none.
using RandomBytes = std::function<void(std::span<std::uint8_t>)>;
RandomBytes system_random();

KeyText make_key(const RandomBytes& random);
// Nothing when the text is not of that form.
std::optional<KeyText> parse_key(std::string_view text);

}  // namespace fabu::http
