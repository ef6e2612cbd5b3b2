// How digests in the contract are made and written: SHA-256 over the exact bytes, 64 lower-case hex digits as text.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace fabu {

// A SHA-256 value. The default is all zeros, which no content has.
struct Digest {
  std::array<std::uint8_t, 32> bytes{};

  friend bool operator==(const Digest&, const Digest&) = default;
  friend auto operator<=>(const Digest&, const Digest&) = default;

  // The 32 raw bytes, as protobuf fields hold them.
  std::string raw() const { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }
  std::string_view view() const { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }
  std::string hex() const;

  // From 32 raw bytes, or from 64 lower-case hex digits; nothing when the length or a digit is wrong.
  static std::optional<Digest> from_raw(std::string_view raw);
  static std::optional<Digest> from_hex(std::string_view hex);
};

Digest sha256(std::string_view bytes);

// Digests bytes that arrive in pieces. Movable; not thread-safe.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;
  void update(std::string_view bytes);
  void update(std::span<const std::uint8_t> bytes);
  Digest finish();  // and starts anew

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

}  // namespace fabu
