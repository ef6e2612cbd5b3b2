#include "broker/audit/verifier_key.h"

#include <openssl/evp.h>

#include <algorithm>
#include <cstdio>
#include <memory>

#include "broker/audit/base64.h"
#include "broker/audit/bounded_text.h"
#include "proto/fabu/digest.h"

namespace fabu::audit {
namespace {

constexpr std::size_t kPublicKey = 32, kSignature = 64, kTime = 8;

bool ed25519_verify(std::string_view public_key, std::string_view message, std::string_view signature) {
  const auto bytes = [](std::string_view s) { return reinterpret_cast<const unsigned char*>(s.data()); };
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytes(public_key), public_key.size()), EVP_PKEY_free);
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  return key && context && EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
         EVP_DigestVerify(context.get(), bytes(signature), signature.size(), bytes(message), message.size()) == 1;
}

Error not_a_key() {
  return Error{ErrorCode::malformed,
               "verifier key",
               "This is not a verifier key of a log.",
               "Give the whole line that `fabu keys show` prints: name+hash+base64.",
               {}};
}

std::string hex8(std::uint32_t id) {
  char text[9];
  std::snprintf(text, sizeof text, "%08x", static_cast<unsigned>(id));
  return text;
}

}  // namespace

bool is_key_name(std::string_view name) {
  const bool plain = std::none_of(name.begin(), name.end(), [](unsigned char c) { return c <= ' ' || c == 0x7F || c == '+'; });
  return plain && !name.empty() && name.size() <= 255 && bounded_text(name, name.size()) == name &&
         name.find("\u00A0") == std::string_view::npos && name.find("\u3000") == std::string_view::npos;
}

std::uint32_t key_id(std::string_view name, KeyType type, std::string_view public_key) {
  const char middle[] = {'\n', static_cast<char>(type)};
  Sha256 hash;
  hash.update(name);
  hash.update(std::string_view(middle, sizeof middle));
  hash.update(public_key);
  const Digest digest = hash.finish();
  std::uint32_t id = 0;
  for (std::size_t i = 0; i < 4; ++i) id = id << 8 | digest.bytes[i];
  return id;
}

Result<VerifierKey> VerifierKey::parse(std::string_view text) {
  const auto first = text.find('+');
  if (first == std::string_view::npos || text.size() < first + 10 || text[first + 9] != '+') return not_a_key();
  const auto blob = from_base64(text.substr(first + 10));
  if (!blob || blob->size() != 1 + kPublicKey || !is_key_name(text.substr(0, first))) return not_a_key();
  const auto type = static_cast<KeyType>((*blob)[0]);
  if (type != KeyType::ed25519 && type != KeyType::cosignature) return not_a_key();
  VerifierKey key{std::string(text.substr(0, first)), type, blob->substr(1)};
  if (hex8(key.id()) != text.substr(first + 1, 8)) return not_a_key();
  return key;
}

std::string VerifierKey::text() const {
  return name + "+" + hex8(id()) + "+" + base64(static_cast<char>(type) + public_key);
}

bool VerifierKey::verify(std::string_view text, std::string_view signature) const {
  switch (type) {
    case KeyType::ed25519:
      return signature.size() == kSignature && ed25519_verify(public_key, text, signature);
    case KeyType::cosignature: {
      if (signature.size() != kTime + kSignature) return false;
      std::uint64_t seconds = 0;
      for (std::size_t i = 0; i < kTime; ++i) seconds = seconds << 8 | static_cast<unsigned char>(signature[i]);
      return ed25519_verify(public_key, cosigned_message(seconds, text), signature.substr(kTime));
    }
  }
  return false;
}

std::string cosigned_message(std::uint64_t unix_seconds, std::string_view text) {
  return "cosignature/v1\ntime " + std::to_string(unix_seconds) + "\n" + std::string(text);
}

}  // namespace fabu::audit
