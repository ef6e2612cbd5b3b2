#include "proto/fabu/digest.h"

#include <gmock/gmock.h>

namespace fabu {
namespace {

// FIPS 180-4 examples (NIST CSRC, SHA-256).
constexpr auto kEmpty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
constexpr auto kAbc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
constexpr auto kTwoBlocks = "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1";
constexpr auto kMillion = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0";

TEST(Digest, IsSha256OfTheExactBytes) {
  EXPECT_EQ(sha256("").hex(), kEmpty);
  EXPECT_EQ(sha256("abc").hex(), kAbc);
  EXPECT_EQ(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq").hex(), kTwoBlocks);
}

TEST(Digest, InPiecesIsThatOfTheWhole) {
  Sha256 hasher;
  for (int i = 0; i < 1000; ++i) hasher.update(std::string(1000, 'a'));
  EXPECT_EQ(hasher.finish().hex(), kMillion);
}

TEST(Digest, BeginsAnewAfterFinish) {
  Sha256 hasher;
  hasher.update("abc");
  hasher.finish();
  EXPECT_EQ(hasher.finish().hex(), kEmpty);
  const std::uint8_t bytes[] = {'a', 'b', 'c'};
  hasher.update(std::span<const std::uint8_t>(bytes));
  Sha256 moved = std::move(hasher);
  EXPECT_EQ(moved.finish().hex(), kAbc);
}

TEST(Digest, ComesBackFromHexAndRaw) {
  const auto digest = sha256("abc");
  EXPECT_EQ(Digest::from_hex(digest.hex()), digest);
  EXPECT_EQ(Digest::from_raw(digest.raw()), digest);
  EXPECT_EQ(digest.view(), digest.raw());
}

TEST(Digest, RefusesOtherLengthsAndDigits) {
  const std::string hex = kAbc;
  EXPECT_EQ(Digest::from_hex(hex.substr(1)), std::nullopt);
  EXPECT_EQ(Digest::from_hex(hex + "0"), std::nullopt);
  EXPECT_EQ(Digest::from_hex("B" + hex.substr(1)), std::nullopt) << "upper case";
  EXPECT_EQ(Digest::from_hex("g" + hex.substr(1)), std::nullopt);
  EXPECT_EQ(Digest::from_hex(" " + hex.substr(1)), std::nullopt);
  EXPECT_EQ(Digest::from_raw(std::string(31, 'x')), std::nullopt);
  EXPECT_EQ(Digest::from_raw(std::string(33, 'x')), std::nullopt);
}

TEST(Digest, OrdersByItsBytes) {
  EXPECT_LT(Digest{}, sha256(""));
  EXPECT_LT(*Digest::from_hex(kAbc), *Digest::from_hex(kEmpty));
}

}  // namespace
}  // namespace fabu
