// Which addresses are not for adapters that fetch what others name (SSRF). Sources: IANA IPv4 and IPv6 Special-Purpose Address
// Registries (RFC 6890), RFC 4193, RFC 4291.
#pragma once

#include <boost/asio/ip/address.hpp>

namespace fabu::sdk {

// Globally reachable unicast. IPv4 inside IPv6 (mapped, 6to4, NAT64) is judged by the IPv4 address.
bool is_public(const boost::asio::ip::address& address);

}  // namespace fabu::sdk
