#include "adapters/sdk/http_address.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace fabu::sdk {
namespace asio = boost::asio;

namespace {

struct Range {
  std::uint32_t network;
  unsigned bits;
};

constexpr std::array<Range, 15> kSpecial{{
    {0x00000000, 8},   // this network
    {0x0A000000, 8},   // private
    {0x64400000, 10},  // carrier-grade NAT
    {0x7F000000, 8},   // loopback
    {0xA9FE0000, 16},  // link-local, cloud metadata
    {0xAC100000, 12},  // private
    {0xC0000000, 24},  // IETF protocols
    {0xC0000200, 24},  // documentation
    {0xC0586300, 24},  // 6to4 relays
    {0xC0A80000, 16},  // private
    {0xC6120000, 15},  // benchmarking
    {0xC6336400, 24},  // documentation
    {0xCB007100, 24},  // documentation
    {0xE0000000, 4},   // multicast
    {0xF0000000, 4},   // reserved, broadcast
}};

bool is_public(std::uint32_t address) {
  return std::none_of(kSpecial.begin(), kSpecial.end(), [address](const Range& range) {
    return (address >> (32 - range.bits)) == (range.network >> (32 - range.bits));
  });
}

std::uint32_t ipv4_at(const asio::ip::address_v6::bytes_type& bytes, std::size_t at) {
  return (std::uint32_t{bytes[at]} << 24) | (std::uint32_t{bytes[at + 1]} << 16) | (std::uint32_t{bytes[at + 2]} << 8) |
         bytes[at + 3];
}

}  // namespace

bool is_public(const asio::ip::address& address) {
  if (address.is_v4()) return is_public(address.to_v4().to_uint());
  const auto v6 = address.to_v6();
  const auto bytes = v6.to_bytes();
  if (v6.is_v4_mapped()) return is_public(ipv4_at(bytes, 12));
  if (bytes[0] == 0x20 && bytes[1] == 0x02) return is_public(ipv4_at(bytes, 2));  // 2002::/16, 6to4
  constexpr std::array<std::uint8_t, 12> kNat64{0x00, 0x64, 0xff, 0x9b};          // 64:ff9b::/96
  if (std::equal(kNat64.begin(), kNat64.end(), bytes.begin())) return is_public(ipv4_at(bytes, 12));
  if ((bytes[0] & 0xE0) != 0x20) return false;                                // outside 2000::/3: not global unicast
  if (bytes[0] == 0x20 && bytes[1] == 0x01 && bytes[2] < 0x02) return false;  // 2001::/23, IETF protocols with Teredo
  return !(bytes[0] == 0x20 && bytes[1] == 0x01 && bytes[2] == 0x0d && bytes[3] == 0xb8);  // 2001:db8::/32, documentation
}

}  // namespace fabu::sdk
