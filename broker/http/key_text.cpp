#include "broker/http/key_text.h"

#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <stdexcept>

namespace fabu::http {
namespace {

constexpr std::string_view kAlphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

// Characters that are all equally likely: bytes from 248 on, which 62 does not divide evenly, are thrown away.
std::string random_text(const RandomBytes& random, std::size_t length) {
  std::string text;
  std::array<std::uint8_t, 64> bytes{};
  while (text.size() < length) {
    random(bytes);
    for (const auto byte : bytes) {
      if (byte < 248 && text.size() < length) text.push_back(kAlphabet[byte % kAlphabet.size()]);
    }
  }
  return text;
}

bool in_alphabet(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](unsigned char c) { return c < 128 && std::isalnum(c) != 0; });
}

}  // namespace

RandomBytes system_random() {
  return [](std::span<std::uint8_t> bytes) {
    if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1)
      throw std::runtime_error("the system gives no random bytes");
  };
}

KeyText make_key(const RandomBytes& random) {
  return {random_text(random, kKeyIdLength), random_text(random, kKeySecretLength)};
}

std::optional<KeyText> parse_key(std::string_view text) {
  constexpr std::string_view kPrefix = "fabu_";
  if (text.size() != kPrefix.size() + kKeyIdLength + 1 + kKeySecretLength || !text.starts_with(kPrefix)) return std::nullopt;
  text.remove_prefix(kPrefix.size());
  if (text[kKeyIdLength] != '_') return std::nullopt;
  const auto id = text.substr(0, kKeyIdLength), secret = text.substr(kKeyIdLength + 1);
  if (!in_alphabet(id) || !in_alphabet(secret)) return std::nullopt;
  return KeyText{std::string(id), std::string(secret)};
}

}  // namespace fabu::http
